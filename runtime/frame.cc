#include "hocket/internal/frame.h"

#include <exception>
#include <new>
#include <utility>

#include "runtime/scheduler.h"

#if HOCKET_OBSERVE
#include "observe/arena.h"
#endif

// -DHOCKET_KEEP_BLOCKS=0 keeps none anywhere: for tools that look at the heap.
#ifndef HOCKET_KEEP_BLOCKS
#if defined(__SANITIZE_ADDRESS__)
#define HOCKET_KEEP_BLOCKS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOCKET_KEEP_BLOCKS 0
#endif
#endif
#endif
#ifndef HOCKET_KEEP_BLOCKS
#define HOCKET_KEEP_BLOCKS 1
#endif

namespace hocket::internal {

namespace {

struct EmptyCacheAtThreadExit {
  ~EmptyCacheAtThreadExit() {
    BlockCache& cache = BlockCache::ours;
    cache.keeps = false;
    cache.closed = true;
    for (BlockCache::Block*& head : cache.free) {
      while (head != nullptr) {
        BlockCache::Block* const block = head;
        head = block->next;
        ::operator delete(block);
      }
    }
  }
};

}  // namespace

#if HOCKET_OBSERVE
void* AllocateNewBlock(std::size_t size) { return observe::AllocateBlock(size); }
#else
void* AllocateNewBlock(std::size_t size) {
  const std::size_t size_class = BlockCache::ClassOf(size);
  if (!HOCKET_KEEP_BLOCKS || size_class >= BlockCache::kClasses) return ::operator new(size);
  return ::operator new(size_class * BlockCache::kClassBytes + 8);
}
#endif

void FreeUnkeptBlock(void* block, std::size_t size) noexcept {
  const std::size_t size_class = BlockCache::ClassOf(size);
  if (!HOCKET_KEEP_BLOCKS || size_class >= BlockCache::kClasses || BlockCache::ours.closed) {
    ::operator delete(block);
    return;
  }
  static thread_local EmptyCacheAtThreadExit at_exit;
  static_cast<void>(at_exit);
  BlockCache::ours.keeps = true;
  FreeBlock(block, size);
}

void DestroyFrame(Frame* frame) noexcept {
  if (frame->owner != nullptr) *frame->owner = nullptr;
  frame->handle().destroy();
}

void DiscardFrame(Frame* frame) noexcept {
  if (Scheduler::InRun()) Scheduler::Current().NoteNeverAwaited(*frame);
  DestroyFrame(frame);
}

void RootFinished(Frame& frame) noexcept { Scheduler::Current().RootFinished(frame); }

void FailWith(Frame& frame, Failure failure) noexcept {
  frame.failed = true;
  Scheduler::Current().SetFailureUnderWay(std::move(failure));
}

Failure TakeFailure() noexcept { return Scheduler::Current().TakeFailureUnderWay(); }

// Not Failure::Throw: each native frame that has something to clean up makes the exception dearer.
void ThrowFailure() { std::rethrow_exception(TakeFailure().error()); }

bool UnwindIfCancelled(Frame& frame) noexcept { return Scheduler::Current().UnwindIfCancelled(frame); }

#if HOCKET_TRAMPOLINE
std::coroutine_handle<> Transfer(std::coroutine_handle<> next) noexcept {
  Scheduler::Current().RequestResume(next);
  return std::noop_coroutine();
}
#endif

}  // namespace hocket::internal
