// Hash functions whose results are part of stored schedules and traces: fixed for ever, the same on every platform.
#ifndef HOCKET_RUNTIME_HASH_H_
#define HOCKET_RUNTIME_HASH_H_

#include <cstdint>
#include <string_view>

namespace hocket::internal {

// The finalizer of splitmix64 over a combination of both words (Steele, Lea, Flood: Fast splittable pseudorandom number
// generators, 2014).
constexpr std::uint64_t Mix(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t z = a + 0x9e3779b97f4a7c15u * (b + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// FNV-1a, 64 bits.
constexpr std::uint64_t HashText(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

// One element of a spawn path: the `index`-th task that `parent` spawned under `name` (none: among the unnamed ones).
constexpr std::uint64_t ExtendPath(std::uint64_t parent, std::string_view name, std::uint64_t index) noexcept {
  return Mix(name.empty() ? parent : Mix(parent, HashText(name)), index);
}

inline constexpr std::uint64_t kMainId = HashText("main");
inline constexpr std::uint64_t kClockTaskId = HashText("clock");
inline constexpr std::uint64_t kOutsideId = HashText("outside");  // the spawner of tasks that posted functions start
inline constexpr std::uint64_t kRootScopeId = HashText("root scope");
inline constexpr std::uint64_t kSystemNurseryId = HashText("system nursery");
inline constexpr std::uint64_t kRunLocalsId = HashText("run locals");
inline constexpr std::uint64_t kObjectSalt = HashText("object");  // keeps identities of objects and of tasks apart
inline constexpr std::uint64_t kBlockSalt = HashText("block");    // the same for memory, in observed builds

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_HASH_H_
