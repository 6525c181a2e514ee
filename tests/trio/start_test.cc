// nursery.start in Trio's test_run.py.

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "hocket/nursery.h"
#include "tests/trio/policies.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

Task<> Nothing() { co_return; }
Task<> Forever() { co_await SleepForever(); }

Task<> SleepThenStart(Duration delay, TaskStatus<int> status) {
  co_await Sleep(delay);
  status.Started(static_cast<int>(delay / 1s));
  co_await Sleep(delay);
}

TEST(Start, WaitsForTheValue) {  // test_run.py: nursery_start; S49, S53
  RunUnderEveryPolicy([]() -> Task<> {
    for (const int seconds : {1, 2}) {
      const Time begin = Now();
      const Duration delay = seconds * 1s;
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        const int value = co_await nursery.Start<int>(SleepThenStart, delay);
        EXPECT_EQ(value, seconds);
        EXPECT_EQ(Now(), begin + delay);
      });
      EXPECT_EQ(Now(), begin + 2 * delay) << "the nursery waits for what was started in it";
    }
  });
}

TEST(Start, TheTaskIsOneOfTheNurserys) {  // test_run.py: nursery_start; S53
  RunUnderEveryPolicy([]() -> Task<> {
    bool unwound = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      co_await nursery.Start([&](TaskStatus<> status) -> Task<> {
        status.Started();
        unwound = co_await Unwinds([] { return Forever(); });
      });
      EXPECT_FALSE(unwound);
      nursery.cancel_scope().Cancel();
    });
    EXPECT_TRUE(unwound);

    const Outcome<> outcome = co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
      co_await nursery.Start([](TaskStatus<> status) -> Task<> {
        status.Started();
        co_await Settle();
        Throw("later");
      });
      co_await SleepForever();
    }));
    EXPECT_EQ(Shape(outcome.failure()), "[later]");
  });
}

TEST(Start, StartedIsForOnce) {  // test_run.py: nursery_start; S52
  RunUnderEveryPolicy([]() -> Task<> {
    bool refused = false;
    int value = 0;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      value = co_await nursery.Start<int>([&](TaskStatus<int> status) -> Task<> {
        status.Started(1);
        try {
          status.Started(2);
        } catch (const MisuseError&) {
          refused = true;
        }
        co_return;
      });
    });
    EXPECT_TRUE(refused);
    EXPECT_EQ(value, 1);
  });
}

// Also test_run.py: start_exception_preserves_cause_and_context.
TEST(Start, AFailureBeforeStartedComesOutAsItIs) {  // test_run.py: nursery_start; S50
  RunUnderEveryPolicy([]() -> Task<> {
    const std::exception_ptr error = std::make_exception_ptr(std::runtime_error("not up"));
    std::exception_ptr out;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      try {
        co_await nursery.Start([&](TaskStatus<>) -> Task<> {
          co_await Checkpoint();
          std::rethrow_exception(error);
        });
      } catch (...) {
        out = std::current_exception();
      }
      EXPECT_FALSE(co_await CheckpointUnwinds()) << "the nursery has not heard of it";
    });
    EXPECT_TRUE(out == error) << "the same exception object";
  });
}

TEST(Start, AGroupBeforeStartedStaysAGroup) {  // test_run.py: nursery_start; S50
  RunUnderEveryPolicy([]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      std::string shape;
      try {
        co_await nursery.Start([](TaskStatus<>) -> Task<> {
          co_await WithNursery([](Nursery&) -> Task<> {
            Throw("inside");
            co_return;
          });
        });
      } catch (const ExceptionGroup& group) {
        shape = Shape(Failure::FromGroup(group));
      }
      EXPECT_EQ(shape, "[inside]");
    });
  });
}

TEST(Start, ATaskMustCallStarted) {  // test_run.py: nursery_start; S51
  RunUnderEveryPolicy([]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      EXPECT_TRUE(co_await Throws<MisuseError>(
          [&]() -> Task<> { co_await nursery.Start([](TaskStatus<>) -> Task<> { co_await Checkpoint(); }); }));
      EXPECT_TRUE(co_await Throws<MisuseError>(
          [&]() -> Task<> { co_await nursery.Start([](TaskStatus<>) -> Task<> { co_return; }); }));
    });
  });
}

TEST(Start, IsCancelledWithItsTask) {  // test_run.py: nursery_start; S55
  RunUnderEveryPolicy([]() -> Task<> {
    bool unwound = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      const ScopeExit exit = co_await MoveOnAfter(1s, [&]() -> Task<> {
        co_await nursery.Start([&](TaskStatus<> status) -> Task<> {
          unwound = co_await Unwinds([] { return Forever(); });
          co_await Checkpoint();
          status.Started();
        });
      });
      EXPECT_TRUE(exit.cancelled_caught);
      EXPECT_TRUE(unwound);
      EXPECT_EQ(Now(), At(1s));
    });
  });
}

TEST(Start, InACancelledScopeStartedMovesNothing) {  // test_run.py: nursery_start; S54
  RunUnderEveryPolicy([]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      // The task is still the call's: it is cancelled with it.
      CancelScope scope;
      scope.Cancel();
      co_await WithScope(scope, [&]() -> Task<> {
        co_await nursery.Start([](TaskStatus<> status) -> Task<> {
          status.Started();
          co_await Checkpoint();
          ADD_FAILURE() << "went on";
        });
        ADD_FAILURE() << "went on";
      });
      EXPECT_TRUE(scope.cancelled_caught());

      // Its failure comes out of the call.
      CancelScope failing;
      failing.Cancel();
      co_await WithScope(failing, [&]() -> Task<> {
        EXPECT_TRUE(co_await Throws<std::runtime_error>([&]() -> Task<> {
          co_await nursery.Start([](TaskStatus<> status) -> Task<> {
            status.Started();
            Throw("after started");
            co_return;
          });
        }));
      });

      // And if it ends without a checkpoint, so does the call, with the value.
      CancelScope ending;
      ending.Cancel();
      int value = 0;
      co_await WithScope(ending, [&]() -> Task<> {
        value = co_await nursery.Start<int>([](TaskStatus<int> status) -> Task<> {
          status.Started(7);
          co_return;
        });
      });
      EXPECT_EQ(value, 7);
      EXPECT_FALSE(co_await CheckpointUnwinds()) << "the nursery has not heard of any of it";
    });
  });
}

TEST(Start, NeedsAnOpenNursery) {  // test_run.py: nursery_start; S55
  RunUnderEveryPolicy([]() -> Task<> {
    std::optional<Nursery> closed;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      closed = nursery;
      co_return;
    });
    bool ran = false;
    EXPECT_TRUE(co_await Throws<MisuseError>([&]() -> Task<> {
      co_await closed->Start([&](TaskStatus<> status) -> Task<> {
        ran = true;
        status.Started();
        co_return;
      });
    }));
    EXPECT_FALSE(ran);
  });
}

TEST(Start, StartedMayBeCalledByAnybody) {  // test_run.py: nursery_start_with_cancelled_nursery uses it; S56
  RunUnderEveryPolicy([]() -> Task<> {
    std::optional<TaskStatus<int>> kept;
    bool task_went_on = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await Settle();
        kept->Started(5);
      });
      const int value = co_await nursery.Start<int>([&](TaskStatus<int> status) -> Task<> {
        kept = status;
        co_await Sleep(1s);
        task_went_on = true;
      });
      EXPECT_EQ(value, 5);
      EXPECT_FALSE(task_went_on);
      EXPECT_EQ(Now(), Time{});
    });
    EXPECT_TRUE(task_went_on);
  });
}

// A task that has a nursery of its own, with sleepers in it, and calls `before` just before started.
template <class Before>
Task<> StartWithSleepers(Before before, int& unwound, TaskStatus<> status) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < 2; ++i) {
      nursery.StartSoon([&]() -> Task<> {
        if (co_await Unwinds([] { return Forever(); })) ++unwound;
      });
    }
    co_await Settle();
    before();
    status.Started();
  });
}

TEST(Start, MovesSleepersIntoACancelledNursery) {  // test_run.py: nursery_start_with_cancelled_nursery; S53
  for (const bool before_started : {true, false}) {
    SCOPED_TRACE(before_started ? "cancelled before started" : "cancelled after started");
    RunUnderEveryPolicy([&]() -> Task<> {
      int unwound = 0;
      co_await WithNursery([&](Nursery& outer) -> Task<> {
        const Nursery target = co_await outer.Start<Nursery>([](TaskStatus<Nursery> status) -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            status.Started(nursery);
            co_await SleepForever();
          });
        });
        const auto cancel_before = [&] {
          if (before_started) target.cancel_scope().Cancel();
        };
        co_await target.Start([&](TaskStatus<> status) { return StartWithSleepers(cancel_before, unwound, status); });
        if (!before_started) {
          EXPECT_EQ(unwound, 0);
          target.cancel_scope().Cancel();
        }
        co_await Settle();
        EXPECT_EQ(unwound, 2);
      });
    });
  }
}

TEST(Start, MovesASleeperThatSomebodyElseReports) {  // test_run.py: nursery_start_with_cancelled_nursery; S53, S56
  RunUnderEveryPolicy([]() -> Task<> {
    std::optional<Nursery> target;
    std::optional<TaskStatus<>> kept;
    bool unwound = false;
    bool returned = false;
    co_await WithNursery([&](Nursery& outer) -> Task<> {
      outer.StartSoon([&]() -> Task<> {
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          target = nursery;
          co_await SleepForever();
        });
      });
      co_await Settle();
      outer.StartSoon([&]() -> Task<> {
        co_await target->Start([&](TaskStatus<> status) -> Task<> {
          kept = status;
          unwound = co_await Unwinds([] { return Forever(); });
        });
        returned = true;
      });
      co_await Settle();
      target->cancel_scope().Cancel();
      co_await Settle();
      EXPECT_FALSE(unwound) << "not before it is one of the nursery's tasks";
      kept->Started();
      co_await Settle();
      EXPECT_TRUE(unwound) << "a task that is moved into a cancelled scope does not go on sleeping";
      EXPECT_TRUE(returned);
    });
  });
}

Task<> ComeUpSlowly(TaskStatus<> status) {
  co_await Sleep(2s);
  status.Started();
  co_await Sleep(3s);
}

TEST(Start, KeepsTheNurseryOpen) {  // test_run.py: nursery_start_keeps_nursery_open; S38, S56
  RunUnderEveryPolicy([]() -> Task<> {
    co_await WithNursery([](Nursery& helpers) -> Task<> {
      std::optional<Nursery> handle;
      const auto start = [&]() -> Task<> { co_await handle->Start(ComeUpSlowly); };
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        handle = nursery;
        helpers.StartSoon(start);
        co_await Sleep(1s);
        helpers.StartSoon(start);
        co_await Settle();  // both are under way
      });                   // and nothing but them keeps it open
      EXPECT_EQ(Now(), At(6s));
    });
    // The same with a task that fails and never gets there.
    const Time begin = Now();
    co_await WithNursery([&](Nursery& helpers) -> Task<> {
      std::optional<Nursery> handle;
      bool failed = false;
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        handle = nursery;
        helpers.StartSoon([&]() -> Task<> {
          failed = co_await Throws<std::runtime_error>([&]() -> Task<> {
            co_await handle->Start([](TaskStatus<>) -> Task<> {
              co_await Sleep(7s);
              Throw("not up");
            });
          });
        });
        co_await Settle();
      });
      EXPECT_EQ(Now(), begin + 7s);
      co_await Settle();
      EXPECT_TRUE(failed);
      EXPECT_THROW(handle->StartSoon(Nothing), MisuseError);
    });
  });
}

}  // namespace
}  // namespace hocket
