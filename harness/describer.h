// Describes an execution while it runs: its trace, its exact decisions, and how it deviates from each base.
#ifndef HOCKET_HARNESS_DESCRIBER_H_
#define HOCKET_HARNESS_DESCRIBER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>
#include <vector>

#include "harness/base_order.h"
#include "harness/position_tracker.h"
#include "hocket/chooser.h"
#include "hocket/observer.h"
#include "hocket/testing/schedule.h"
#include "hocket/testing/trace.h"

namespace hocket::testing {

inline constexpr std::array<Base, 3> kBases = {Base::kStay, Base::kFifo, Base::kSpawn};

// An execution as seen from one base.
struct BaseView {
  std::vector<Deviation> deviations;
  std::vector<std::size_t> marked;  // the steps in the trace that deviate
};

struct Description {
  Trace trace;
  std::vector<Decision> exact;
  std::vector<DrawnValue> draws;  // other than 0
  std::array<BaseView, 3> views;  // by kBases
};

// A chooser that asks another one, and an observer: give it to the run as both. Slow; searching does without it.
class Describer final : public Chooser, public Observer {
 public:
  explicit Describer(Chooser& inner);

  // REQUIRES: the execution has ended.
  Description Take() { return std::move(description_); }

  void Begin(const Executor& executor) noexcept override;
  void Added(AlternativeId id) noexcept override;
  void Removed(AlternativeId id, Removal why) noexcept override;
  void Touched(const Access& access) noexcept override { inner_.Touched(access); }
  bool WantsAccesses() const noexcept override { return inner_.WantsAccesses(); }
  AlternativeId Pick() noexcept override;
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override;
  void End() noexcept override { inner_.End(); }

  void OnSpawn(std::uint32_t task, const std::string& path) noexcept override;
  void OnStep(std::uint32_t task) noexcept override;
  void OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
              const std::source_location& body) noexcept override;
  void OnCancel(std::uint32_t task) noexcept override;
  void OnExit(std::uint32_t task, const Failure& failure) noexcept override;
  void OnCancelFromOutside(const std::string& path) noexcept override;
  void OnJump(Time now) noexcept override;
  void OnDraw(const char* label, std::uint32_t value) noexcept override;

 private:
  TraceEvent& Append(TraceEvent::Kind kind, std::uint32_t task);
  // The event that a decision led to.
  void NoteDecision(TraceEvent& event);

  Chooser& inner_;
  const Executor* executor_ = nullptr;
  std::array<BaseOrder, 3> orders_;
  PositionTracker positions_;
  std::string last_path_;           // of the alternative that stepped last
  std::uint32_t stepping_ = 0;      // the task whose step is under way
  std::uint32_t alternatives_ = 1;  // of the decision that the next step follows
  std::array<bool, 3> deviates_{};  // whether that decision deviates
  Description description_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DESCRIBER_H_
