// What the code under test does to plain memory, as accesses of the run: build with --config=observe.
//
// clang's -fsanitize=thread puts a call in front of each load, store, atomic operation and block copy. Here are the
// functions that it calls (hooks.cc), instead of ThreadSanitizer's: they tell the run what was touched, by names that
// are the same in every execution. There is one Observation for each thread; it is on while a step of an explored run
// is under way, and off while the runtime or the chooser works in between.
//
// What cannot happen: an access by a task to memory that another one can reach is dropped. Dropped are: what lies on
// the stack above the run, which ends with the step; and, within one step, what the step has done before.
//
// Threads: each has its own. Lifetime: static.
#ifndef OBSERVE_OBSERVATION_H_
#define OBSERVE_OBSERVATION_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "hocket/access.h"
#include "observe/places.h"

namespace hocket::observe {

// The run that listens.
class Listener {
 public:
  // The name of a block of memory that the step under way allocates; 0 if it has none.
  virtual ObjectId NewBlock() noexcept = 0;
  // The step under way touches plain memory.
  virtual void TouchMemory(const Access& access) noexcept = 0;

 protected:
  ~Listener() = default;
};

class Observation {
 public:
  static Observation& OfThisThread() noexcept { return ours_; }

  // From here on steps are observed. The stack up to `frame` is private to each of them; the `size` bytes at `own`
  // belong to the runtime.
  void BeginRun(Listener* listener, const void* frame, const void* own, std::size_t size) noexcept;
  void EndRun() noexcept;
  bool in_run() const noexcept { return listener_ != nullptr; }

  void BeginStep() noexcept {
    ++step_;
    --quiet_;
    in_step_ = true;
  }
  void EndStep() noexcept {
    Flush();
    ++quiet_;
    in_step_ = false;
  }
  // Inside of brackets the program is called after all: what was quiet is given back to Quieten.
  int Resume() noexcept { return in_step_ ? std::exchange(quiet_, 0) : quiet_; }
  void Quieten(int quiet) noexcept { quiet_ = quiet; }
  // Brackets what is not the program's doing.
  void PushQuiet() noexcept { ++quiet_; }
  void PopQuiet() noexcept { --quiet_; }

  // A step is under way, and it is the program that works.
  bool on() const noexcept { return quiet_ == 0; }

  // REQUIRES: on(). `size` bytes at `address` are touched; nothing if it is 0.
  void Touch(const void* address, std::size_t size, AccessKind kind) noexcept {
    const auto from = reinterpret_cast<std::uintptr_t>(address);
    if (from - stack_low_ < stack_size_) return;
    if (size <= kGranule && (from % kGranule) + size <= kGranule && SeenInThisStep(from, size, kind)) return;
    Report(from, size, kind);
  }
  // REQUIRES: on(). A block is freed: all of it changes.
  void TouchBlock(ObjectId block, std::uint32_t size) noexcept { Add({block, 0, size, AccessKind::kWrite}); }
  // REQUIRES: on(). Something happens that cannot be observed.
  void TouchAnything() noexcept;
  // REQUIRES: on().
  ObjectId NewBlock() noexcept { return listener_->NewBlock(); }
  // The memory of blocks is used again under other names.
  void ForgetAddresses() noexcept { ++step_; }

  // Whether calls() is kept up to date.
  void KeepCalls(bool keep) noexcept { keeps_calls_ = keep; }
  // Where the access was made that the listener hears of now.
  const CallChain& calls() const noexcept { return calls_; }
  // The program makes an access here that reaches the listener by itself.
  void NoteCalls() noexcept {
    if (keeps_calls_) calls_ = CallsHere();
  }

 private:
  static constexpr std::uintptr_t kGranule = 16;
  static constexpr std::size_t kSlots = 256;

  // Which bytes of one granule the step under way has reported. A granule that finds its slot taken takes it over, so
  // that something may be reported twice and nothing is lost.
  struct Slot {
    std::uintptr_t granule;
    std::uint64_t step;
    std::uint16_t read;
    std::uint16_t written;
  };

  bool SeenInThisStep(std::uintptr_t from, std::size_t size, AccessKind kind) noexcept {
    const std::uintptr_t granule = from / kGranule;
    const auto bytes = static_cast<std::uint16_t>(((1u << size) - 1) << (from % kGranule));
    Slot& slot = slots_[(granule ^ (granule >> 8)) % kSlots];
    if (slot.granule != granule || slot.step != step_) slot = {granule, step_, 0, 0};
    if (kind == AccessKind::kRead) {
      if ((bytes & ~(slot.read | slot.written)) == 0) return true;
      slot.read |= bytes;
    } else {
      if ((bytes & ~slot.written) == 0) return true;
      slot.written |= bytes;
    }
    return false;
  }
  void Report(std::uintptr_t from, std::size_t size, AccessKind kind) noexcept;
  void Add(const Access& access) noexcept;
  void Flush() noexcept {
    if (pending_.kind != AccessKind::kNone) Deliver();
  }
  void Deliver() noexcept;
  CallChain CallsHere() const noexcept;

  static constinit thread_local Observation ours_;

  int quiet_ = 1;  // on at 0
  bool in_step_ = false;
  std::uint64_t step_ = 0;
  std::uintptr_t stack_low_ = 0;
  std::uintptr_t stack_size_ = 0;
  std::uintptr_t own_ = 0;
  std::uintptr_t own_size_ = 0;
  Listener* listener_ = nullptr;
  Access pending_;  // that the next one may continue
  bool keeps_calls_ = false;
  CallChain pending_calls_ = {};
  CallChain calls_ = {};
  Slot slots_[kSlots] = {};
};
inline constinit thread_local Observation Observation::ours_;

}  // namespace hocket::observe

#endif  // OBSERVE_OBSERVATION_H_
