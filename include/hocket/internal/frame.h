// The part of a coroutine frame that the runtime knows: who awaits it, who owns it, and where it stands.
#ifndef HOCKET_INTERNAL_FRAME_H_
#define HOCKET_INTERNAL_FRAME_H_

#include <coroutine>
#include <cstddef>
#include <new>
#include <source_location>
#include <utility>

#include "hocket/failure.h"

// g++ keeps a native stack frame for each symmetric transfer unless it optimises, and under sanitizers; there a
// transfer goes through the run loop instead.
#if defined(__GNUC__) && !defined(__clang__) && (!defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__))
#define HOCKET_TRAMPOLINE 1
#else
#define HOCKET_TRAMPOLINE 0
#endif

namespace hocket::internal {

// Memory for frames and run state: blocks in size classes, kept for reuse by the thread that frees them. A block is a
// plain heap block of its own, so any thread may free it. Under AddressSanitizer nothing is kept, so that a use after
// free is seen, and in observed builds neither, so that each block has a name of its own.
struct BlockCache {
  // Blocks of 8, 24, 40 ... bytes: with its own 8, the heap has no bytes left over.
  static constexpr std::size_t kClassBytes = 16;
  static constexpr std::size_t kClasses = 128;  // larger blocks are not kept
  struct Block {
    Block* next;
  };
  static constexpr std::size_t ClassOf(std::size_t size) { return (size + 7) / kClassBytes; }

  Block* free[kClasses] = {};
  bool keeps = false;   // what is freed; set when the thread has promised to empty the cache
  bool closed = false;  // the thread is ending

  static constinit thread_local BlockCache ours;
};
inline constinit thread_local BlockCache BlockCache::ours;

void* AllocateNewBlock(std::size_t size);
void FreeUnkeptBlock(void* block, std::size_t size) noexcept;

// Whether a block is new depends on earlier runs: a fuzzer that sees it takes it for news about its input.
#if defined(__has_feature)
#if __has_feature(coverage_sanitizer)
#define HOCKET_NOT_COVERED __attribute__((noinline, no_sanitize("coverage")))
#endif
#endif
#ifndef HOCKET_NOT_COVERED
#define HOCKET_NOT_COVERED
#endif

// Inline, because the size of most is known where they are called.
#if HOCKET_OBSERVE
inline void* AllocateBlock(std::size_t size) { return AllocateNewBlock(size); }
inline void FreeBlock(void* block, std::size_t) noexcept { ::operator delete(block); }
#else
HOCKET_NOT_COVERED inline void* AllocateBlock(std::size_t size) {
  const std::size_t size_class = BlockCache::ClassOf(size);
  if (size_class < BlockCache::kClasses) {
    BlockCache::Block*& head = BlockCache::ours.free[size_class];
    if (head != nullptr) [[likely]] {
      BlockCache::Block* const block = head;
      head = block->next;
      return block;
    }
  }
  return AllocateNewBlock(size);
}
HOCKET_NOT_COVERED inline void FreeBlock(void* block, std::size_t size) noexcept {
  const std::size_t size_class = BlockCache::ClassOf(size);
  if (size_class < BlockCache::kClasses && BlockCache::ours.keeps) [[likely]] {
    BlockCache::Block*& head = BlockCache::ours.free[size_class];
    head = new (block) BlockCache::Block{head};
  } else {
    FreeUnkeptBlock(block, size);
  }
}
#endif

// The base of every promise. A suspended frame is destroyed either by the awaiter that owns it or by the run loop,
// which then clears that awaiter's slot; never by both.
//
// A body that has ended with a failure leaves that with the run, on its way to the awaiter, which is next to run: see
// FailWith.
struct Frame {
  Frame* parent = nullptr;        // the frame that awaits this one; none for the root frame of a task
  Frame** owner = nullptr;        // the slot, in an awaiter, that owns this frame; none before it is awaited
  std::source_location location;  // of the co_await that the frame stands at; of the function before the first one
  bool captures = false;          // the awaiter takes a cancellation as a value; otherwise it goes on to the parent
  bool failed = false;            // the body has ended, and not with a value

  // A promise stands behind two pointers, whatever it is derived from this: Promise sees to its alignment.
  std::coroutine_handle<> handle() noexcept { return std::coroutine_handle<Frame>::from_promise(*this); }

  static void* operator new(std::size_t size) { return AllocateBlock(size); }
  static void operator delete(void* block, std::size_t size) noexcept { FreeBlock(block, size); }
};

// Destroys a suspended frame and tells its owner.
void DestroyFrame(Frame* frame) noexcept;

// Destroys the frame of a task that nobody has awaited, and lets the run report it.
void DiscardFrame(Frame* frame) noexcept;

// Called when `frame`, the root frame of the current task, has come to its end.
void RootFinished(Frame& frame) noexcept;

// Notes how the body of `frame` ended. Whoever goes on with its awaiter, or ends the task, takes the failure; nothing
// else runs between.
void FailWith(Frame& frame, Failure failure) noexcept;
Failure TakeFailure() noexcept;
[[noreturn]] void ThrowFailure();
// A group of nothing but cancellations was thrown: makes the current task unwind from `frame`. False otherwise.
bool UnwindIfCancelled(Frame& frame) noexcept;

// Makes the current task unwind from `frame`, in the step under way. REQUIRES: cancellation.is_cancelled().
void UnwindFrom(Frame& frame, Failure cancellation) noexcept;

// Goes on with `next`: directly, or through the run loop where the compiler cannot.
#if HOCKET_TRAMPOLINE
std::coroutine_handle<> Transfer(std::coroutine_handle<> next) noexcept;
#else
inline std::coroutine_handle<> Transfer(std::coroutine_handle<> next) noexcept { return next; }
#endif

struct FinalAwaiter {
  FinalAwaiter() noexcept {}
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> handle) noexcept {
    Frame& frame = handle.promise();
    if (frame.failed && UnwindIfCancelled(frame)) [[unlikely]]
      return std::noop_coroutine();
    if (frame.parent != nullptr) return Transfer(frame.parent->handle());
    RootFinished(frame);
    return std::noop_coroutine();
  }
  void await_resume() const noexcept {}
};

}  // namespace hocket::internal

#endif  // HOCKET_INTERNAL_FRAME_H_
