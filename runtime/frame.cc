#include "hocket/internal/frame.h"

#include <array>
#include <new>

#include "runtime/scheduler.h"

#if defined(__SANITIZE_ADDRESS__)
#define HOCKET_KEEP_BLOCKS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOCKET_KEEP_BLOCKS 0
#endif
#endif
#ifndef HOCKET_KEEP_BLOCKS
#define HOCKET_KEEP_BLOCKS 1
#endif

namespace hocket::internal {

namespace {

constexpr std::size_t kClassBytes = 64;
constexpr std::size_t kClasses = 32;  // larger blocks are not kept

struct FreeBlockLink {
  FreeBlockLink* next;
};

// The blocks that a thread keeps, by size class. It holds no state of any run: only memory that nobody uses.
struct BlockCache {
  std::array<FreeBlockLink*, kClasses> free{};
  bool armed = false;   // its thread will empty it
  bool closed = false;  // its thread is ending
};
constinit thread_local BlockCache cache;

struct EmptyCacheAtThreadExit {
  ~EmptyCacheAtThreadExit() {
    cache.closed = true;
    for (FreeBlockLink*& head : cache.free) {
      while (head != nullptr) {
        FreeBlockLink* const block = head;
        head = block->next;
        ::operator delete(block);
      }
    }
  }
};

void ArmCache() {
  cache.armed = true;
  static thread_local EmptyCacheAtThreadExit at_exit;
  static_cast<void>(at_exit);
}

constexpr std::size_t ClassOf(std::size_t size) { return (size - 1) / kClassBytes; }

}  // namespace

void* AllocateBlock(std::size_t size) {
  const std::size_t size_class = ClassOf(size);
  if (!HOCKET_KEEP_BLOCKS || size_class >= kClasses) return ::operator new(size);
  FreeBlockLink*& head = cache.free[size_class];
  if (head == nullptr) return ::operator new((size_class + 1) * kClassBytes);
  FreeBlockLink* const block = head;
  head = block->next;
  return block;
}

void FreeBlock(void* block, std::size_t size) noexcept {
  const std::size_t size_class = ClassOf(size);
  if (!HOCKET_KEEP_BLOCKS || size_class >= kClasses || cache.closed) {
    ::operator delete(block);
    return;
  }
  if (!cache.armed) ArmCache();
  cache.free[size_class] = new (block) FreeBlockLink{cache.free[size_class]};
}

void DestroyFrame(Frame* frame) noexcept {
  if (frame->owner != nullptr) *frame->owner = nullptr;
  frame->handle.destroy();
}

void RootFinished() noexcept { Scheduler::Current().RootFinished(); }

#if HOCKET_TRAMPOLINE
std::coroutine_handle<> Transfer(std::coroutine_handle<> next) noexcept {
  Scheduler::Current().RequestResume(next);
  return std::noop_coroutine();
}
#endif

}  // namespace hocket::internal
