// The memory that steps allocate: blocks that know their names.
//
// A block of the arena is found from any address inside it, by a bit for each 16 bytes of its chunk that says where
// blocks begin. Chunks of 64 KiB are filled from the front; one that has become empty is used again as a whole. A block
// that is larger has chunks of its own.
//
// Threads: any may free; each fills a chunk of its own. Lifetime: static, and blocks may outlive the run that made
// them.
#ifndef OBSERVE_ARENA_H_
#define OBSERVE_ARENA_H_

#include <cstddef>
#include <cstdint>

#include "hocket/access.h"

namespace hocket::observe {

// In front of each block.
struct alignas(16) BlockHeader {
  ObjectId object;
  std::uint32_t size;
  std::uint32_t freed;
};

// The name of blocks that the runtime takes for itself while it works between what the program does: the records of
// tasks and scopes. Headers touch them in steps, but what of that a task can notice of another, the runtime reports.
inline constexpr ObjectId kRuntimeBlock = 0x6b636f6c62;

// A block for the runtime: a coroutine's frame is the program's memory, a record made while steps are not observed is
// not. To be given back by operator delete.
void* AllocateBlock(std::size_t size);

// The step under way, if it is observed, gives up the first `size` bytes of a block that may be the program's memory:
// who reads them does so before.
void TouchFreed(void* block, std::uint32_t size) noexcept;

class Arena {
 public:
  static constexpr std::size_t kAlignment = 16;

  // A block named `object`. Ends the process if there is no room. REQUIRES: `alignment` is a power of two, and at most
  // a page.
  static void* Allocate(std::size_t size, std::size_t alignment, ObjectId object) noexcept;
  // REQUIRES: Contains(block).
  static void Free(void* block) noexcept;

  static bool Contains(const void* address) noexcept {
    return reinterpret_cast<std::uintptr_t>(address) - base_ < kBytes;
  }
  // The header of the block that begins at `block`. REQUIRES: Contains(block).
  static BlockHeader& HeaderOf(void* block) noexcept { return static_cast<BlockHeader*>(block)[-1]; }
  // The header of the block that `address` lies in, or behind; none in front of the first one of a chunk. REQUIRES:
  // Contains(address).
  static const BlockHeader* Find(std::uintptr_t address) noexcept;

  // Lets this thread begin its chunk again, if nothing is left in it.
  static void Rewind() noexcept;

 private:
  static constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
  static constexpr std::size_t kBytes = std::size_t{16} << 30;  // of addresses, not of memory
  static constexpr std::size_t kChunks = kBytes / kChunkBytes;
  static constexpr std::size_t kGranules = kChunkBytes / kAlignment;

  struct Chunk;
  struct Filling;

  static Chunk* Take(std::size_t chunks) noexcept;
  static void Leave(Chunk* chunk) noexcept;
  static std::size_t IndexOf(const Chunk* chunk) noexcept;

  static inline constinit std::uintptr_t base_ = ~std::uintptr_t{0} - kBytes;  // until it is reserved: nothing is in it
  static inline constinit Chunk* free_[2] = {};                                // single chunks, and longer spans
};

}  // namespace hocket::observe

#endif  // OBSERVE_ARENA_H_
