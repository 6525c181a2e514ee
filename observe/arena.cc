#include "observe/arena.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>

#include "observe/observation.h"

namespace hocket::observe {

struct Arena::Chunk {
  std::uint32_t users;  // atomic: blocks that have not been freed, and the thread that fills it
  std::uint32_t span;   // chunks that belong together
  Chunk* next_free;
  std::uint64_t begins[kGranules / 64];  // bit g: a block begins at the g-th granule
};

// The chunk that a thread fills.
struct Arena::Filling {
  Chunk* chunk;
  std::size_t used;

  static constinit thread_local Filling ours;
};
constinit thread_local Arena::Filling Arena::Filling::ours = {};

namespace {

constinit std::mutex pool_mutex;
constinit std::size_t chunks_used = 0;
// For each chunk that is not the first one of its span, how far behind the first one it is.
std::uint32_t behind_first[(std::size_t{16} << 30) / (std::size_t{64} << 10)];

[[noreturn]] void Die(std::string_view message) {
  static_cast<void>(!write(STDERR_FILENO, message.data(), message.size()));
  std::abort();
}

// In this file, and in those beside it, the code on the way of each access uses no functions of the standard library,
// because those are instrumented.
constexpr std::size_t RoundUp(std::size_t value, std::size_t to) { return (value + to - 1) & ~(to - 1); }

}  // namespace

std::size_t Arena::IndexOf(const Chunk* chunk) noexcept {
  return (reinterpret_cast<std::uintptr_t>(chunk) - base_) / kChunkBytes;
}

// A first chunk with `chunks - 1` behind it, as they were left. Only single ones and those of exactly that length are
// used again.
Arena::Chunk* Arena::Take(std::size_t chunks) noexcept {
  const std::lock_guard lock(pool_mutex);
  for (Chunk** at = &free_[chunks > 1 ? 1 : 0]; *at != nullptr; at = &(*at)->next_free) {
    Chunk* const chunk = *at;
    if (chunk->span != chunks) continue;
    *at = chunk->next_free;
    std::memset(chunk->begins, 0, sizeof(chunk->begins));
    Observation::OfThisThread().ForgetAddresses();
    return chunk;
  }
  if (chunks_used == 0) {
    void* const memory =
        mmap(nullptr, kBytes + kChunkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) Die("hocket: no addresses are left for the memory that is to be observed\n");
    base_ = RoundUp(reinterpret_cast<std::uintptr_t>(memory), kChunkBytes);
  }
  if (chunks > kChunks - chunks_used) Die("hocket: the program takes more memory than can be observed: 16 GiB\n");
  Chunk* const chunk = new (reinterpret_cast<void*>(base_ + chunks_used * kChunkBytes)) Chunk();
  chunk->span = static_cast<std::uint32_t>(chunks);
  for (std::size_t i = 0; i < chunks; ++i) behind_first[chunks_used + i] = static_cast<std::uint32_t>(i);
  chunks_used += chunks;
  return chunk;
}

// One user less.
void Arena::Leave(Chunk* chunk) noexcept {
  if (__atomic_fetch_sub(&chunk->users, 1, __ATOMIC_ACQ_REL) != 1) return;
  const std::lock_guard lock(pool_mutex);
  Chunk*& head = free_[chunk->span > 1 ? 1 : 0];
  chunk->next_free = head;
  head = chunk;
}

void* Arena::Allocate(std::size_t size, std::size_t alignment, ObjectId object) noexcept {
  constexpr std::size_t kFirst = RoundUp(sizeof(Chunk), kAlignment);
  if (alignment < kAlignment) alignment = kAlignment;
  if (size >= std::numeric_limits<std::uint32_t>::max()) Die("hocket: a block of 4 GiB is too large to be observed\n");
  if (alignment > 4096) Die("hocket: a block that is aligned to more than a page cannot be observed\n");
  const std::size_t bytes = RoundUp(size == 0 ? 1 : size, kAlignment);
  const std::size_t most = sizeof(BlockHeader) + alignment + bytes;
  Filling& filling = Filling::ours;
  Chunk* chunk = filling.chunk;
  std::size_t used = filling.used;
  if (chunk == nullptr || used + most > kChunkBytes) [[unlikely]] {
    if (kFirst + most > kChunkBytes / 2) {
      chunk = Take((kFirst + most + kChunkBytes - 1) / kChunkBytes);
      chunk->users = 0;
    } else {
      // Lets the chunk go with its thread.
      struct LeaveAtExit {
        ~LeaveAtExit() {
          if (Chunk* const last = std::exchange(Filling::ours.chunk, nullptr)) Leave(last);
        }
      };
      static thread_local LeaveAtExit at_exit;
      static_cast<void>(at_exit);
      if (chunk != nullptr) Leave(chunk);
      chunk = filling.chunk = Take(1);
      chunk->users = 1;
    }
    used = kFirst;
  }
  const std::uintptr_t start = reinterpret_cast<std::uintptr_t>(chunk);
  const std::uintptr_t block = RoundUp(start + used + sizeof(BlockHeader), alignment);
  const std::size_t granule = (block - start) / kAlignment;
  chunk->begins[granule / 64] |= std::uint64_t{1} << (granule % 64);
  __atomic_fetch_add(&chunk->users, 1, __ATOMIC_RELAXED);
  if (chunk == filling.chunk) filling.used = block + bytes - start;
  void* const result = reinterpret_cast<void*>(block);
  new (&HeaderOf(result)) BlockHeader{object, static_cast<std::uint32_t>(size), 0};
  return result;
}

void Arena::Free(void* block) noexcept {
  BlockHeader& header = HeaderOf(block);
  if (header.freed != 0) Die("hocket: a block is freed twice\n");
  header.freed = 1;
  const std::size_t index = (reinterpret_cast<std::uintptr_t>(block) - base_) / kChunkBytes;
  Leave(reinterpret_cast<Chunk*>(base_ + (index - behind_first[index]) * kChunkBytes));
}

const BlockHeader* Arena::Find(std::uintptr_t address) noexcept {
  const std::size_t index = (address - base_) / kChunkBytes;
  const std::size_t first = index - behind_first[index];
  const std::uintptr_t start = base_ + first * kChunkBytes;
  const Chunk* const chunk = reinterpret_cast<const Chunk*>(start);
  const std::size_t granule = first == index ? (address - start) / kAlignment : kGranules - 1;
  std::size_t word = granule / 64;
  std::uint64_t bits = chunk->begins[word] & (~std::uint64_t{0} >> (63 - granule % 64));
  while (bits == 0) {
    if (word == 0) return nullptr;
    bits = chunk->begins[--word];
  }
  const std::size_t begin = word * 64 + 63 - static_cast<std::size_t>(__builtin_clzll(bits));
  return reinterpret_cast<const BlockHeader*>(start + begin * kAlignment) - 1;
}

void Arena::Rewind() noexcept {
  Filling& filling = Filling::ours;
  if (filling.chunk == nullptr || __atomic_load_n(&filling.chunk->users, __ATOMIC_ACQUIRE) != 1) return;
  std::memset(filling.chunk->begins, 0, sizeof(filling.chunk->begins));
  filling.used = RoundUp(sizeof(Chunk), kAlignment);
}

}  // namespace hocket::observe
