// Runs that are given up, and destructors that do things while frames are torn down: nothing is destroyed twice,
// nothing is left.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <vector>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

RunOptions Limit(std::uint64_t steps, Chooser* chooser = nullptr) {
  return {.clock = ClockKind::kVirtual, .max_steps = steps, .chooser = chooser};
}

// Picks by a fixed pseudo-random sequence.
class Shuffling final : public Chooser {
 public:
  explicit Shuffling(std::uint32_t seed) : state_(seed) {}
  void Begin(const Executor&) noexcept override { ready_.clear(); }
  void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
  void Removed(AlternativeId id, Removal) noexcept override { std::erase(ready_, id); }
  AlternativeId Pick() noexcept override { return ready_[Next() % ready_.size()]; }
  std::uint32_t Draw(std::uint32_t n, const char*, DrawKind) noexcept override { return Next() % n; }

 private:
  std::uint32_t Next() { return (state_ = state_ * 1664525u + 1013904223u) >> 8; }
  std::vector<AlternativeId> ready_;
  std::uint32_t state_;
};

// A destructor that does everything that one may do.
class Meddler {
 public:
  Meddler(Nursery nursery, CancelScope scope, Event& event)
      : nursery_(std::move(nursery)), scope_(std::move(scope)), event_(&event) {}
  Meddler(const Meddler&) = delete;
  Meddler& operator=(const Meddler&) = delete;
  ~Meddler() {
    EXPECT_FALSE(gone_) << "destroyed twice";
    gone_ = true;
    scope_.Cancel();
    scope_.set_shield(!scope_.shield());
    scope_.set_deadline(Now());
    event_->Set();
    own_.Cancel();
    static_cast<void>(CurrentEffectiveDeadline());
    static_cast<void>(own_.cancel_called());
    if (Choose(2, "spawn") == 0) {
      nursery_.StartSoon([counted = Counted()](Counted) -> Task<> { co_await Checkpoint(); }, Counted());
    }
  }

 private:
  Nursery nursery_;
  CancelScope scope_;
  CancelScope own_;
  Event* event_;
  Counted counted_;
  bool gone_ = false;
};

Task<> Deep(int depth, const std::function<Task<>()>& leaf) {
  const Counted counted;
  if (depth == 0) {
    co_await leaf();
  } else {
    co_await Deep(depth - 1, leaf);
  }
}

Task<> Everything() {
  const Counted counted;
  Event event;
  Event never;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    const Counted in_body;
    nursery.StartSoon([&]() -> Task<> {
      co_await WithScope(CancelScope(), [&](CancelScope& scope) -> Task<> {
        const Meddler meddler(nursery, scope, event);
        co_await Deep(5, [&]() -> Task<> {
          for (int i = 0; i < 5; ++i) co_await Checkpoint();
        });
      });
    });
    nursery.StartSoon([&]() -> Task<> {
      co_await MoveOnAfter(1s, [&](CancelScope& scope) -> Task<> {
        co_await WithNursery([&](Nursery& inner) -> Task<> {
          const Meddler outer_meddler(nursery, scope, event);
          const Meddler inner_meddler(inner, inner.cancel_scope(), never);
          inner.StartSoon([&never](Counted) -> Task<> { co_await never.Wait(); }, Counted());
          inner.StartSoon([&inner, &never]() -> Task<> {
            const Meddler meddler(inner, inner.cancel_scope(), never);
            co_await Sleep(2s);
          });
          co_await Finally([]() -> Task<> { co_await SleepForever(); },
                           []() -> Task<> { co_await Shielded([]() -> Task<> { co_await Sleep(1s); }); });
        });
      });
    });
    nursery.StartSoon([&]() -> Task<> {
      const Outcome<> outcome = co_await Capture(Deep(3, [&]() -> Task<> {
        co_await event.Wait();
        Throw("boom");
      }));
      EXPECT_FALSE(outcome.has_value());
    });
    co_await Sleep(3s);
  });
}

TEST(Teardown, LeavesNothingAtAnyStepLimit) {
  std::set<RunOutcome::Kind> kinds;
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    Runner runner;  // reused after every abandoned run
    for (std::uint64_t limit = 1; limit < 60; ++limit) {
      Shuffling chooser(seed);
      const RunOutcome outcome = runner.Run(Everything, Limit(limit, seed == 0 ? nullptr : &chooser));
      kinds.insert(outcome.kind);
      EXPECT_EQ(Counted::living, 0) << "seed " << seed << ", limit " << limit;
      EXPECT_FALSE(Unwinding());
      if (HasFailure()) return;
    }
  }
  EXPECT_EQ(kinds, (std::set<RunOutcome::Kind>{RunOutcome::Kind::kCompleted, RunOutcome::Kind::kStepLimit}));
}

TEST(Teardown, OfARunIsUnwinding) {
  bool unwinding = false;
  int uncaught = -1;
  RunVirtual([&]() -> Task<> {
    const AtEnd guard([&] {
      unwinding = Unwinding();
      uncaught = std::uncaught_exceptions();
    });
    co_await SleepForever();
  });
  EXPECT_TRUE(unwinding);
  EXPECT_EQ(uncaught, 0);
  EXPECT_FALSE(Unwinding());
}

TEST(Teardown, GoesFromLeafToRootAndFromTheYoungestTask) {
  Log log;
  const auto guarded = [&](std::string name) -> Task<> {
    const AtEnd outer([&log, name] { log.push_back(name + " outer"); });
    const auto inner = [&]() -> Task<> {
      const AtEnd guard([&log, &name] { log.push_back(name + " inner"); });
      co_await SleepForever();
    };
    co_await inner();
  };
  RunVirtual([&]() -> Task<> {
    const AtEnd main([&] { log.push_back("main"); });
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(guarded, "first");
      nursery.StartSoon(guarded, "second");
      co_return;
    });
  });
  EXPECT_EQ(log, (Log{"second inner", "second outer", "first inner", "first outer", "main"}));
}

TEST(Teardown, ResumesNothing) {
  Log log;
  RunVirtual([&]() -> Task<> {
    const Outcome<> outcome = co_await Capture([]() -> Task<> { co_await SleepForever(); }());
    log.push_back("captured");
    co_await Resolve(outcome);
  });
  RunVirtual([&]() -> Task<> {
    co_await Finally([]() -> Task<> { co_await SleepForever(); },
                     [&]() -> Task<> {
                       log.push_back("cleanup");
                       co_return;
                     });
  });
  EXPECT_TRUE(log.empty());
}

TEST(Teardown, ATaskThatADestructorStartsNeverRuns) {
  bool called = false;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      const AtEnd guard([&] {
        nursery.StartSoon(
            [&called](Counted) -> Task<> {
              called = true;
              co_return;
            },
            Counted());
      });
      co_await SleepForever();
    });
  });
  EXPECT_FALSE(called);
  EXPECT_EQ(Counted::living, 0);
}

// The order of teardown is not that of any schedule, so a nursery may be gone that a running program could count on.
TEST(Teardown, ADestructorMayStartATaskInANurseryThatIsGone) {
  RunVirtual([&]() -> Task<> {
    std::optional<Nursery> younger;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        const AtEnd guard([&] {
          if (younger) younger->StartSoon([](Counted) -> Task<> { co_return; }, Counted());
        });
        co_await SleepForever();
      });
      nursery.StartSoon([&]() -> Task<> {
        co_await WithNursery([&](Nursery& inner) -> Task<> {
          younger = inner;
          co_await SleepForever();
        });
      });
      co_return;
    });
  });
  EXPECT_EQ(Counted::living, 0);
}

TEST(Teardown, ADestructorMayAskForScopesThatItIsOutsideOf) {
  std::vector<Time> deadlines;
  RunVirtual(
      [&]() -> Task<> {
        const AtEnd guard([&] { deadlines.push_back(CurrentEffectiveDeadline()); });
        co_await MoveOnAfter(1s, [&]() -> Task<> {
          const AtEnd outer([&] { deadlines.push_back(CurrentEffectiveDeadline()); });
          co_await WithNursery([&](Nursery&) -> Task<> {
            co_await MoveOnAfter(500ms, [&]() -> Task<> {
              const AtEnd inner([&] { deadlines.push_back(CurrentEffectiveDeadline()); });
              for (;;) co_await Checkpoint();
            });
          });
        });
      },
      {.max_steps = 4});
  EXPECT_EQ(deadlines, (std::vector<Time>{At(500ms), At(1s), kForever}));
}

TEST(Teardown, ADestructorMayEnterAScope) {
  int entered = 0;
  const auto enter_and_leave = [&] {
    ScopeGuard guard{CancelScope({.deadline = Now()})};
    EXPECT_FALSE(guard.Exit(Failure()));
    ++entered;
  };
  RunVirtual([&]() -> Task<> {
    co_await MoveOnAfter(1s, [&]() -> Task<> {
      const AtEnd while_unwinding(enter_and_leave);
      co_await SleepForever();
    });
    const AtEnd while_abandoned(enter_and_leave);
    co_await WithScope(CancelScope(), []() -> Task<> { co_await SleepForever(); });
  });
  EXPECT_EQ(entered, 2);
}

TEST(Teardown, OfTasksThatNeverRan) {
  const RunOutcome outcome = RunVirtual(
      []() -> Task<> {
        co_await WithNursery([](Nursery& nursery) -> Task<> {
          for (int i = 0; i < 10; ++i)
            nursery.StartSoon([counted = Counted()](Counted) -> Task<> { co_return; }, Counted());
          co_return;
        });
      },
      {.max_steps = 1});
  EXPECT_EQ(outcome.unfinished.size(), 11u);
  EXPECT_EQ(outcome.unfinished[1].operation, "start");
  EXPECT_EQ(Counted::living, 0);
}

TEST(Teardown, OfAMiddleOfABatch) {
  for (std::uint64_t limit = 1; limit < 20; ++limit) {
    Shuffling chooser(7);
    RunOptions options = Limit(limit, &chooser);
    options.pass = PassLength::kBatch;
    Runner runner;
    runner.Run(Everything, options);
    EXPECT_EQ(Counted::living, 0);
    options.max_steps = 0;
    EXPECT_TRUE(runner.Run(Everything, options).completed());
    EXPECT_EQ(Counted::living, 0);
  }
}

TEST(Teardown, DoesNotChangeTheNextRunOfTheRunner) {
  Runner runner;
  std::vector<std::uint64_t> steps;
  for (std::uint64_t limit : {0, 5, 0, 11, 0, 23, 0}) {
    Shuffling chooser(11);
    const RunOutcome outcome = runner.Run(Everything, Limit(limit, &chooser));
    if (limit == 0) steps.push_back(outcome.steps);
  }
  EXPECT_EQ(std::set<std::uint64_t>(steps.begin(), steps.end()).size(), 1u);
}

TEST(Teardown, HandlesMayOutliveTheirRun) {
  std::optional<Nursery> nursery_handle;
  std::optional<CancelScope> scope_handle;
  auto event = std::make_unique<Event>();
  RunVirtual([&]() -> Task<> {
    co_await MoveOnAfter(kForever - Time{}, [&](CancelScope& scope) -> Task<> {
      scope_handle = scope;
      scope.set_deadline(At(1h));
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery_handle = nursery;
        nursery.StartSoon([&]() -> Task<> { co_await Shielded([&]() -> Task<> { co_await event->Wait(); }); });
        co_return;
      });
    });
  });
  EXPECT_TRUE(scope_handle->cancel_called());
  scope_handle->Cancel();
  nursery_handle->cancel_scope().Cancel();
  event->Set();
  nursery_handle.reset();
  scope_handle.reset();
  event.reset();
}

TEST(Teardown, ExceptionsThatHoldHandlesMayOutliveTheirRun) {
  struct Holds : std::runtime_error {
    explicit Holds(CancelScope scope_in) : std::runtime_error("holds"), scope(std::move(scope_in)) {}
    CancelScope scope;
  };
  RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await WithScope(CancelScope(), [](CancelScope& scope) -> Task<> {
      throw Holds(scope);
      co_return;
    });
  });
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kFailed);
  outcome = RunOutcome();
}

// ---------------------------------------------------------------- the same while a cancellation unwinds

TEST(Unwinding, DestructorsMayStartTasksSetEventsAndCancelScopes) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    Event event;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await event.Wait();
        log.push_back("event");
      });
      CancelScope other;
      nursery.StartSoon([&, other]() -> Task<> {
        const ScopeExit exit = co_await WithScope(other, []() -> Task<> { co_await SleepForever(); });
        if (exit.cancelled_caught) log.push_back("scope");
      });
      co_await MoveOnAfter(1s, [&]() -> Task<> {
        const AtEnd guard([&] {
          event.Set();
          other.Cancel();
          nursery.StartSoon([&]() -> Task<> {
            log.push_back("task");
            nursery.cancel_scope().Cancel();
            co_return;
          });
        });
        co_await Deep(10, []() -> Task<> { co_await SleepForever(); });
      });
      co_await SleepForever();
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{"event", "scope", "task"}));
  EXPECT_EQ(Counted::living, 0);
}

TEST(Unwinding, ADestructorMayCancelTheScopeThatIsBeingLeft) {
  RunVirtual([]() -> Task<> {
    CancelScope outer;
    bool inner_returned = false;
    co_await WithScope(outer, [&]() -> Task<> {
      const ScopeExit exit = co_await MoveOnAfter(1s, [&]() -> Task<> {
        const AtEnd guard([&] { outer.Cancel(); });
        co_await SleepForever();
      });
      EXPECT_FALSE(exit.cancelled_caught);
      inner_returned = true;
    });
    EXPECT_FALSE(inner_returned) << "by the time it arrives, the outer scope is the one that catches";
    EXPECT_TRUE(outer.cancelled_caught());
  });
}

TEST(Unwinding, ADestructorOfArgumentsMayStartATask) {
  bool ran = false;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      auto guard = std::make_unique<AtEnd<std::function<void()>>>([&ran, nursery]() mutable {
        nursery.StartSoon([&ran]() -> Task<> {
          ran = true;
          co_return;
        });
      });
      nursery.StartSoon([](std::unique_ptr<AtEnd<std::function<void()>>>) -> Task<> { co_return; }, std::move(guard));
      co_return;
    });
    EXPECT_TRUE(ran);
  });
  EXPECT_EQ(Counted::living, 0);
}

}  // namespace
}  // namespace hocket
