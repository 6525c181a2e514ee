// Nursery::Start: tasks that say when they have come up.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/runtime/policies.h"
#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

using Kind = RunOutcome::Kind;

// Comes up after `delay`, and serves for a second.
Task<> Serve(Log& log, Duration delay, TaskStatus<int> status) {
  co_await Sleep(delay);
  log.push_back("up");
  status.Started(42);
  co_await Sleep(1s);
  log.push_back("down");
}

Failure FailureOf(const Outcome<>& outcome) { return outcome.failure(); }

bool IsMisuse(const Failure& failure, const char* what) {
  return failure && failure.ToString() == std::string("hocket::MisuseError: ") + what;
}

TEST(Start, WaitsUntilTheTaskHasStartedAndGivesItsValue) {  // S49
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            const int value = co_await nursery.Start<int>(Serve, std::ref(log), 1s);
            EXPECT_EQ(value, 42);
            EXPECT_EQ(Now(), At(1s));
            EXPECT_EQ(log, Log{"up"});
          });
          EXPECT_EQ(log, (Log{"up", "down"})) << "from then on it is a task of the nursery";
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(outcome.ended_at, At(2s));
  });
}

TEST(Start, NeedsNoValue) {  // S49
  bool ended = false;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      co_await nursery.Start([&](TaskStatus<> status) -> Task<> {
        status.Started();
        co_await Sleep(1s);
        ended = true;
      });
      EXPECT_FALSE(ended);
    });
  });
  EXPECT_TRUE(ended);
}

TEST(Start, TakesAndGivesWhatOnlyMoves) {
  RunVirtual([]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      auto argument = std::make_unique<int>(7);
      const std::unique_ptr<int> value = co_await nursery.Start<std::unique_ptr<int>>(
          [](std::unique_ptr<int> own, TaskStatus<std::unique_ptr<int>> status) -> Task<> {
            status.Started(std::move(own));
            co_await Checkpoint();
          },
          std::move(argument));
      EXPECT_EQ(*value, 7);
    });
  });
}

TEST(Start, MayRunManyAtOnce) {
  UnderEveryPolicy([](const RunOptions& options) {
    int sum = 0;
    int ended = 0;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            co_await WithNursery([&](Nursery& starters) -> Task<> {
              for (int i = 1; i <= 4; ++i) {
                starters.StartSoon([&, i]() -> Task<> {
                  sum += co_await nursery.Start<int>([&ended, i](TaskStatus<int> status) -> Task<> {
                    for (int step = 0; step < i; ++step) co_await Checkpoint();
                    status.Started(i);
                    co_await Sleep(1s);
                    ++ended;
                  });
                });
              }
              co_return;
            });
            EXPECT_EQ(sum, 10);
            EXPECT_EQ(ended, 0);
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(ended, 4);
  });
}

// ---------------------------------------------------------------- errors

TEST(Start, AFailureBeforeStartedComesOutAsItIs) {  // S50
  UnderEveryPolicy([](const RunOptions& options) {
    const RunOutcome outcome = RunVirtual(
        []() -> Task<> {
          co_await WithNursery([](Nursery& nursery) -> Task<> {
            const Failure failure = FailureOf(co_await Capture(nursery.Start([](TaskStatus<>) -> Task<> {
              co_await Checkpoint();
              Throw("boom");
            })));
            EXPECT_TRUE(Says(failure, "boom")) << failure.ToString();
            EXPECT_FALSE(nursery.cancel_scope().cancel_called()) << "it never was this nursery's";
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  });
}

TEST(Start, AGroupBeforeStartedStaysAGroup) {  // S50
  RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      const Failure failure = FailureOf(co_await Capture(nursery.Start([](TaskStatus<>) -> Task<> {
        co_await WithNursery([](Nursery& inner) -> Task<> {
          inner.StartSoon([]() -> Task<> {
            Throw("boom");
            co_return;
          });
          co_return;
        });
      })));
      EXPECT_EQ(Shape(failure), "[boom]");
    });
  });
}

TEST(Start, ACallThatThrowsComesOutAsItIs) {  // S50
  RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      const Failure failure = FailureOf(co_await Capture(nursery.Start([](TaskStatus<>) -> Task<> {
        Throw("no task");
        return []() -> Task<> { co_return; }();
      })));
      EXPECT_TRUE(Says(failure, "no task")) << failure.ToString();
    });
  });
}

TEST(Start, ATaskThatEndsWithoutStartedIsAnError) {  // S51
  UnderEveryPolicy([](const RunOptions& options) {
    const RunOutcome outcome = RunVirtual(
        []() -> Task<> {
          co_await WithNursery([](Nursery& nursery) -> Task<> {
            const Failure failure =
                FailureOf(co_await Capture(nursery.Start([](TaskStatus<>) -> Task<> { co_await Checkpoint(); })));
            EXPECT_TRUE(IsMisuse(failure, "the task ended without calling started")) << failure.ToString();
            EXPECT_FALSE(nursery.cancel_scope().cancel_called());
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  });
}

TEST(Start, StartedTwiceIsAnErrorOfTheSecondCaller) {  // S52
  RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      const int value = co_await nursery.Start<int>([](TaskStatus<int> status) -> Task<> {
        status.Started(1);
        EXPECT_THROW(status.Started(2), MisuseError);
        co_await Checkpoint();
        EXPECT_THROW(status.Started(3), MisuseError);
      });
      EXPECT_EQ(value, 1);
    });
  });
}

TEST(Start, AFailureAfterStartedIsTheNurserys) {  // S53
  UnderEveryPolicy([](const RunOptions& options) {
    bool returned = false;
    Failure failure;
    RunVirtual(
        [&]() -> Task<> {
          failure = FailureOf(co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
            co_await nursery.Start([](TaskStatus<> status) -> Task<> {
              status.Started();
              Throw("boom");
              co_return;
            });
            returned = true;
            co_await SleepForever();
          })));
        },
        options);
    EXPECT_TRUE(returned) << "the start has come to its end, whatever comes later";
    EXPECT_EQ(Shape(failure), "[boom]");
  });
}

TEST(Start, InAClosedNurseryIsAnErrorAtOnce) {  // S55
  bool called = false;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    std::optional<Nursery> closed;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      closed = nursery;
      co_return;
    });
    for (int i = 0; i < 3; ++i) {
      const Failure failure = FailureOf(co_await Capture(closed->Start([&](TaskStatus<>) -> Task<> {
        called = true;
        co_return;
      })));
      EXPECT_TRUE(IsMisuse(failure, "the nursery is closed to new tasks: its body and all its tasks have ended"));
    }
  });
  EXPECT_FALSE(called);
  EXPECT_EQ(outcome.steps, 2u) << "the second after leaving the nursery";
}

// ---------------------------------------------------------------- who may call started, and when

TEST(Start, AnyTaskMayCallStarted) {  // S56
  UnderEveryPolicy([](const RunOptions& options) {
    const RunOutcome outcome = RunVirtual(
        []() -> Task<> {
          co_await WithNursery([](Nursery& nursery) -> Task<> {
            std::optional<TaskStatus<int>> status;
            nursery.StartSoon([&]() -> Task<> {
              co_await Sleep(1s);
              status->Started(5);
              EXPECT_THROW(status->Started(6), MisuseError);
            });
            const int value = co_await nursery.Start<int>([&status](TaskStatus<int> own) -> Task<> {
              status = own;
              co_await Sleep(3s);
            });
            EXPECT_EQ(value, 5);
            EXPECT_EQ(Now(), At(1s));
            co_await Sleep(1s);
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(outcome.ended_at, At(3s)) << "the task was asleep, and is the nursery's";
  });
}

TEST(Start, AStatusMayBePassedOnToAnotherStart) {
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            const int value = co_await nursery.Start<int>([&](TaskStatus<int> status) -> Task<> {
              co_await WithNursery([&](Nursery& inner) -> Task<> {
                status.Started(co_await inner.Start<int>(Serve, std::ref(log), 1s));
              });
              log.push_back("outer down");
            });
            EXPECT_EQ(value, 42);
            EXPECT_EQ(log, Log{"up"});
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(log, (Log{"up", "down", "outer down"}));
  });
}

TEST(Start, AStatusMayBeKeptAndIsOfNoUseAfterTheEnd) {
  std::optional<TaskStatus<>> never, done;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      const Failure failure = FailureOf(co_await Capture(nursery.Start([&](TaskStatus<> status) -> Task<> {
        never = status;
        co_return;
      })));
      EXPECT_TRUE(failure);
      co_await nursery.Start([&](TaskStatus<> status) -> Task<> {
        done = status;
        status.Started();
        co_return;
      });
      never->Started();
      EXPECT_THROW(never->Started(), MisuseError);
    });
    EXPECT_THROW(done->Started(), MisuseError);
  });
  EXPECT_THROW(done->Started(), MisuseError);
  EXPECT_THROW(never->Started(), MisuseError);
  never.reset();
  done.reset();
}

TEST(Start, APendingOneKeepsTheNurseryOpen) {  // S38, S56
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& starters) -> Task<> {
            co_await WithNursery([&](Nursery& nursery) -> Task<> {
              starters.StartSoon([&log, nursery]() -> Task<> {
                const int value = co_await nursery.Start<int>(Serve, std::ref(log), 2s);
                EXPECT_EQ(value, 42);
              });
              co_await Sleep(1s);
            });
            EXPECT_EQ(Now(), At(3s));
            EXPECT_EQ(log, (Log{"up", "down"}));
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  });
}

TEST(Start, ANurseryClosesWhenItsLastPendingOneFails) {  // S56
  for (const bool cancelled : {false, true}) {
    UnderEveryPolicy([&](const RunOptions& options) {
      const RunOutcome outcome = RunVirtual(
          [&]() -> Task<> {
            co_await WithNursery([&](Nursery& starters) -> Task<> {
              std::optional<Nursery> handle;
              co_await WithNursery([&](Nursery& nursery) -> Task<> {
                handle = nursery;
                starters.StartSoon([=]() -> Task<> {
                  co_await MoveOnAfter(cancelled ? 2s : 1h, [&]() -> Task<> {
                    const Failure failure =
                        FailureOf(co_await Capture(nursery.Start([cancelled](TaskStatus<>) -> Task<> {
                          co_await Sleep(cancelled ? 5s : 2s);
                          Throw("boom");
                        })));
                    EXPECT_EQ(failure.is_cancelled(), cancelled);
                  });
                });
                co_await Sleep(1s);
              });
              EXPECT_EQ(Now(), At(2s));
              const Failure failure =
                  FailureOf(co_await Capture(handle->Start([](TaskStatus<>) -> Task<> { co_return; })));
              EXPECT_TRUE(failure) << "closed";
            });
          },
          options);
      EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    });
  }
}

// ---------------------------------------------------------------- cancellation

TEST(Start, BeingCancelledCancelsTheTask) {  // S55
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            const ScopeExit exit = co_await MoveOnAfter(
                1s, [&]() -> Task<> { static_cast<void>(co_await nursery.Start<int>(Serve, std::ref(log), 2s)); });
            EXPECT_TRUE(exit.cancelled_caught);
            EXPECT_FALSE(nursery.cancel_scope().cancel_called());
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(outcome.ended_at, At(1s));
    EXPECT_TRUE(log.empty());
  });
}

TEST(Start, CancellingTheNurseryDoesNotCancelATaskThatHasNotStarted) {  // S53
  Log log;
  RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& starters) -> Task<> {
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        starters.StartSoon([&log, nursery]() -> Task<> {
          const int value = co_await nursery.Start<int>(Serve, std::ref(log), 2s);
          log.push_back("value " + std::to_string(value));
        });
        co_await Checkpoint();
        nursery.cancel_scope().Cancel();
      });
      EXPECT_EQ(Now(), At(2s));
    });
  });
  EXPECT_EQ(log, (Log{"up", "value 42"})) << "it came up, moved into a cancelled nursery, and did not serve";
}

TEST(Start, AStartedTaskIsOutOfReachOfTheStartersScope) {  // S53
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            CancelScope scope({.timeout = 1500ms});
            co_await WithScope(scope, [&]() -> Task<> {
              static_cast<void>(co_await nursery.Start<int>(Serve, std::ref(log), 1s));
              co_await SleepForever();
            });
            EXPECT_TRUE(scope.cancelled_caught());
            EXPECT_EQ(Now(), At(1500ms));
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(log, (Log{"up", "down"}));
    EXPECT_EQ(outcome.ended_at, At(2s));
  });
}

TEST(Start, AStartedTaskHasTheDeadlinesOfTheNursery) {  // S53, S24
  std::vector<Time> deadlines;
  RunVirtual([&]() -> Task<> {
    co_await MoveOnAfter(9s, [&]() -> Task<> {
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        co_await MoveOnAfter(5s, [&]() -> Task<> {
          co_await nursery.Start([&](TaskStatus<> status) -> Task<> {
            deadlines.push_back(CurrentEffectiveDeadline());
            co_await MoveOnAfter(7s, [&]() -> Task<> {
              status.Started();
              deadlines.push_back(CurrentEffectiveDeadline());
              co_return;
            });
            deadlines.push_back(CurrentEffectiveDeadline());
          });
        });
      });
    });
  });
  EXPECT_EQ(deadlines, (std::vector<Time>{At(5s), At(7s), At(9s)}));
}

TEST(Start, AStartedTaskAndAllInsideItAreCancelledWithTheNursery) {  // S53
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            co_await nursery.Start([&](TaskStatus<> status) -> Task<> {
              const AtEnd guard([&] { log.push_back("task"); });
              co_await MoveOnAfter(1h, [&]() -> Task<> {
                co_await WithNursery([&](Nursery& inner) -> Task<> {
                  inner.StartSoon([&]() -> Task<> {
                    const AtEnd inner_guard([&] { log.push_back("grandchild"); });
                    co_await SleepForever();
                  });
                  co_await Sleep(1s);
                  status.Started();
                  co_await SleepForever();
                });
              });
            });
            co_await Sleep(1s);
            EXPECT_TRUE(log.empty());
            nursery.cancel_scope().Cancel();
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(outcome.ended_at, At(2s));
    EXPECT_EQ(log, (Log{"grandchild", "task"}));
  });
}

// Everything that sleeps in what is moved is woken by the move, but what a shield protects.
TEST(Start, MovingIntoACancelledNurseryCancelsTheSleepers) {  // S53
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& starters) -> Task<> {
            co_await WithNursery([&](Nursery& nursery) -> Task<> {
              std::optional<TaskStatus<>> status;
              starters.StartSoon([&, nursery]() -> Task<> {
                co_await nursery.Start([&](TaskStatus<> own) -> Task<> {
                  status = own;
                  co_await WithNursery([&](Nursery& inner) -> Task<> {
                    inner.StartSoon([&]() -> Task<> {
                      const AtEnd guard([&] { log.push_back("sleeper"); });
                      co_await SleepForever();
                    });
                    inner.StartSoon([&]() -> Task<> {
                      co_await Shielded([]() -> Task<> { co_await Sleep(3s); });
                      log.push_back("shielded");
                    });
                    co_await SleepForever();
                  });
                });
                log.push_back("started");
                EXPECT_EQ(Now(), At(1s));
              });
              co_await Sleep(1s);
              nursery.cancel_scope().Cancel();
              EXPECT_TRUE(log.empty());
              status->Started();
            });
            EXPECT_EQ(Now(), At(3s));
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    ASSERT_EQ(log.size(), 3u);
    EXPECT_EQ(log[2], "shielded");
  });
}

TEST(Start, NothingMovesIfTheStartIsCancelledAlready) {  // S54
  UnderEveryPolicy([](const RunOptions& options) {
    const RunOutcome outcome = RunVirtual(
        []() -> Task<> {
          co_await WithNursery([](Nursery& nursery) -> Task<> {
            CancelScope scope;
            Failure failure;
            co_await WithScope(scope, [&]() -> Task<> {
              failure = FailureOf(co_await Capture(nursery.Start([scope](TaskStatus<> status) mutable -> Task<> {
                scope.Cancel();
                status.Started();
                co_await Shielded([]() -> Task<> { co_await Sleep(1s); });
                Throw("after started");
              })));
            });
            EXPECT_TRUE(Says(failure, "after started")) << "it is the start's still: " << failure.ToString();
            EXPECT_EQ(Now(), At(1s));
            EXPECT_FALSE(nursery.cancel_scope().cancel_called());
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  });
}

TEST(Start, ACancelledOneReturnsIfItsTaskStartsAndEndsInPeace) {  // S54
  RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      CancelScope scope;
      scope.Cancel();
      int value = 0;
      co_await WithScope(scope, [&]() -> Task<> {
        value = co_await nursery.Start<int>([](TaskStatus<int> status) -> Task<> {
          status.Started(3);
          co_return;
        });
      });
      EXPECT_EQ(value, 3);
      EXPECT_FALSE(scope.cancelled_caught());
    });
  });
}

TEST(Start, ACancelledOneUnwindsIfItsTaskDoesAfterStarted) {  // S54
  RunVirtual([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      CancelScope scope;
      scope.Cancel();
      bool returned = false;
      co_await WithScope(scope, [&]() -> Task<> {
        co_await nursery.Start([](TaskStatus<> status) -> Task<> {
          status.Started();
          co_await Checkpoint();
        });
        returned = true;
      });
      EXPECT_FALSE(returned);
      EXPECT_TRUE(scope.cancelled_caught());
    });
  });
}

TEST(Start, ACancellationAfterStartedComesTooLate) {  // S53, S61
  UnderEveryPolicy([](const RunOptions& options) {
    bool returned = false;
    Log log;
    RunVirtual(
        [&]() -> Task<> {
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            CancelScope scope;
            co_await WithScope(scope, [&]() -> Task<> {
              co_await nursery.Start([&log, scope](TaskStatus<> status) mutable -> Task<> {
                status.Started();
                scope.Cancel();
                co_await Sleep(1s);
                log.push_back("served");
              });
              returned = true;
            });
          });
        },
        options);
    EXPECT_TRUE(returned);
    EXPECT_EQ(log, Log{"served"});
  });
}

// ---------------------------------------------------------------- nothing is left

Task<> ManyStarts() {
  const Counted counted;
  const Outcome<> boom = co_await Capture(WithNursery([](Nursery& starters) -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 4; ++i) {
        starters.StartSoon(
            [nursery, i](Counted) -> Task<> {
              co_await MoveOnAfter(i == 3 ? 1s : 1h, [&]() -> Task<> {
                const Outcome<Counted> dropped = co_await Capture(nursery.Start<Counted>(
                    [i](Counted, TaskStatus<Counted> status) -> Task<> {
                      const AtEnd guard([&status] {
                        try {
                          status.Started(Counted());
                        } catch (const MisuseError&) {
                        }
                      });
                      co_await Sleep(std::chrono::seconds(i));
                      if (i == 1) Throw("boom");
                      status.Started(Counted());
                      co_await WithNursery([](Nursery& inner) -> Task<> {
                        inner.StartSoon([](Counted) -> Task<> { co_await Sleep(1s); }, Counted());
                        co_return;
                      });
                    },
                    Counted()));
              });
            },
            Counted());
      }
      co_await Sleep(500ms);
    });
  }));
  EXPECT_EQ(Shape(boom.failure()), "[[boom]]") << "its destructor said that it had started";
}

TEST(Start, LeavesNothingAtAnyStepLimit) {
  UnderEveryPolicy([](const RunOptions& options) {
    for (std::uint64_t limit = 0; limit < 45; ++limit) {
      RunOptions limited = options;
      limited.max_steps = limit;
      const RunOutcome outcome = RunVirtual(ManyStarts, limited);
      EXPECT_TRUE(outcome.completed() || outcome.kind == Kind::kStepLimit) << outcome.ToString();
      EXPECT_EQ(Counted::living, 0) << "limit " << limit;
      if (testing::Test::HasFailure()) return;
    }
  });
}

}  // namespace
}  // namespace hocket
