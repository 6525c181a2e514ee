#include "observe/places.h"

#include <cstddef>
#include <cstring>
#include <string_view>

// Of libbacktrace, which comes with g++; its header is in g++'s own folder.
extern "C" {
struct backtrace_state;
using BacktraceError = void (*)(void* data, const char* message, int error);
using BacktraceLine = int (*)(void* data, std::uintptr_t pc, const char* file, int line, const char* function);
backtrace_state* backtrace_create_state(const char* program, int threaded, BacktraceError, void* data);
int backtrace_pcinfo(backtrace_state*, std::uintptr_t pc, BacktraceLine, BacktraceError, void* data);
}

namespace hocket::observe {

namespace {

enum class Owner { kProgram, kLibrary, kHocket };

Owner OwnerOf(std::string_view file) {
  // Bazel compiles there.
  if (constexpr std::string_view kFolder = "/proc/self/cwd/"; file.starts_with(kFolder))
    file.remove_prefix(kFolder.size());
  const auto holds = [file](std::string_view part) { return file.find(part) != std::string_view::npos; };
  // Shared is the program's way to have a value, and the hooks stand between the program and every access.
  if (file.starts_with("/usr/") || holds("/c++/") || holds("include/hocket/shared.h") || holds("observe/hooks.cc") ||
      holds("observe/observation.") || holds("observe/places.") || holds("observe/standard_library.cc") ||
      holds("observe/allocation.cc") || holds("runtime/shared.cc") || holds("runtime/observed.h")) {
    return Owner::kLibrary;
  }
  if (holds("include/hocket/") || file.starts_with("runtime/") || file.starts_with("./runtime/") ||
      holds("/hocket/runtime/")) {
    return Owner::kHocket;
  }
  return Owner::kProgram;
}

struct Lookup {
  std::optional<SourceLine> line;
  bool decided = false;
};

// Called for each line at an address, those of inlined functions first. Anything but 0 ends it.
int Look(void* data, std::uintptr_t, const char* file, int line, const char*) {
  auto& lookup = *static_cast<Lookup*>(data);
  if (file == nullptr || line <= 0) return 0;
  const Owner owner = OwnerOf(file);
  if (owner == Owner::kLibrary) return 0;
  lookup.decided = true;
  if (owner == Owner::kProgram) lookup.line = {file, line};
  return 1;
}

void Ignore(void*, const char*, int) {}

}  // namespace

CallChain CallsBelow(const void* frame, std::uintptr_t end) noexcept {
  CallChain calls{};
  auto at = reinterpret_cast<std::uintptr_t>(frame);
  for (std::uintptr_t& call : calls) {
    std::uintptr_t next = 0;
    if (at >= end || at % sizeof(void*) != 0) break;
    std::memcpy(&call, reinterpret_cast<const void*>(at + sizeof(void*)), sizeof(call));
    std::memcpy(&next, reinterpret_cast<const void*>(at), sizeof(next));
    if (next <= at) break;
    at = next;
  }
  return calls;
}

std::optional<SourceLine> ProgramLine(const CallChain& calls) {
  static backtrace_state* const state = backtrace_create_state(nullptr, /*threaded=*/1, &Ignore, nullptr);
  Lookup lookup;
  for (const std::uintptr_t call : calls) {
    if (call == 0 || lookup.decided) break;
    backtrace_pcinfo(state, call - 1, &Look, &Ignore, &lookup);
  }
  return lookup.line;
}

}  // namespace hocket::observe
