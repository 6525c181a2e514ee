// Handles that a program may keep: they stay valid when what they name is over, and then say so or do nothing.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

Task<> Nothing() { co_return; }

// Leaves handles to everything that a program can get hold of, and ends or is given up.
struct Kept {
  std::optional<Nursery> nursery;
  std::optional<CancelScope> nursery_scope;
  std::optional<CancelScope> scope;
  std::optional<CancelScope> unentered;
  TaskRef main;
  TaskRef task;
};

Task<> Keep(Kept& kept, bool ends) {
  kept.main = CurrentTask();
  kept.unentered.emplace(CancelScopeOptions{.deadline = At(1h)});
  co_await WithScope(CancelScope({.deadline = At(2h)}), [&](CancelScope& scope) -> Task<> {
    kept.scope = scope;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      kept.nursery = nursery;
      kept.nursery_scope = nursery.cancel_scope();
      nursery.StartSoon([&]() -> Task<> {
        kept.task = CurrentTask();
        if (!ends) co_await Shielded([]() -> Task<> { co_await SleepForever(); });
      });
      co_return;
    });
  });
}

RunOutcome RunAndKeep(Kept& kept, bool ends) {
  return RunVirtual([&]() -> Task<> { co_await Keep(kept, ends); }, {.max_steps = 100'000});
}

// Everything that may be done with a scope.
void Use(CancelScope scope) {
  const CancelScope copy = scope;
  scope = copy;
  static_cast<void>(scope.cancelled_caught());
  scope.set_deadline(At(3h));
  EXPECT_EQ(copy.deadline(), At(3h));
  scope.set_deadline(Time{});
  scope.set_shield(!scope.shield());
  scope.Cancel();
  EXPECT_TRUE(copy.cancel_called());
}

TEST(Handles, AllOutliveTheirRunHoweverItEnds) {
  for (const bool ends : {true, false}) {
    Kept kept;
    EXPECT_EQ(RunAndKeep(kept, ends).kind, ends ? RunOutcome::Kind::kCompleted : RunOutcome::Kind::kDeadlock);
    Use(*kept.scope);
    Use(*kept.nursery_scope);
    Use(*kept.unentered);
    Use(kept.nursery->cancel_scope());
    EXPECT_NE(kept.main.id(), kept.task.id());
    EXPECT_TRUE(kept.task.ended()) << "a run that is given up ends its tasks";
    EXPECT_FALSE(kept.main == kept.task);
    EXPECT_TRUE(kept.task == TaskRef(kept.task));
    Nursery copy = *kept.nursery;
    copy = *kept.nursery;
  }
}

TEST(Handles, AllMayBeUsedInAnotherRun) {
  for (const bool ends : {true, false}) {
    Kept old;
    RunAndKeep(old, ends);
    const RunOutcome outcome = RunVirtual([&]() -> Task<> {
      Use(*old.scope);
      Use(*old.nursery_scope);
      Use(old.nursery->cancel_scope());
      EXPECT_THROW(old.nursery->StartSoon(Nothing), MisuseError);
      const auto start = [&]() -> Task<> {
        co_await old.nursery->Start([](TaskStatus<> status) -> Task<> {
          status.Started();
          co_return;
        });
      };
      EXPECT_TRUE((co_await Capture(start())).has_error());
      EXPECT_FALSE(old.main == CurrentTask()) << "though both have the same id";
      EXPECT_EQ(old.main.id(), CurrentTask().id());
      const ScopeExit exit = co_await WithScope(*old.unentered, []() -> Task<> { co_await Sleep(30min); });
      EXPECT_FALSE(exit.cancelled_caught) << "what was never entered is as good as new";
      EXPECT_EQ(Now(), At(30min));
    });
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  }
}

// ---------------------------------------------------------------- Nursery

TEST(NurseryHandle, OutsideOfAnyRunRefusesTasks) {
  Kept kept;
  RunAndKeep(kept, true);
  EXPECT_THROW(kept.nursery->StartSoon([](Counted) -> Task<> { co_return; }, Counted()), MisuseError);
  EXPECT_EQ(Counted::living, 0);
}

TEST(NurseryHandle, KeptByATaskOutlivesItsOwnersFrame) {
  int refused = 0;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& outer) -> Task<> {
      co_await WithNursery([&](Nursery& inner) -> Task<> {
        outer.StartSoon([&refused, inner]() mutable -> Task<> {
          co_await Sleep(1s);
          try {
            inner.StartSoon(Nothing);
          } catch (const MisuseError&) {
            ++refused;
          }
          inner.cancel_scope().Cancel();
        });
        co_return;
      });
    });
  });
  EXPECT_EQ(refused, 1);
}

TEST(NurseryHandle, KeptByItsOwnTasksArgumentsDoesNotKeepItOpen) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon([](Nursery) -> Task<> { co_await Checkpoint(); }, nursery);
      co_return;
    });
  });
  EXPECT_TRUE(outcome.completed());
}

TEST(NurseryHandle, InAnExceptionOutlivesTheNurseryThatItLeaves) {
  struct Carries : std::runtime_error {
    explicit Carries(Nursery nursery_in) : std::runtime_error("carries"), nursery(std::move(nursery_in)) {}
    Nursery nursery;
  };
  RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon(
          [](Nursery handle) -> Task<> {
            throw Carries(handle);
            co_return;
          },
          nursery);
      co_return;
    });
  });
  EXPECT_EQ(Shape(outcome.failure), "[carries]");
  outcome = RunOutcome();
}

// ---------------------------------------------------------------- CancelScope

TEST(CancelScopeHandle, KeptByATaskOutlivesTheFrameThatEnteredIt) {
  RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      co_await WithScope(CancelScope({.deadline = At(2s)}), [&](CancelScope& scope) -> Task<> {
        nursery.StartSoon([scope]() mutable -> Task<> {
          co_await Sleep(1s);
          EXPECT_FALSE(scope.cancel_called());
          co_await Sleep(2s);
          EXPECT_FALSE(scope.cancel_called()) << "its deadline means nothing any more";
          Use(scope);
          EXPECT_FALSE(scope.cancelled_caught());
        });
        co_return;
      });
    });
    EXPECT_EQ(Now(), At(3s));
  });
}

TEST(CancelScopeHandle, MayReplaceItselfInsideItsBody) {
  bool caught = false;
  RunVirtual([&]() -> Task<> {
    CancelScope scope;
    const ScopeExit exit = co_await WithScope(scope, [&](CancelScope& inner) -> Task<> {
      inner = CancelScope();  // the handle is another one now; the scope around this body is not
      scope.Cancel();
      co_await Checkpoint();
      ADD_FAILURE();
    });
    caught = scope.cancelled_caught();
    EXPECT_FALSE(exit.cancelled_caught) << "that is what the handle now says";
  });
  EXPECT_TRUE(caught);
}

TEST(CancelScopeHandle, OfTheFrameThatADestructorOutlives) {
  struct CancelsAtTheEnd {
    explicit CancelsAtTheEnd(CancelScope scope_in) : scope(std::move(scope_in)) {}
    CancelsAtTheEnd(CancelsAtTheEnd&&) = default;
    ~CancelsAtTheEnd() { scope.Cancel(); }
    CancelScope scope;
  };
  std::unique_ptr<CancelsAtTheEnd> last;
  RunVirtual([&]() -> Task<> {
    co_await WithScope(CancelScope(), [&](CancelScope& scope) -> Task<> {
      last = std::make_unique<CancelsAtTheEnd>(scope);
      co_return;
    });
  });
  last.reset();
}

// ---------------------------------------------------------------- TaskRef

TEST(TaskRefHandle, KnowsThatItsTaskHasEnded) {
  RunVirtual([]() -> Task<> {
    TaskRef ref;
    EXPECT_FALSE(ref);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        ref = CurrentTask();
        EXPECT_FALSE(ref.ended());
        co_await Checkpoint();
      });
      co_return;
    });
    EXPECT_TRUE(ref);
    EXPECT_TRUE(ref.ended());
  });
}

TEST(TaskRefHandle, DoesNotMeanATaskThatTookTheMemory) {
  RunVirtual([]() -> Task<> {
    std::vector<TaskRef> refs;
    for (int i = 0; i < 10; ++i) {
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon([&]() -> Task<> {
          refs.push_back(CurrentTask());
          co_return;
        });
        co_return;
      });
    }
    for (int i = 0; i < 10; ++i) {
      for (int j = 0; j < 10; ++j) EXPECT_EQ(refs[i] == refs[j], i == j);
    }
  });
}

TEST(TaskRefHandle, KeepsNothingOfItsTaskButItsName) {
  TaskRef ref;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(
          [&](Counted) -> Task<> {
            ref = CurrentTask();
            co_return;
          },
          Counted());
      co_return;
    });
    EXPECT_EQ(Counted::living, 0);
  });
  TaskRef copy = ref;
  copy = ref;
  const TaskRef moved = std::move(ref);
  EXPECT_TRUE(moved == copy);
}

TEST(TaskRefHandleDeathTest, OfATaskThatHasEndedCannotBeWoken) {
  EXPECT_DEATH(RunVirtual([]() -> Task<> {
                 TaskRef ref;
                 co_await WithNursery([&](Nursery& nursery) -> Task<> {
                   nursery.StartSoon([&]() -> Task<> {
                     ref = CurrentTask();
                     co_return;
                   });
                   co_return;
                 });
                 Wake(ref);
               }),
               "Wake needs a task that has not ended");
}

// What a lot knows of its breakers goes with the run that they were tasks of.
TEST(TaskRefHandle, OfABreakerInALotThatOutlivesTheRun) {
  for (const bool ends : {true, false}) {
    auto lot = std::make_unique<ParkingLot>();
    RunVirtual([&]() -> Task<> {
      lot->AddBreaker(CurrentTask());
      if (!ends) co_await SleepForever();
    });
    lot.reset();
  }
}

// ---------------------------------------------------------------- Poster

TEST(PosterHandle, OutlivesItsRunnerAndIsRefused) {
  std::vector<Poster> posters;
  {
    Runner runner;
    for (int i = 0; i < 3; ++i) {
      runner.Run(
          [&]() -> Task<> {
            posters.push_back(OpenPoster());
            co_await Checkpoint();
          },
          {.max_steps = i == 1 ? 1u : 0u});
    }
  }
  posters[0] = posters[2];
  const Poster copy = posters[1];
  for (const Poster& poster : posters) {
    EXPECT_FALSE(poster.Post([counted = Counted()] { ADD_FAILURE(); }));
  }
  EXPECT_FALSE(copy.Post([] { ADD_FAILURE(); }));
  EXPECT_EQ(Counted::living, 0);
}

TEST(PosterHandle, OfAnEarlierRunDoesNotReachALaterOneOfTheRunner) {
  Runner runner;
  std::optional<Poster> old;
  const auto keep = [&]() -> Task<> {
    old = OpenPoster();
    co_return;
  };
  runner.Run(keep, {});
  runner.Run(
      [&]() -> Task<> {
        const Poster poster = OpenPoster();
        EXPECT_FALSE(old->Post([] { ADD_FAILURE(); }));
        co_await Checkpoint();
      },
      {});
}

TEST(PosterHandle, IsRefusedOrServedWhenTheRunEndsMeanwhile) {
  for (int i = 0; i < 100; ++i) {
    int ran = 0;
    int accepted = 0;
    std::thread thread;
    RunReal([&]() -> Task<> {
      thread = std::thread([&accepted, &ran, poster = OpenPoster()] {
        for (int n = 0; n < 20; ++n) accepted += poster.Post([&ran] { ++ran; }) ? 1 : 0;
      });
      for (int n = 0; n < i; ++n) co_await Checkpoint();
    });
    thread.join();
    EXPECT_EQ(ran, accepted);
  }
}

TEST(PosterHandle, InTheFramesOfARunThatIsGivenUp) {
  RunReal(
      []() -> Task<> {
        const Poster poster = OpenPoster();
        const AtEnd guard([&] { static_cast<void>(poster.Post([counted = Counted()] { ADD_FAILURE(); })); });
        for (;;) co_await Checkpoint();
      },
      {.max_steps = 10});
  EXPECT_EQ(Counted::living, 0);
}

}  // namespace
}  // namespace hocket
