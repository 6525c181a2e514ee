// Breakpoint: stops a replay in the debugger before one of its steps.
//
// The idea: steps, jumps of the clock and cancellations from outside are counted as the lanes number them, so the
// number that a report shows is the one to stop at. The process then says what is about to happen and raises SIGTRAP.
// It is an observer, because that hears of a step when it has been decided and has not begun.
//
// Test: tests/debugging/debugging_test.cc.
#ifndef HOCKET_HARNESS_BREAKPOINT_H_
#define HOCKET_HARNESS_BREAKPOINT_H_

#include <cstdint>
#include <source_location>
#include <string>
#include <vector>

#include "harness/detectors/passing_observer.h"

namespace hocket::testing {

class Breakpoint final : public PassingObserver {
 public:
  // Stops before this step, counted from 1; 0: never.
  explicit Breakpoint(std::uint64_t step) : step_(step) {}

  // Whether the next execution is the one to stop in.
  bool Wanted() const noexcept { return step_ > 0 && !spent_; }

  void OnBegin() noexcept override;
  void OnEnd() noexcept override;
  void OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept override;
  void OnStep(std::uint32_t task) noexcept override;
  void OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
              const std::source_location& body) noexcept override;
  void OnCancelFromOutside(const std::string& path) noexcept override;
  void OnJump(Time now) noexcept override;

 private:
  struct Standing {
    std::string path;
    const char* operation = "start";
    std::source_location where;
  };
  bool Due() noexcept { return ++steps_ == step_; }
  void Stop(const std::string& what) const noexcept;

  static inline bool spent_ = false;

  const std::uint64_t step_;
  std::uint64_t steps_ = 0;
  std::vector<Standing> tasks_;  // by spawn number
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_BREAKPOINT_H_
