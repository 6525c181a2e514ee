// What the runtime tells an observed build (--config=observe, docs/observe.md): when the program works and when others
// do. In other builds there is nothing of it.
#ifndef HOCKET_RUNTIME_OBSERVED_H_
#define HOCKET_RUNTIME_OBSERVED_H_

#include "hocket/access.h"

#if HOCKET_OBSERVE
#include "observe/arena.h"
#include "observe/observation.h"
#endif

namespace hocket::internal {

class Scheduler;

#if HOCKET_OBSERVE

// From its making to End, steps are observed if the run is explored.
class ObservedRun final : public observe::Listener {
 public:
  ObservedRun(Scheduler& scheduler, bool explored) noexcept;
  ObservedRun(const ObservedRun&) = delete;
  ObservedRun& operator=(const ObservedRun&) = delete;
  void End() noexcept;

  ObjectId NewBlock() noexcept override;
  void TouchMemory(const Access& access) noexcept override;

 private:
  Scheduler& scheduler_;
};

// While it lives, nothing is observed: the chooser, the observer or the runtime's bookkeeping is at work. What of that
// a task can notice of another, the runtime reports by itself.
class Quiet {
 public:
  Quiet() noexcept { observe::Observation::OfThisThread().PushQuiet(); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  ~Quiet() { observe::Observation::OfThisThread().PopQuiet(); }
};

// While it lives, a function of the program's is called from what is Quiet otherwise.
class ObservedCall {
 public:
  ObservedCall() noexcept : quiet_(observe::Observation::OfThisThread().Resume()) {}
  ObservedCall(const ObservedCall&) = delete;
  ObservedCall& operator=(const ObservedCall&) = delete;
  ~ObservedCall() { observe::Observation::OfThisThread().Quieten(quiet_); }

 private:
  const int quiet_;
};

// While it lives, and the run is explored, what the program does is observed.
class ObservedStep {
 public:
  ObservedStep() noexcept : observed_(observe::Observation::OfThisThread().in_run()) {
    if (observed_) observe::Observation::OfThisThread().BeginStep();
  }
  ObservedStep(const ObservedStep&) = delete;
  ObservedStep& operator=(const ObservedStep&) = delete;
  ~ObservedStep() {
    if (observed_) observe::Observation::OfThisThread().EndStep();
  }

 private:
  const bool observed_;
};

// The program makes an access here, which it reports by itself.
inline void NoteCalls() noexcept { observe::Observation::OfThisThread().NoteCalls(); }

// The program's memory at the beginning of `block`, which lives on, is of no use any more.
inline void NoteFreed(void* block, std::uint32_t size) noexcept { observe::TouchFreed(block, size); }

#else

class ObservedRun {
 public:
  ObservedRun(Scheduler&, bool) noexcept {}
  void End() noexcept {}
};

class Quiet {
 public:
  Quiet() noexcept {}
};

class ObservedCall {
 public:
  ObservedCall() noexcept {}
};

class ObservedStep {
 public:
  ObservedStep() noexcept {}
};

inline void NoteCalls() noexcept {}
inline void NoteFreed(void*, std::uint32_t) noexcept {}

#endif

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_OBSERVED_H_
