// Instruments: hooks into a run for metrics, logs and debugging in production, several at a time.
//
//     class CountSteps : public Instrument {
//      public:
//       void BeforeStep(std::uint32_t) override { ++steps; }
//       int steps = 0;
//     };
//     CountSteps counter;
//     Instruments instruments;
//     instruments.Add(counter);
//     Run(main, {.observer = &instruments});
//
// The hooks of one event are called in the order in which the instruments were added. An instrument whose hook throws
// is removed, and the run goes on. Threads: the run's. Lifetime: an instrument outlives its membership.
#ifndef HOCKET_INSTRUMENTS_H_
#define HOCKET_INSTRUMENTS_H_

#include <cstdint>
#include <functional>
#include <source_location>
#include <string>
#include <vector>

#include "hocket/failure.h"
#include "hocket/observer.h"
#include "hocket/time.h"

namespace hocket {

// Tasks are named by their spawn number: 0 is the main task. A hook runs inside the run loop: it must not wait, nor
// call into the run but for SnapshotTasks and CurrentStatistics.
class Instrument {
 public:
  virtual ~Instrument() = default;

  virtual void BeforeRun() {}
  virtual void AfterRun() {}
  virtual void TaskSpawned(std::uint32_t task, const std::string& path);
  // The task can run now.
  virtual void TaskScheduled(std::uint32_t task);
  virtual void BeforeStep(std::uint32_t task);
  // The task stands at `operation` now ("exit": it has ended), in the user's code at `where`.
  virtual void AfterStep(std::uint32_t task, const char* operation, const std::source_location& where);
  virtual void TaskExited(std::uint32_t task, const Failure& failure);
  // No task can run: the run waits for a post, or until `until` at the latest.
  virtual void BeforeWait(Time until);
  virtual void AfterWait();
};

class Instruments final : public Observer {
 public:
  // `on_error` hears of each instrument that is removed because it threw. Without one, it is written to standard error.
  explicit Instruments(std::function<void(const Failure& failure)> on_error = nullptr);

  // Also during a run, and from a hook: takes part from the next event on. REQUIRES: not among them.
  void Add(Instrument& instrument);
  // Throws MisuseError if it is not among them.
  void Remove(Instrument& instrument);

  void OnBegin() noexcept override;
  void OnEnd() noexcept override;
  void OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept override;
  void OnReady(std::uint32_t task) noexcept override;
  void OnStep(std::uint32_t task) noexcept override;
  void OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
              const std::source_location& body) noexcept override;
  void OnCancel(std::uint32_t) noexcept override {}
  void OnExit(std::uint32_t task, const Failure& failure) noexcept override;
  void OnJump(Time) noexcept override {}
  void OnDraw(const char*, std::uint32_t) noexcept override {}
  void OnIdle(Time until) noexcept override;
  void OnWoken() noexcept override;

 private:
  template <class Hook>
  void ForEach(Hook hook) noexcept;

  std::vector<Instrument*> instruments_;  // none in place of one that is removed while hooks are called
  std::function<void(const Failure&)> on_error_;
  int calling_ = 0;
};

}  // namespace hocket

#endif  // HOCKET_INSTRUMENTS_H_
