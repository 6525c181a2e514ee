// The seam, rule by rule: every run of this file goes through a chooser that checks the contract of hocket/chooser.h.

#include "hocket/chooser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

// Decides by `decide(n)`, an index into the alternatives in the order of their adding, and fails the test if the run
// breaks a rule.
class CheckingChooser final : public Chooser {
 public:
  explicit CheckingChooser(std::function<std::uint32_t(std::uint32_t)> decide) : decide_(std::move(decide)) {}

  void Begin(const Executor& executor) noexcept override {
    EXPECT_EQ(phase_, Phase::kBefore) << "a chooser serves one run here";
    phase_ = Phase::kDuring;
    executor_ = &executor;
    EXPECT_EQ(executor.LastStep().task, PathHash("main"));
    EXPECT_STREQ(executor.LastStep().operation, "start");
    EXPECT_EQ(executor.now(), Time{});
  }

  void Added(AlternativeId id) noexcept override {
    EXPECT_EQ(phase_, Phase::kDuring);
    EXPECT_EQ(std::count(alternatives.begin(), alternatives.end(), id), 0) << "added twice: " << id;
    alternatives.push_back(id);
    const AlternativeInfo info = executor_->Describe(id);
    const std::string path = executor_->Path(id);
    EXPECT_EQ(PathHash(path), info.standing.task) << path;
    if (info.kind == AlternativeKind::kClock) {
      EXPECT_EQ(path, "clock");
      EXPECT_EQ(info.standing.task, ClockId());
      clock = id;
    } else {
      const auto [known, is_new] = spawn_numbers.emplace(path, info.spawn_number);
      EXPECT_EQ(known->second, info.spawn_number) << path;
      if (is_new) {
        EXPECT_STREQ(info.standing.operation, "start");
      }
    }
    highest = std::max(highest, id);
  }

  void Removed(AlternativeId id, Removal why) noexcept override {
    EXPECT_EQ(phase_, Phase::kDuring);
    const auto place = std::find(alternatives.begin(), alternatives.end(), id);
    EXPECT_NE(place, alternatives.end()) << "removed, but never added: " << id;
    if (place != alternatives.end()) alternatives.erase(place);
    if (why != Removal::kPicked) {
      EXPECT_FALSE(picked_);
      ++(why == Removal::kDisabled ? disabled : withdrawn);
      return;
    }
    EXPECT_EQ(withdrawn, 0) << "only the end of the run withdraws";
    if (picked_) {
      EXPECT_EQ(id, picked_id_) << "a step that was not picked";
    } else {
      EXPECT_TRUE(alternatives.empty()) << "a step that nobody picked, with an alternative to it";
    }
    picked_ = false;
    CheckLastStep();
    const AlternativeInfo info = executor_->Describe(id);
    last_task_ = info.standing.task;
    last_operation_ = info.standing.operation;
    trace.push_back(executor_->Path(id) + " " + info.standing.operation);
    touched.emplace_back();
    declared.push_back(info.declared);
    ++steps;
  }

  void Touched(const Access& access) noexcept override {
    EXPECT_EQ(phase_, Phase::kDuring);
    if (!touched.empty()) touched.back().push_back(access);
  }

  AlternativeId Pick() noexcept override {
    EXPECT_EQ(phase_, Phase::kDuring);
    EXPECT_GE(alternatives.size(), 2u) << "asked, although there is no choice";
    EXPECT_FALSE(picked_) << "asked twice";
    CheckLastStep();
    picked_ = true;
    picked_id_ = alternatives[decide_(static_cast<std::uint32_t>(alternatives.size()))];
    ++picks;
    return picked_id_;
  }

  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind) noexcept override {
    EXPECT_EQ(phase_, Phase::kDuring);
    EXPECT_GE(n, 2u);
    EXPECT_GT(steps, 0u) << "drawn outside a step";
    const std::uint32_t value = decide_(n);
    trace.push_back(std::string(label) + "=" + std::to_string(value));
    return value;
  }

  void End() noexcept override {
    EXPECT_EQ(phase_, Phase::kDuring);
    EXPECT_TRUE(alternatives.empty()) << "what can no longer run is withdrawn before the end";
    EXPECT_FALSE(picked_);
    phase_ = Phase::kAfter;
  }

  bool ended() const { return phase_ == Phase::kAfter; }

  std::vector<AlternativeId> alternatives;  // in the order of adding
  std::map<std::string, std::uint32_t> spawn_numbers;
  Log trace;
  std::vector<std::vector<Access>> touched;  // by step
  std::vector<Access> declared;              // by step
  AlternativeId clock = ~AlternativeId{0};
  AlternativeId highest = 0;
  std::uint64_t steps = 0;
  std::uint64_t picks = 0;
  int disabled = 0;
  int withdrawn = 0;

 private:
  enum class Phase { kBefore, kDuring, kAfter };

  // The alternative that stepped last is the one that was removed last, and it stands elsewhere or at its end now.
  void CheckLastStep() const {
    if (steps == 0) return;
    EXPECT_EQ(executor_->LastStep().task, last_task_);
    EXPECT_STRNE(executor_->LastStep().operation, "start");
  }

  std::function<std::uint32_t(std::uint32_t)> decide_;
  const Executor* executor_ = nullptr;
  Phase phase_ = Phase::kBefore;
  bool picked_ = false;
  AlternativeId picked_id_ = 0;
  TaskId last_task_ = 0;
  std::string last_operation_;
};

// splitmix64, reduced by its remainder.
class Seeded {
 public:
  explicit Seeded(std::uint64_t seed) : state_(seed) {}
  std::uint32_t operator()(std::uint32_t n) {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::uint32_t>((z ^ (z >> 31)) % n);
  }

 private:
  std::uint64_t state_;
};

std::uint32_t First(std::uint32_t) { return 0; }
std::uint32_t Last(std::uint32_t n) { return n - 1; }

// Gives `picks` one by one, then 0.
std::function<std::uint32_t(std::uint32_t)> Script(std::vector<std::uint32_t> picks) {
  return
      [picks, next = std::size_t{0}](std::uint32_t n) mutable { return next < picks.size() ? picks[next++] % n : 0; };
}

// ---------------------------------------------------------------- programs

Task<> Yielding(Log& log, std::string name, int times) {
  for (int i = 0; i < times; ++i) {
    log.push_back(name);
    co_await Checkpoint();
  }
}

// Uses everything that makes a task ready, or not.
Task<> Mixed(Log& log) {
  Event event;
  CancelScope scope;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("waiter"), [&]() -> Task<> {
      co_await event.Wait();
      log.push_back("woken");
    });
    nursery.StartSoon(TaskName("waiter"), [&]() -> Task<> {
      const ScopeExit exit = co_await WithScope(scope, [&]() -> Task<> { co_await event.Wait(); });
      log.push_back(exit.cancelled_caught ? "cancelled" : "not cancelled");
    });
    nursery.StartSoon(TaskName("setter"), [&]() -> Task<> {
      co_await Checkpoint();
      event.Set();
      co_await Sleep(2s);
    });
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await ShieldedCheckpoint();
      scope.Cancel();
    });
    nursery.StartSoon([&]() -> Task<> {
      const ScopeExit exit = co_await MoveOnAfter(1s, [&]() -> Task<> { co_await Yielding(log, "y", 3); });
      log.push_back(exit.cancelled_caught ? "too slow" : "in time");
      log.push_back("drew " + std::to_string(Choose(3, "fault")));
    });
    nursery.StartSoon([&]() -> Task<> {
      co_await WithNursery([&](Nursery& inner) -> Task<> {
        inner.StartSoon(TaskName("grand.child"), Yielding, std::ref(log), "g", 2);
        inner.StartSoon([&]() -> Task<> { co_await Sleep(1s); });
        co_return;
      });
    });
    co_await Checkpoint();
  });
}

struct Policy {
  TimePasses time_passes;
  PassLength pass;
};
constexpr Policy kPolicies[] = {{TimePasses::kWhenIdle, PassLength::kStep},
                                {TimePasses::kWhenIdle, PassLength::kBatch},
                                {TimePasses::kAnytime, PassLength::kStep},
                                {TimePasses::kAnytime, PassLength::kBatch}};

RunOptions With(CheckingChooser& chooser, Policy policy = kPolicies[0], Observer* observer = nullptr) {
  return {.time_passes = policy.time_passes, .pass = policy.pass, .chooser = &chooser, .observer = observer};
}

// ---------------------------------------------------------------- the protocol

TEST(Seam, KeepsItsContractInEveryRun) {
  std::set<Log> logs;
  for (const Policy& policy : kPolicies) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      CheckingChooser chooser{Seeded(seed)};
      Log log;
      const RunOutcome outcome = RunVirtual([&]() -> Task<> { co_await Mixed(log); }, With(chooser, policy));
      EXPECT_TRUE(outcome.completed()) << outcome.ToString();
      EXPECT_TRUE(chooser.ended());
      EXPECT_EQ(chooser.steps, outcome.steps);
      EXPECT_GT(chooser.picks, 0u);
      EXPECT_LE(chooser.highest, 10u) << "handles are dense";
      logs.insert(log);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(logs.size(), 50u) << "the schedules differ";
}

TEST(Seam, KeepsItsContractInRunsThatAreGivenUp) {
  for (const Policy& policy : kPolicies) {
    for (std::uint64_t limit = 1; limit < 15; ++limit) {
      CheckingChooser chooser{Seeded(limit)};
      Log log;
      RunOptions options = With(chooser, policy);
      options.max_steps = limit;
      const RunOutcome outcome = RunVirtual([&]() -> Task<> { co_await Mixed(log); }, options);
      EXPECT_EQ(outcome.kind, RunOutcome::Kind::kStepLimit);
      EXPECT_TRUE(chooser.ended());
      EXPECT_EQ(chooser.steps, limit);
      if (HasFailure()) return;
    }
  }
}

TEST(Seam, KeepsItsContractInADeadlock) {
  CheckingChooser chooser{First};
  const RunOutcome outcome = RunVirtual([]() -> Task<> { co_await SleepForever(); }, With(chooser));
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kDeadlock);
  EXPECT_TRUE(chooser.ended());
  EXPECT_EQ(chooser.trace, Log{"main start"});
}

TEST(Seam, KeepsItsContractIfTheMainCallableThrows) {
  CheckingChooser chooser{First};
  RunVirtual(
      []() -> Task<> {
        Throw("no task");
        return []() -> Task<> { co_return; }();
      },
      With(chooser));
  EXPECT_TRUE(chooser.ended());
  EXPECT_EQ(chooser.steps, 0u);
}

TEST(Seam, DoesNotAskWhereThereIsNoChoice) {
  CheckingChooser chooser{First};
  Log log;
  RunVirtual([&]() -> Task<> { co_await Yielding(log, "a", 10); }, With(chooser));
  EXPECT_EQ(chooser.picks, 0u);
  EXPECT_EQ(chooser.steps, 11u);
}

TEST(Seam, SameDecisionsSameRun) {
  for (const Policy& policy : kPolicies) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      CheckingChooser a{Seeded(seed)}, b{Seeded(seed)};
      Recorder recorder_a, recorder_b;
      Log log_a, log_b;
      RunVirtual([&]() -> Task<> { co_await Mixed(log_a); }, With(a, policy, &recorder_a));
      RunVirtual([&]() -> Task<> { co_await Mixed(log_b); }, With(b, policy, &recorder_b));
      EXPECT_EQ(a.trace, b.trace);
      EXPECT_EQ(a.touched, b.touched);
      EXPECT_EQ(a.spawn_numbers, b.spawn_numbers);
      EXPECT_EQ(log_a, log_b);
      EXPECT_EQ(recorder_a.parks, recorder_b.parks);
      EXPECT_EQ(recorder_a.order, recorder_b.order);
    }
  }
}

TEST(Seam, HandlesDoNotDependOnEarlierRunsOfTheRunner) {
  Runner runner;
  std::vector<Log> traces;
  std::vector<AlternativeId> highest;
  for (std::uint64_t limit : {0, 7, 0, 3, 0}) {
    CheckingChooser chooser{Seeded(3)};
    Log log;
    RunOptions options = With(chooser);
    options.clock = ClockKind::kVirtual;
    options.max_steps = limit;
    runner.Run([&]() -> Task<> { co_await Mixed(log); }, options);
    if (limit == 0) {
      traces.push_back(chooser.trace);
      highest.push_back(chooser.highest);
    }
  }
  EXPECT_EQ(traces[0], traces[1]);
  EXPECT_EQ(traces[0], traces[2]);
  EXPECT_EQ(highest[0], highest[1]);
  EXPECT_EQ(highest[0], highest[2]);
}

TEST(Seam, FirstInFirstOutIsWhatARunWithoutAChooserDoes) {
  CheckingChooser chooser{First};
  Recorder with, without;
  Log log_with, log_without;
  RunVirtual([&]() -> Task<> { co_await Mixed(log_with); }, With(chooser, kPolicies[0], &with));
  RunVirtual([&]() -> Task<> { co_await Mixed(log_without); }, {.observer = &without});
  EXPECT_EQ(with.order, without.order);
  EXPECT_EQ(with.parks, without.parks);
  EXPECT_EQ(log_with, log_without);
}

// A deadline that a step moves into the past expires when the pass ends, so a pass has the same length in both.
TEST(Seam, ADeadlineMovedIntoThePastExpiresAtTheSameStepWithoutAChooser) {
  for (const PassLength pass : {PassLength::kStep, PassLength::kBatch}) {
    Log logs[2];
    CheckingChooser chooser{First};
    for (int i = 0; i < 2; ++i) {
      Log& log = logs[i];
      RunOptions options{.pass = pass};
      if (i == 1) options.chooser = &chooser;
      RunVirtual(
          [&]() -> Task<> {
            CancelScope scope;
            co_await WithNursery([&](Nursery& nursery) -> Task<> {
              nursery.StartSoon([&]() -> Task<> {
                co_await WithScope(scope, []() -> Task<> { co_await SleepForever(); });
                log.push_back("expired");
              });
              co_await Checkpoint();
              nursery.StartSoon([&]() -> Task<> {
                scope.set_deadline(Now());
                co_return;
              });
              nursery.StartSoon(Yielding, std::ref(log), "other", 3);
              co_return;
            });
          },
          options);
    }
    EXPECT_EQ(logs[0], logs[1]);
    EXPECT_EQ(logs[0], (pass == PassLength::kStep ? Log{"other", "expired", "other", "other"}
                                                  : Log{"other", "other", "expired", "other"}));
  }
}

// ---------------------------------------------------------------- passes and time

TEST(PassLength, AStepLetsOneTaskRunAgainWhileOthersWait) {
  CheckingChooser chooser{Last};  // the one that became ready last
  Log log;
  RunVirtual(
      [&]() -> Task<> {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon(Yielding, std::ref(log), "a", 3);
          nursery.StartSoon(Yielding, std::ref(log), "b", 3);
          co_return;
        });
      },
      With(chooser));
  EXPECT_EQ(log, (Log{"b", "b", "b", "a", "a", "a"}));
}

TEST(PassLength, ABatchRunsEveryReadyTaskOnce) {  // S2
  for (const TimePasses time_passes : {TimePasses::kWhenIdle, TimePasses::kAnytime}) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      CheckingChooser chooser{Seeded(seed)};
      Log log;
      RunVirtual(
          [&]() -> Task<> {
            co_await WithNursery([&](Nursery& nursery) -> Task<> {
              for (const char* name : {"a", "b", "c", "d"}) nursery.StartSoon(Yielding, std::ref(log), name, 5);
              for (int i = 1; i < 4; ++i)
                nursery.StartSoon([i]() -> Task<> { co_await Sleep(std::chrono::seconds(i)); });
              co_return;
            });
          },
          With(chooser, {time_passes, PassLength::kBatch}));
      EXPECT_EQ(log.size(), 20u);
      for (std::size_t batch = 0; batch < log.size(); batch += 4) {
        EXPECT_EQ(std::set<std::string>(log.begin() + batch, log.begin() + batch + 4).size(), 4u)
            << "seed " << seed << ", batch " << batch / 4;
      }
      if (HasFailure()) return;
    }
  }
}

TEST(PassLength, ABatchOffersTasksOnlyFromTheNextOne) {  // S2, S6
  CheckingChooser chooser{Last};
  Log log;
  RunVirtual(
      [&]() -> Task<> {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon(Yielding, std::ref(log), "a", 2);
          nursery.StartSoon([&]() -> Task<> {
            log.push_back("b");
            nursery.StartSoon(Yielding, std::ref(log), "c", 1);
            co_return;
          });
          co_return;
        });
      },
      With(chooser, {TimePasses::kWhenIdle, PassLength::kBatch}));
  EXPECT_EQ(log, (Log{"b", "a", "a", "c"}));
}

TEST(TimePasses, AnytimeMakesTheClockAnAlternative) {
  std::set<std::string> endings;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CheckingChooser chooser{Seeded(seed)};
    RunVirtual(
        [&]() -> Task<> {
          const ScopeExit exit = co_await MoveOnAfter(1s, []() -> Task<> {
            for (int i = 0; i < 3; ++i) co_await Checkpoint();
          });
          endings.insert(exit.cancelled_caught ? "too slow" : "in time");
        },
        With(chooser, {TimePasses::kAnytime, PassLength::kStep}));
  }
  EXPECT_EQ(endings, (std::set<std::string>{"too slow", "in time"}));
}

TEST(TimePasses, TheClockStepsToTheEarliestDeadline) {
  // main start, then with main at its checkpoint and the clock: the clock.
  CheckingChooser chooser{Last};
  Recorder recorder;
  const RunOutcome outcome = RunVirtual(
      []() -> Task<> {
        const ScopeExit exit = co_await MoveOnAfter(1s, []() -> Task<> {
          co_await Checkpoint();
          ADD_FAILURE() << "time has passed";
        });
        EXPECT_TRUE(exit.cancelled_caught);
        EXPECT_EQ(Now(), At(1s));
      },
      With(chooser, {TimePasses::kAnytime, PassLength::kStep}, &recorder));
  EXPECT_EQ(chooser.trace, (Log{"main start", "clock Jump", "main Checkpoint", "main Cancelled"}));
  EXPECT_EQ(chooser.declared[1], (Access{.object = ClockId(), .kind = AccessKind::kWrite}));
  EXPECT_EQ(recorder.jumps, std::vector<Time>{At(1s)});
  EXPECT_EQ(outcome.steps, 4u) << "the clock's step counts";
}

// When nothing else can run, time passes without a decision: the clock is then no alternative.
TEST(TimePasses, NobodyIsAskedWhenTheRunIsIdle) {
  struct JumpProbe final : Recorder {
    void OnJump(Time now) noexcept override {
      Recorder::OnJump(now);
      EXPECT_EQ(std::count(chooser->alternatives.begin(), chooser->alternatives.end(), chooser->clock), 0);
    }
    CheckingChooser* chooser = nullptr;
  };
  CheckingChooser chooser{First};
  JumpProbe probe;
  probe.chooser = &chooser;
  RunVirtual(
      []() -> Task<> {
        co_await WithNursery([](Nursery& nursery) -> Task<> {
          for (int i = 1; i < 4; ++i) {
            nursery.StartSoon([i]() -> Task<> {
              co_await Sleep(std::chrono::seconds(i));
              co_await Checkpoint();
            });
          }
          co_return;
        });
      },
      With(chooser, {TimePasses::kAnytime, PassLength::kStep}, &probe));
  EXPECT_EQ(probe.jumps.size(), 3u);
  EXPECT_LT(std::count(chooser.trace.begin(), chooser.trace.end(), "clock Jump"), 3)
      << "the first jump is nobody's decision";
  EXPECT_GT(chooser.disabled, 0);
}

TEST(TimePasses, TheClockIsNoAlternativeWithoutADeadlineAhead) {
  CheckingChooser chooser{Last};
  Log log;
  RunVirtual(
      [&]() -> Task<> {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon(Yielding, std::ref(log), "a", 3);
          nursery.StartSoon(Yielding, std::ref(log), "b", 3);
          co_return;
        });
      },
      With(chooser, {TimePasses::kAnytime, PassLength::kStep}));
  EXPECT_EQ(chooser.clock, ~AlternativeId{0});
}

TEST(TimePasses, NeverBackwards) {
  for (const Policy& policy : kPolicies) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      CheckingChooser chooser{Seeded(seed)};
      Recorder recorder;
      Log log;
      RunVirtual(
          [&]() -> Task<> {
            co_await Sleep(5s);
            co_await WithNursery([&](Nursery& nursery) -> Task<> {
              nursery.StartSoon(Yielding, std::ref(log), "a", 3);
              nursery.StartSoon([]() -> Task<> {
                co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
                  scope.set_deadline(At(1s));
                  co_await Sleep(1s);
                });
              });
              nursery.StartSoon([]() -> Task<> { co_await Sleep(1s); });
              co_return;
            });
          },
          With(chooser, policy, &recorder));
      EXPECT_TRUE(std::is_sorted(recorder.jumps.begin(), recorder.jumps.end()));
      EXPECT_EQ(std::adjacent_find(recorder.jumps.begin(), recorder.jumps.end()), recorder.jumps.end())
          << "a jump to where the clock stood";
    }
  }
}

// ---------------------------------------------------------------- identities

TEST(Identity, IsTheHashOfTheSpawnPath) {
  CheckingChooser chooser{First};
  Log log;
  RunVirtual([&]() -> Task<> { co_await Mixed(log); }, With(chooser));
  std::set<std::string> paths;
  std::set<TaskId> ids;
  for (const auto& [path, number] : chooser.spawn_numbers) {
    paths.insert(path);
    ids.insert(PathHash(path));
  }
  EXPECT_EQ(paths, (std::set<std::string>{"main", "main/waiter.0", "main/waiter.1", "main/setter.0", "main/canceller.0",
                                          "main/0", "main/1", "main/1/grand.child.0", "main/1/0"}));
  EXPECT_EQ(ids.size(), paths.size());
  EXPECT_EQ(chooser.spawn_numbers["main"], 0u);
}

TEST(Identity, IsTheSameInEverySchedule) {
  std::set<std::vector<std::string>> sets;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CheckingChooser chooser{Seeded(seed)};
    Log log;
    RunVirtual([&]() -> Task<> { co_await Mixed(log); }, With(chooser));
    std::vector<std::string> paths;
    for (const auto& [path, number] : chooser.spawn_numbers) paths.push_back(path);
    sets.insert(paths);
  }
  EXPECT_EQ(sets.size(), 1u);
}

TEST(Identity, IsFixedForEver) {
  EXPECT_EQ(PathHash("main"), 0x1f5962a2ce9803c8u);
  EXPECT_EQ(PathHash("main/0"), 0x120bc39e6bf404e3u);
  EXPECT_EQ(PathHash("main/0/worker.1"), 0x9f160eddb3a752fau);
  EXPECT_NE(PathHash("main/0"), PathHash("main/1"));
  EXPECT_NE(PathHash("main/0"), PathHash("main/a.0"));
  EXPECT_NE(PathHash("main/a.0"), PathHash("main/a.1"));
  EXPECT_NE(PathHash("main/a.0"), PathHash("main/b.0"));
  EXPECT_NE(PathHash("main/0/1"), PathHash("main/1/0"));
  EXPECT_EQ(PathHash("clock"), ClockId());
}

TEST(Identity, TheClockComesLastInSpawnOrder) {
  struct Probe final : Chooser {
    void Begin(const Executor& executor) noexcept override { executor_ = &executor; }
    void Added(AlternativeId id) noexcept override {
      const AlternativeInfo info = executor_->Describe(id);
      if (info.kind == AlternativeKind::kClock) {
        EXPECT_GT(info.spawn_number, 1'000'000u);
      }
      ready.push_back(id);
    }
    void Removed(AlternativeId id, Removal) noexcept override { std::erase(ready, id); }
    AlternativeId Pick() noexcept override { return ready.front(); }
    std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }
    const Executor* executor_ = nullptr;
    std::vector<AlternativeId> ready;
  } chooser;
  RunVirtual([]() -> Task<> { co_await MoveOnAfter(1s, []() -> Task<> { co_await Checkpoint(); }); },
             {.time_passes = TimePasses::kAnytime, .chooser = &chooser});
}

// ---------------------------------------------------------------- draws, standings, accesses

TEST(Draw, IsTheChoosersValue) {
  CheckingChooser chooser{Script({2, 1})};
  Recorder recorder;
  std::vector<std::uint32_t> drawn;
  RunVirtual(
      [&]() -> Task<> {
        for (std::uint32_t n : {3u, 1u, 2u, 5u}) drawn.push_back(Choose(n, "fault"));
        co_return;
      },
      With(chooser, kPolicies[0], &recorder));
  EXPECT_EQ(drawn, (std::vector<std::uint32_t>{2, 0, 1, 0})) << "one value is no choice, and is not asked for";
  EXPECT_EQ(recorder.draws, (Log{"fault=2", "fault=1", "fault=0"}));
}

TEST(Standing, IsTheOperationThatTheTaskWaitsIn) {
  CheckingChooser chooser{First};
  RunVirtual(
      []() -> Task<> {
        Event event;
        event.Set();
        co_await Checkpoint();
        co_await ShieldedCheckpoint();
        co_await event.Wait();
        co_await Sleep(0s);
        co_await Sleep(1s);
        co_await WithNursery([](Nursery&) -> Task<> { co_return; });
        co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
          scope.Cancel();
          co_await CheckpointIfCancelled();
        });
      },
      With(chooser));
  EXPECT_EQ(chooser.trace, (Log{"main start", "main Checkpoint", "main Checkpoint", "main Event.Wait", "main Sleep",
                                "main Sleep", "main Nursery.Exit", "main Checkpoint", "main Cancelled"}));
}

TEST(LastStep, IsWhereTheTaskStandsNow) {
  struct Probe final : Chooser {
    void Begin(const Executor& executor) noexcept override { executor_ = &executor; }
    void Added(AlternativeId id) noexcept override { ready.push_back(id); }
    void Removed(AlternativeId id, Removal) noexcept override { std::erase(ready, id); }
    AlternativeId Pick() noexcept override {
      const Standing last = executor_->LastStep();
      seen.push_back((last.task == PathHash("main")     ? "main "
                      : last.task == PathHash("main/0") ? "main/0 "
                                                        : "main/1 ") +
                     std::string(last.operation));
      return ready.front();
    }
    std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }
    const Executor* executor_ = nullptr;
    std::vector<AlternativeId> ready;
    Log seen;
  } chooser;
  RunVirtual(
      []() -> Task<> {
        co_await WithNursery([](Nursery& nursery) -> Task<> {
          nursery.StartSoon([]() -> Task<> { co_return; });
          nursery.StartSoon([]() -> Task<> { co_await Checkpoint(); });
          co_await Checkpoint();
        });
      },
      {.chooser = &chooser});
  EXPECT_EQ(chooser.seen, (Log{"main Checkpoint", "main/0 exit", "main/1 Checkpoint"}));
}

TEST(Access, ACheckpointDeclaresWhatItIsTold) {
  CheckingChooser chooser{First};
  constexpr Access kRead{.object = 42, .offset = 8, .size = 4, .kind = AccessKind::kRead};
  RunVirtual(
      [&]() -> Task<> {
        co_await Checkpoint(kRead);
        co_await Checkpoint();
        co_await ShieldedCheckpoint();
      },
      With(chooser));
  EXPECT_EQ(chooser.declared,
            (std::vector<Access>{{}, kRead, {.kind = AccessKind::kOpaque}, {.kind = AccessKind::kOpaque}}));
}

TEST(Access, AWaitDeclaresTheObjectThatItsWakerTouches) {
  std::set<ObjectId> events, nurseries;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CheckingChooser chooser{Seeded(seed)};
    RunVirtual(
        []() -> Task<> {
          Event event;
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            nursery.StartSoon([&]() -> Task<> { co_await event.Wait(); });
            nursery.StartSoon([&]() -> Task<> {
              event.Set();
              co_return;
            });
            co_return;
          });
        },
        With(chooser));
    for (std::size_t step = 0; step < chooser.trace.size(); ++step) {
      const bool event_wait = chooser.trace[step] == "main/0 Event.Wait";
      if (!event_wait && chooser.trace[step] != "main Nursery.Exit") continue;
      const Access declared = chooser.declared[step];
      EXPECT_EQ(declared.kind, AccessKind::kWait);
      EXPECT_NE(declared.object, 0u);
      (event_wait ? events : nurseries).insert(declared.object);
      Access signal = declared;
      signal.kind = AccessKind::kSignal;
      EXPECT_TRUE(std::any_of(
          chooser.touched.begin(), chooser.touched.begin() + step,
          [&](const std::vector<Access>& touched) { return std::count(touched.begin(), touched.end(), signal) == 1; }));
    }
  }
  EXPECT_EQ(events.size(), 1u) << "the same identity in every schedule";
  EXPECT_EQ(nurseries.size(), 1u);
  EXPECT_NE(events, nurseries);
}

TEST(Access, ACancellationWritesItsScopes) {
  CheckingChooser chooser{First};
  RunVirtual(
      []() -> Task<> {
        co_await WithScope(CancelScope(), [](CancelScope& outer) -> Task<> {
          co_await WithScope(CancelScope(), [&](CancelScope&) -> Task<> {
            outer.Cancel();
            co_return;
          });
        });
      },
      With(chooser));
  std::set<ObjectId> written;
  for (const Access& access : chooser.touched[0]) {
    if (access.kind == AccessKind::kWrite) written.insert(access.object);
  }
  EXPECT_EQ(written.size(), 2u) << "the scope and the one inside, which it cancels as well";
}

TEST(Access, ReadingTheClockIsOne) {
  CheckingChooser chooser{First};
  RunVirtual(
      []() -> Task<> {
        static_cast<void>(Now());
        co_return;
      },
      With(chooser));
  EXPECT_EQ(std::count(chooser.touched[0].begin(), chooser.touched[0].end(),
                       (Access{.object = ClockId(), .kind = AccessKind::kRead})),
            1);
}

TEST(Conflict, NeedsOverlapAndAChange) {
  const Access read{.object = 1, .kind = AccessKind::kRead};
  const Access write{.object = 1, .kind = AccessKind::kWrite};
  const Access wait{.object = 1, .kind = AccessKind::kWait};
  const Access signal{.object = 1, .kind = AccessKind::kSignal};
  const Access update{.object = 1, .kind = AccessKind::kUpdate};
  const Access elsewhere{.object = 2, .kind = AccessKind::kWrite};
  const Access opaque{.kind = AccessKind::kOpaque};
  const Access none;
  const Access yield{.object = 1, .kind = AccessKind::kYield};
  EXPECT_FALSE(Conflict(read, read));
  EXPECT_FALSE(Conflict(read, wait));
  EXPECT_FALSE(Conflict(wait, wait));
  EXPECT_TRUE(Conflict(read, write));
  EXPECT_TRUE(Conflict(write, write));
  EXPECT_TRUE(Conflict(wait, signal));
  EXPECT_TRUE(Conflict(update, read));
  EXPECT_FALSE(Conflict(write, elsewhere));
  EXPECT_TRUE(Conflict(opaque, none));
  EXPECT_TRUE(Conflict(read, opaque));
  EXPECT_FALSE(Conflict(none, write));
  EXPECT_FALSE(Conflict(yield, write));
}

TEST(Conflict, OfRangesNeedsThemToOverlap) {
  const auto range = [](std::uint32_t offset, std::uint32_t size) {
    return Access{.object = 1, .offset = offset, .size = size, .kind = AccessKind::kWrite};
  };
  EXPECT_TRUE(Conflict(range(0, 4), range(3, 1)));
  EXPECT_FALSE(Conflict(range(0, 4), range(4, 4)));
  EXPECT_TRUE(Conflict(range(0, 0), range(100, 4))) << "no size: the whole object";
  EXPECT_TRUE(Conflict(range(0xfffffff0u, 0x10), range(0xfffffff8u, 4))) << "at the end of the offsets";
}

using SeamDeathTest = testing::Test;

TEST(SeamDeathTest, ChecksWhatTheChooserPicks) {
  struct Wrong final : Chooser {
    void Begin(const Executor&) noexcept override {}
    void Added(AlternativeId) noexcept override {}
    void Removed(AlternativeId, Removal) noexcept override {}
    AlternativeId Pick() noexcept override { return answer; }
    std::uint32_t Draw(std::uint32_t n, const char*, DrawKind) noexcept override { return n; }
    AlternativeId answer = 99;
  } chooser;
  const auto two_tasks = []() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon([]() -> Task<> { co_return; });
      co_await Checkpoint();
    });
  };
  EXPECT_DEATH(RunVirtual(two_tasks, {.chooser = &chooser}), "the chooser picked alternative 99, which cannot run");
  chooser.answer = 0;
  EXPECT_DEATH(RunVirtual(two_tasks, {.chooser = &chooser}),
               "the chooser picked the clock, which was not an alternative");
  EXPECT_DEATH(RunVirtual(
                   []() -> Task<> {
                     Choose(3, "reply");
                     co_return;
                   },
                   {.chooser = &chooser}),
               "the chooser drew 3 for 'reply', which has values below 3");
}

}  // namespace
}  // namespace hocket
