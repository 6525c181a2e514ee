// Describes an execution: its trace, its exact decisions, and how it deviates from each base.
//
// The idea: while the execution runs, its calls are written down as small records without text, in memory that is kept
// for the next execution; text, positions and bases are made of them when somebody reads the description. So what it
// costs to have a trace is about what it costs to append to a vector. Of a long execution the records are read each
// time that there are many of them, so that they take a fixed amount of memory; what is read is bounded by
// Trace::kMostEvents and kMaxDecisions, and only what replays the execution, its deviations, grows with it.
//
// Tests: tests/describer_test.cc, tests/determinism_test.cc.
#ifndef HOCKET_HARNESS_DESCRIBER_H_
#define HOCKET_HARNESS_DESCRIBER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

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
  std::uint64_t decisions = 0;
  std::vector<Decision> exact;    // all of them; none if they are more than kMaxDecisions
  std::vector<DrawnValue> draws;  // other than 0
  std::array<BaseView, 3> views;  // by kBases
};

// A chooser that asks another one, and an observer: give it to the run as both.
class Describer final : public Chooser, public Observer {
 public:
  enum class Keeps : std::uint8_t {
    kLastEvents,  // Trace::kMostEvents of them
    kAllEvents,
  };

  explicit Describer(Keeps keeps = Keeps::kLastEvents);
  Describer(const Describer&) = delete;
  Describer& operator=(const Describer&) = delete;
  ~Describer() override;

  // `inner` decides the next execution. Forgets the one before.
  void Follow(Chooser& inner);

  // Makes the description. REQUIRES: the execution has ended, and this has not been called since Follow.
  Description Take();

  void Begin(const Executor& executor) noexcept override;
  void Added(AlternativeId id) noexcept override;
  void Removed(AlternativeId id, Removal why) noexcept override;
  void Touched(const Access& access) noexcept override { inner_->Touched(access); }
  bool WantsAccesses() const noexcept override { return inner_->WantsAccesses(); }
  AlternativeId Pick() noexcept override;
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    return inner_->Draw(n, label, kind);
  }
  void End() noexcept override;

  void OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept override;
  void OnStep(std::uint32_t task) noexcept override;
  void OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
              const std::source_location& body) noexcept override;
  void OnCancel(std::uint32_t task) noexcept override;
  void OnExit(std::uint32_t task, const Failure& failure) noexcept override;
  void OnCancelFromOutside(const std::string& path) noexcept override;
  void OnJump(Time now) noexcept override;
  void OnDraw(const char* label, std::uint32_t value) noexcept override;

 private:
  class Reader;

  // One call, or several that follow from each other.
  struct Record {
    enum class Kind : std::uint8_t {
      kAdded,       // the alternative `id` is the task `number`
      kOtherAdded,  // it is others_[number]
      kRemoved,     // the alternative `id`, not because it steps
      kTurn,        // of the alternative `id`: see `turn`
      kStep,        // of the task `id`, in an execution that its chooser has left
      kSpawn,       // of the task `id`, here and below
      kBody,        // its function is that of `where`
      kPark,        // at `text`
      kCancel,      //
      kExit,        // with the failure texts_[number], if `failed`
      kOutside,     // the scope texts_[number] is cancelled
      kJump,        // to the time `number`
      kDraw,        // of the value `id` under the label `text`
      kEnd,         // the chooser leaves the execution
    };
    Kind kind = Kind::kAdded;
    std::uint8_t turn = 0;  // of kPicked, kBegins and kSteps
    bool failed = false;
    std::uint32_t id = 0;
    union {
      const char* text;
      std::int64_t number = 0;
    };
    std::source_location where;
  };
  static constexpr std::uint8_t kPicked = 1;  // it was picked among several
  static constexpr std::uint8_t kBegins = 2;  // its step begins
  static constexpr std::uint8_t kSteps = 4;   // the step is a task's

  struct Task {
    TaskId id = 0;
    std::string path;
    const char* function = nullptr;  // that was noted last
  };
  // An alternative that is no task.
  struct Other {
    AlternativeOwner owner;
    std::string path;
  };

  Record& Append(Record::Kind kind, std::uint32_t id) noexcept {
    if (size_ == records_.size()) [[unlikely]]
      MakeRoom();
    Record& record = records_[size_++];
    record.kind = kind;
    record.turn = 0;
    record.failed = false;
    record.id = id;
    return record;
  }
  // The last record, if it is a turn that has come so far.
  Record* LastTurn(std::uint8_t turn) noexcept {
    if (size_ == 0) return nullptr;
    Record& last = records_[size_ - 1];
    return last.kind == Record::Kind::kTurn && last.turn == turn ? &last : nullptr;
  }
  void MakeRoom();
  void Read();
  std::int64_t IndexOfOther(AlternativeId id, const AlternativeOwner& owner);
  void AddText(Record& record, std::string text);

  static constexpr std::size_t kMostRecords = std::size_t{1} << 16;  // that are not read yet

  Chooser* inner_ = nullptr;
  const Executor* executor_ = nullptr;
  const Keeps keeps_;
  std::vector<Record> records_;  // of which the first are used
  std::size_t size_ = 0;
  std::vector<Task> tasks_;  // by spawn number; also of earlier executions, in which most tasks have the same path
  std::vector<Other> others_;
  std::vector<std::string> texts_;
  std::unique_ptr<Reader> reader_;  // of what has been read
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DESCRIBER_H_
