// Trio's test_sync.py: events, limiters, semaphores, locks, conditions.

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hocket/capacity_limiter.h"
#include "hocket/channel.h"
#include "hocket/condition.h"
#include "hocket/event.h"
#include "hocket/lock.h"
#include "hocket/semaphore.h"
#include "tests/trio/policies.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

// ---------------------------------------------------------------- events

TEST(EventTest, WakesAllWhoWait) {  // test_sync.py: Event; S65
  ForEachPolicy([](RunOptions options) {
    Recorder recorder;
    options.observer = &recorder;
    const RunOutcome outcome = hocket::Run(
        [&]() -> Task<> {
          Event event;
          EXPECT_FALSE(event.is_set());
          event.Set();
          EXPECT_TRUE(event.is_set());
          const std::uint64_t before = recorder.steps[0];
          co_await event.Wait();
          EXPECT_EQ(recorder.steps[0] - before, 1u) << "a schedule point, although it is set";
          co_await WithScope(CancelScope(), [&](CancelScope& scope) -> Task<> {
            scope.Cancel();
            EXPECT_TRUE(co_await Unwinds([&]() -> Task<> { co_await event.Wait(); })) << "and a cancel point";
          });

          Event later;
          Log log;
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 2; ++i) {
              nursery.StartSoon([&]() -> Task<> {
                log.push_back("sleeping");
                co_await later.Wait();
                log.push_back("woken");
              });
            }
            co_await Settle();
            EXPECT_EQ(log, (Log{"sleeping", "sleeping"}));
            later.Set();
            EXPECT_EQ(log.size(), 2u) << "nobody runs inside Set";
            co_await Settle();
            EXPECT_EQ(log, (Log{"sleeping", "sleeping", "woken", "woken"}));
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  });
}

// ---------------------------------------------------------------- limiters

TEST(CapacityLimiterTest, LendsATokenToEachBorrower) {  // test_sync.py: CapacityLimiter; S70, S71
  RunUnderEveryPolicy([]() -> Task<> {
    CapacityLimiter limiter(2);
    EXPECT_EQ(limiter.total(), 2u);
    EXPECT_EQ(limiter.borrowed(), 0u);
    limiter.AcquireNow();
    EXPECT_EQ(limiter.borrowed(), 1u);
    EXPECT_THROW(limiter.AcquireNow(), MisuseError) << "one each";
    EXPECT_TRUE(co_await Throws<MisuseError>([&]() -> Task<> { co_await limiter.Acquire(); }));
    limiter.AcquireOnBehalfOfNow(7);
    EXPECT_EQ(limiter.borrowed(), 2u);
    EXPECT_THROW(limiter.AcquireOnBehalfOfNow(7), MisuseError);
    EXPECT_THROW(limiter.AcquireOnBehalfOfNow(8), WouldBlock);
    EXPECT_THROW(limiter.ReleaseOnBehalfOf(8), MisuseError);
    limiter.Release();
    EXPECT_EQ(limiter.borrowed(), 1u);
    EXPECT_THROW(limiter.Release(), MisuseError);
    limiter.ReleaseOnBehalfOf(7);
    EXPECT_EQ(limiter.borrowed(), 0u);

    // Whoever waits comes first.
    Log log;
    co_await limiter.AcquireOnBehalfOf(1);
    co_await limiter.AcquireOnBehalfOf(2);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 2; ++i) {
        nursery.StartSoon([&log, &limiter, i]() -> Task<> {
          co_await limiter.Acquire();
          log.push_back(std::to_string(i));
          limiter.Release();
        });
        co_await Settle();
      }
      EXPECT_EQ(limiter.waiting(), 2u);
      limiter.ReleaseOnBehalfOf(1);
      EXPECT_EQ(limiter.waiting(), 1u);
      EXPECT_EQ(limiter.borrowed(), 2u) << "handed over at once";
      EXPECT_THROW(limiter.AcquireNow(), WouldBlock);
    });
    EXPECT_EQ(log, (Log{"0", "1"}));
    limiter.ReleaseOnBehalfOf(2);
    EXPECT_EQ(limiter.borrowed(), 0u);
  });
}

TEST(CapacityLimiterTest, MayBeUnlimited) {  // test_sync.py: CapacityLimiter_inf; S70
  RunUnderEveryPolicy([]() -> Task<> {
    CapacityLimiter limiter(CapacityLimiter::kUnlimited);
    for (std::uint64_t i = 0; i < 100; ++i) limiter.AcquireOnBehalfOfNow(i);
    EXPECT_EQ(limiter.borrowed(), 100u);
    EXPECT_EQ(limiter.total(), CapacityLimiter::kUnlimited);
    limiter.ReleaseOnBehalfOf(50);
    EXPECT_EQ(limiter.borrowed(), 99u);
    co_return;
  });
}

// Who holds a token of a limiter that has none left.
std::set<std::uint64_t> Borrowers(CapacityLimiter& limiter, std::uint64_t below) {
  std::set<std::uint64_t> borrowers;
  for (std::uint64_t i = 0; i < below; ++i) {
    try {
      limiter.AcquireOnBehalfOfNow(i);
      ADD_FAILURE() << "a token was free";
    } catch (const MisuseError&) {
      borrowers.insert(i);
    } catch (const WouldBlock&) {
    }
  }
  return borrowers;
}

TEST(CapacityLimiterTest, FollowsItsTotal) {  // test_sync.py: CapacityLimiter_change_total_tokens; S70
  RunUnderEveryPolicy([]() -> Task<> {
    CapacityLimiter limiter(2);
    const auto acquire = [&](std::uint64_t borrower) -> Task<> { co_await limiter.AcquireOnBehalfOf(borrower); };
    using Set = std::set<std::uint64_t>;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (std::uint64_t i = 0; i < 5; ++i) {
        nursery.StartSoon(acquire, i);
        co_await Settle();
      }
      EXPECT_EQ(Borrowers(limiter, 5), (Set{0, 1}));
      EXPECT_EQ(limiter.waiting(), 3u);
      limiter.set_total(4);
      EXPECT_EQ(Borrowers(limiter, 5), (Set{0, 1, 2, 3})) << "at once";
      EXPECT_EQ(limiter.waiting(), 1u);
      limiter.set_total(1);
      EXPECT_EQ(limiter.borrowed(), 4u) << "nothing is taken back";
      for (std::uint64_t i = 0; i < 3; ++i) limiter.ReleaseOnBehalfOf(i);
      EXPECT_EQ(Borrowers(limiter, 5), (Set{3}));
      EXPECT_EQ(limiter.waiting(), 1u);
      limiter.ReleaseOnBehalfOf(3);
      EXPECT_EQ(Borrowers(limiter, 5), (Set{4}));
      EXPECT_EQ(limiter.waiting(), 0u);
    });
  });
}

TEST(CapacityLimiterTest, ForgetsACancelledWaiter) {  // test_sync.py: CapacityLimiter_memleak_548; S70
  RunUnderEveryPolicy([]() -> Task<> {
    CapacityLimiter limiter(1);
    co_await limiter.Acquire();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { co_await limiter.Acquire(); });
      nursery.StartSoon([&]() -> Task<> { co_await limiter.AcquireOnBehalfOf(7); });
      co_await Settle();
      EXPECT_EQ(limiter.waiting(), 2u);
      nursery.cancel_scope().Cancel();
      EXPECT_EQ(limiter.waiting(), 0u);
    });
    EXPECT_EQ(limiter.borrowed(), 1u);
    limiter.Release();
    EXPECT_EQ(limiter.borrowed(), 0u) << "nobody was there to get it";
    limiter.AcquireOnBehalfOfNow(7);
  });
}

TEST(CapacityLimiterTest, MayHaveNoTokens) {  // test_sync.py: CapacityLimiter_zero_limit_tokens; S70
  RunUnderEveryPolicy([]() -> Task<> {
    CapacityLimiter limiter(0);
    EXPECT_THROW(limiter.AcquireNow(), WouldBlock);
    std::set<std::uint64_t> acquired;
    const auto acquire = [&](std::uint64_t borrower) -> Task<> {
      co_await limiter.AcquireOnBehalfOf(borrower);
      acquired.insert(borrower);
    };
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (std::uint64_t i = 0; i < 5; ++i) nursery.StartSoon(acquire, i);
      co_await Settle();
      EXPECT_TRUE(acquired.empty());
      EXPECT_EQ(limiter.waiting(), 5u);
      limiter.set_total(5);
      co_await Settle();
      EXPECT_EQ(acquired.size(), 5u);
      limiter.set_total(0);
      EXPECT_EQ(limiter.borrowed(), 5u);
      for (std::uint64_t i = 0; i < 5; ++i) limiter.ReleaseOnBehalfOf(i);
      EXPECT_THROW(limiter.AcquireNow(), WouldBlock);
      nursery.StartSoon(acquire, 10);
      co_await Settle();
      EXPECT_EQ(limiter.waiting(), 1u);
      limiter.set_total(1);
    });
    EXPECT_TRUE(acquired.contains(10));
  });
}

// ---------------------------------------------------------------- semaphores

TEST(SemaphoreTest, CountsTokens) {  // test_sync.py: Semaphore; S69, S71
  RunUnderEveryPolicy([]() -> Task<> {
    Semaphore semaphore(1);
    EXPECT_EQ(semaphore.value(), 1u);
    co_await semaphore.Acquire();
    EXPECT_EQ(semaphore.value(), 0u);
    EXPECT_THROW(semaphore.AcquireNow(), WouldBlock);
    semaphore.Release();
    EXPECT_EQ(semaphore.value(), 1u);
    semaphore.AcquireNow();
    EXPECT_EQ(semaphore.value(), 0u);

    bool acquired = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await semaphore.Acquire();
        acquired = true;
      });
      co_await Settle();
      EXPECT_FALSE(acquired);
      EXPECT_EQ(semaphore.waiting(), 1u);
      semaphore.Release();
      EXPECT_EQ(semaphore.value(), 0u) << "the token went to who waits";
      EXPECT_EQ(semaphore.waiting(), 0u);
      EXPECT_THROW(semaphore.AcquireNow(), WouldBlock);
    });
    EXPECT_TRUE(acquired);
    semaphore.Release();  // by somebody else than who acquired
    semaphore.Release();  // without a maximum, any number
    EXPECT_EQ(semaphore.value(), 2u);
  });
}

TEST(SemaphoreTest, MayHaveAMaximum) {  // test_sync.py: Semaphore_bounded; S69
  RunUnderEveryPolicy([]() -> Task<> {
    Semaphore semaphore(1, 1);
    EXPECT_THROW(semaphore.Release(), MisuseError);
    EXPECT_EQ(semaphore.value(), 1u);
    semaphore.AcquireNow();
    semaphore.Release();
    EXPECT_EQ(semaphore.value(), 1u);
    co_return;
  });
}

using SemaphoreDeathTest = testing::Test;

TEST(SemaphoreDeathTest, BeginsWithinItsMaximum) {  // test_sync.py: Semaphore_bounded
  EXPECT_DEATH(Semaphore(2, 1), "more than its maximum");
}

// ---------------------------------------------------------------- locks

TEST(LockTest, HasOneOwner) {  // test_sync.py: Lock_and_StrictFIFOLock; S66, S71
  RunUnderEveryPolicy([]() -> Task<> {
    const TaskRef main = CurrentTask();
    Lock lock;
    EXPECT_FALSE(lock.locked());
    EXPECT_FALSE(lock.owner());
    lock.AcquireNow();
    EXPECT_TRUE(lock.locked());
    EXPECT_TRUE(lock.owner() == main);
    EXPECT_THROW(lock.AcquireNow(), MisuseError) << "not re-entrant";
    EXPECT_TRUE(co_await Throws<MisuseError>([&]() -> Task<> { co_await lock.Acquire(); }));
    lock.Release();
    EXPECT_FALSE(lock.locked());
    EXPECT_THROW(lock.Release(), MisuseError);

    co_await lock.Acquire();
    {
      const LockGuard guard(lock);
      EXPECT_TRUE(lock.locked());
    }
    EXPECT_FALSE(lock.locked());

    bool acquired = false;
    TaskRef child;
    co_await lock.Acquire();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        child = CurrentTask();
        EXPECT_THROW(lock.Release(), MisuseError) << "somebody else's";
        EXPECT_THROW(lock.AcquireNow(), WouldBlock);
        co_await lock.Acquire();
        const LockGuard guard(lock);
        acquired = true;
      });
      co_await Settle();
      EXPECT_EQ(lock.waiting(), 1u);
      EXPECT_FALSE(acquired);
      lock.Release();
      EXPECT_TRUE(lock.owner() == child) << "before it has run";
      EXPECT_FALSE(acquired);
      EXPECT_THROW(lock.AcquireNow(), WouldBlock);
      co_await lock.Acquire();  // queues behind the child
      EXPECT_TRUE(acquired);
      lock.Release();
    });
    EXPECT_FALSE(lock.locked());
  });
}

TEST(LockTest, BreaksWithItsOwner) {  // test_sync.py: lock_acquire_unowned_lock; S67
  RunUnderEveryPolicy([]() -> Task<> {
    Lock lock;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { co_await lock.Acquire(); });
      co_return;
    });
    EXPECT_TRUE(co_await Throws<BrokenResourceError>([&]() -> Task<> { co_await lock.Acquire(); }));
    EXPECT_EQ(lock.waiting(), 0u);
    EXPECT_TRUE(lock.locked());
    EXPECT_THROW(lock.AcquireNow(), WouldBlock);
  });
}

TEST(LockTest, FailsWhoWaitsWhenItsOwnerEnds) {  // test_sync.py: lock_multiple_acquire; S67
  RunUnderEveryPolicy([]() -> Task<> {
    Lock lock;
    int acquired = 0;
    int broken = 0;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 3; ++i) {
        nursery.StartSoon([&]() -> Task<> {
          const bool failed = co_await Throws<BrokenResourceError>([&]() -> Task<> { co_await lock.Acquire(); });
          ++(failed ? broken : acquired);
        });
      }
      co_return;
    });
    EXPECT_EQ(acquired, 1);
    EXPECT_EQ(broken, 2);
    EXPECT_EQ(lock.waiting(), 0u);
  });
}

TEST(LockTest, HandedOverBreaksWithItsNewOwner) {  // test_sync.py: lock_handover; S66, S67
  RunUnderEveryPolicy([]() -> Task<> {
    Lock lock;
    lock.AcquireNow();
    EXPECT_TRUE(lock.owner() == CurrentTask());
    TaskRef child;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        child = CurrentTask();
        co_await lock.Acquire();
      });
      co_await Settle();
      lock.Release();
      EXPECT_TRUE(lock.owner() == child);
    });
    EXPECT_TRUE(lock.owner() == child);
    EXPECT_TRUE(child.ended());
    EXPECT_TRUE(co_await Throws<BrokenResourceError>([&]() -> Task<> { co_await lock.Acquire(); }));
  });
}

// ---------------------------------------------------------------- conditions

Task<> WaitOnce(Lock& lock, Condition& condition, int number, Log& finished) {
  co_await lock.Acquire();
  const LockGuard guard(lock);
  co_await condition.Wait();
  EXPECT_TRUE(lock.owner() == CurrentTask());
  finished.push_back(std::to_string(number));
}

TEST(ConditionTest, NotifiesInTheOrderOfWaiting) {  // test_sync.py: Condition; S68
  RunUnderEveryPolicy([]() -> Task<> {
    Lock lock;
    Condition condition(lock);
    EXPECT_TRUE(co_await Throws<MisuseError>([&]() -> Task<> { co_await condition.Wait(); }));
    EXPECT_THROW(condition.Notify(), MisuseError);
    EXPECT_THROW(condition.NotifyAll(), MisuseError);

    Log finished;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 3; ++i) {
        nursery.StartSoon(WaitOnce, std::ref(lock), std::ref(condition), i, std::ref(finished));
        co_await Settle();
      }
      EXPECT_FALSE(lock.locked()) << "given up while waiting";
      EXPECT_EQ(condition.waiting(), 3u);
      co_await lock.Acquire();
      condition.Notify();
      lock.Release();
      EXPECT_TRUE(lock.locked()) << "the first waiter has it";
      co_await Settle();
      EXPECT_EQ(finished, (Log{"0"}));
      co_await lock.Acquire();
      condition.NotifyAll();
      EXPECT_EQ(condition.waiting(), 0u);
      EXPECT_EQ(lock.waiting(), 2u) << "notified, they wait for the lock";
      lock.Release();
      co_await Settle();
      EXPECT_EQ(finished, (Log{"0", "1", "2"}));
      EXPECT_FALSE(lock.locked());
    });

    finished.clear();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 3; ++i) {
        nursery.StartSoon(WaitOnce, std::ref(lock), std::ref(condition), i, std::ref(finished));
        co_await Settle();
      }
      co_await lock.Acquire();
      condition.Notify(2);
      EXPECT_EQ(lock.waiting(), 2u);
      EXPECT_EQ(condition.waiting(), 1u);
      lock.Release();
      EXPECT_EQ(lock.waiting(), 1u);
      co_await Settle();
      EXPECT_EQ(finished, (Log{"0", "1"}));
      co_await lock.Acquire();
      condition.NotifyAll();
      lock.Release();
    });
    EXPECT_EQ(finished, (Log{"0", "1", "2"}));
  });
}

TEST(ConditionTest, ACancelledWaitHasTheLockAgain) {  // test_sync.py: Condition; S68
  RunUnderEveryPolicy([]() -> Task<> {
    Lock lock;
    Condition condition(lock);
    CancelScope scope;
    bool unwound = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await lock.Acquire();
        const LockGuard guard(lock);
        co_await WithScope(scope, [&]() -> Task<> {
          unwound = co_await Unwinds([&]() -> Task<> { co_await condition.Wait(); });
          EXPECT_TRUE(lock.owner() == CurrentTask());
        });
      });
      co_await Settle();
      co_await lock.Acquire();
      scope.Cancel();
      EXPECT_EQ(condition.waiting(), 0u);
      co_await Settle();
      EXPECT_FALSE(unwound) << "not without the lock, which cannot be cancelled";
      EXPECT_EQ(lock.waiting(), 1u);
      lock.Release();
    });
    EXPECT_TRUE(unwound);
    EXPECT_FALSE(lock.locked());
  });
}

// In Trio the notification would be lost with the waiter that got it: a deliberate deviation.
TEST(ConditionTest, ACancelledWaiterPassesItsNotificationOn) {  // test_sync.py: Condition; S68
  RunUnderEveryPolicy([]() -> Task<> {
    Lock lock;
    Condition condition(lock);
    CancelScope scope;
    Log finished;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(scope, [&]() -> Task<> { co_await WaitOnce(lock, condition, 0, finished); });
      });
      co_await Settle();
      nursery.StartSoon(WaitOnce, std::ref(lock), std::ref(condition), 1, std::ref(finished));
      co_await Settle();
      co_await lock.Acquire();
      condition.Notify();
      scope.Cancel();
      lock.Release();
    });
    EXPECT_EQ(finished, (Log{"1"}));
    EXPECT_TRUE(scope.cancelled_caught());
  });
}

// ---------------------------------------------------------------- whatever can serve as a lock

class LockLike {
 public:
  virtual ~LockLike() = default;
  virtual Task<> Acquire() = 0;
  virtual void AcquireNow() = 0;
  virtual void Release() = 0;
};

template <class T>
class Direct final : public LockLike {
 public:
  template <class... Args>
  explicit Direct(Args... args) : lock_(args...) {}
  Task<> Acquire() override { co_await lock_.Acquire(); }
  void AcquireNow() override { lock_.AcquireNow(); }
  void Release() override { lock_.Release(); }

 private:
  T lock_;
};

// Sending takes the last room of a channel.
class ChannelWithRoomForOne final : public LockLike {
 public:
  explicit ChannelWithRoomForOne(std::size_t capacity) : ends_(OpenChannel<int>(capacity)) {
    for (std::size_t i = 1; i < capacity; ++i) ends_.first.SendNow(0);
  }
  Task<> Acquire() override { co_await ends_.first.Send(0); }
  void AcquireNow() override { ends_.first.SendNow(0); }
  void Release() override { ends_.second.ReceiveNow(); }

 private:
  std::pair<SendChannel<int>, ReceiveChannel<int>> ends_;
};

// Receiving takes the only value of a channel.
class ChannelWithOneValue final : public LockLike {
 public:
  ChannelWithOneValue() : ends_(OpenChannel<int>(10)) { ends_.first.SendNow(0); }
  Task<> Acquire() override { co_await ends_.second.Receive(); }
  void AcquireNow() override { ends_.second.ReceiveNow(); }
  void Release() override { ends_.first.SendNow(0); }

 private:
  std::pair<SendChannel<int>, ReceiveChannel<int>> ends_;
};

// Whoever releases receives from who waits, without a buffer.
class UnbufferedChannel final : public LockLike {
 public:
  UnbufferedChannel() : ends_(OpenChannel<int>(0)) {}
  Task<> Acquire() override {
    co_await CheckpointIfCancelled();
    if (acquired_) {
      co_await ends_.first.Send(0);
    } else {
      acquired_ = true;
      co_await ShieldedCheckpoint();
    }
  }
  void AcquireNow() override {
    if (acquired_) throw WouldBlock();
    acquired_ = true;
  }
  void Release() override {
    try {
      ends_.second.ReceiveNow();
    } catch (const WouldBlock&) {
      acquired_ = false;
    }
  }

 private:
  std::pair<SendChannel<int>, ReceiveChannel<int>> ends_;
  bool acquired_ = false;
};

struct LockKind {
  const char* name;
  std::function<std::unique_ptr<LockLike>()> make;
};

class GenericLock : public testing::TestWithParam<LockKind> {};

INSTANTIATE_TEST_SUITE_P(
    , GenericLock,
    testing::Values(LockKind{"CapacityLimiter",
                             [] { return std::make_unique<Direct<CapacityLimiter>>(std::size_t{1}); }},
                    LockKind{"Semaphore", [] { return std::make_unique<Direct<Semaphore>>(std::size_t{1}); }},
                    LockKind{"Lock", [] { return std::make_unique<Direct<Lock>>(); }},
                    LockKind{"ChannelWithRoomForOneOfTen", [] { return std::make_unique<ChannelWithRoomForOne>(10); }},
                    LockKind{"ChannelWithRoomForOne", [] { return std::make_unique<ChannelWithRoomForOne>(1); }},
                    LockKind{"ChannelWithOneValue", [] { return std::make_unique<ChannelWithOneValue>(); }},
                    LockKind{"UnbufferedChannel", [] { return std::make_unique<UnbufferedChannel>(); }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(GenericLock, Excludes) {  // test_sync.py: generic_lock_exclusion; S66, S69, S70, S72
  RunUnderEveryPolicy([&]() -> Task<> {
    constexpr int kLoops = 10;
    constexpr int kWorkers = 5;
    const std::unique_ptr<LockLike> lock = GetParam().make();
    bool inside = false;
    int acquires = 0;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < kWorkers; ++i) {
        nursery.StartSoon([&]() -> Task<> {
          for (int n = 0; n < kLoops; ++n) {
            co_await lock->Acquire();
            ++acquires;
            EXPECT_FALSE(inside);
            inside = true;
            co_await Checkpoint();
            co_await Checkpoint();
            EXPECT_TRUE(inside);
            inside = false;
            lock->Release();
          }
        });
      }
      co_return;
    });
    EXPECT_FALSE(inside);
    EXPECT_EQ(acquires, kLoops * kWorkers);
  });
}

// (b): batches only. Otherwise a task that is not picked for long comes late, in whatever order the lock serves.
TEST_P(GenericLock, ServesInTurn) {  // test_sync.py: generic_lock_fifo_fairness; S2, S63, S66, S69, S70, S72
  RunUnderEveryBatchPolicy([&]() -> Task<> {
    constexpr std::size_t kLoops = 5;
    constexpr std::size_t kTasks = 3;
    const std::unique_ptr<LockLike> lock = GetParam().make();
    std::vector<std::size_t> order, record;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (std::size_t i = 0; i < kTasks; ++i) {
        nursery.StartSoon([&, i]() -> Task<> {
          order.push_back(i);
          for (std::size_t n = 0; n < kLoops; ++n) {
            co_await lock->Acquire();
            record.push_back(i);
            lock->Release();
          }
        });
      }
      co_return;
    });
    std::vector<std::size_t> expected;
    for (std::size_t n = 0; n < kLoops; ++n) expected.insert(expected.end(), order.begin(), order.end());
    EXPECT_EQ(record, expected) << "round robin, in the order of the first round";
  });
}

TEST_P(GenericLock, AcquireNowKeepsOthersWaiting) {  // test_sync.py: generic_lock_acquire_nowait_blocks_acquire; S66
  RunUnderEveryPolicy([&]() -> Task<> {
    const std::unique_ptr<LockLike> lock = GetParam().make();
    Log log;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      lock->AcquireNow();
      nursery.StartSoon([&]() -> Task<> {
        log.push_back("started");
        co_await lock->Acquire();
        log.push_back("finished");
      });
      co_await Settle();
      EXPECT_EQ(log, (Log{"started"}));
      lock->Release();
    });
    EXPECT_EQ(log, (Log{"started", "finished"}));
  });
}

// What Trio's assert_checkpoints stands for around each acquire.
TEST_P(GenericLock, AnAcquireThatIsCancelledTakesNothing) {  // test_sync.py: Semaphore; S34, S71
  RunUnderEveryPolicy([&]() -> Task<> {
    const std::unique_ptr<LockLike> lock = GetParam().make();
    // Cancelled before it begins.
    co_await WithScope(CancelScope(), [&](CancelScope& scope) -> Task<> {
      scope.Cancel();
      EXPECT_TRUE(co_await Unwinds([&] { return lock->Acquire(); }));
    });
    lock->AcquireNow();
    lock->Release();

    // Cancelled at any time while it is under way: either it has happened, or it is cancelled.
    for (int delay = 0; delay < 4; ++delay) {
      CancelScope scope;
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon([&]() -> Task<> {
          co_await WithScope(scope, [&]() -> Task<> {
            if (!co_await Unwinds([&] { return lock->Acquire(); })) lock->Release();
          });
        });
        for (int i = 0; i < delay; ++i) co_await Checkpoint();
        scope.Cancel();
      });
      EXPECT_NO_THROW(lock->AcquireNow());
      lock->Release();
    }
  });
}

TEST_P(GenericLock, AnAcquireThatWasServedIsNotCancelled) {  // S61
  RunUnderEveryPolicy([&]() -> Task<> {
    const std::unique_ptr<LockLike> lock = GetParam().make();
    bool acquired = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      lock->AcquireNow();
      nursery.StartSoon([&]() -> Task<> {
        acquired = !co_await Unwinds([&] { return lock->Acquire(); });
        if (acquired) lock->Release();
      });
      co_await Settle();
      lock->Release();
      nursery.cancel_scope().Cancel();  // before the waiter runs, but after the release has chosen it
    });
    EXPECT_TRUE(acquired);
    EXPECT_NO_THROW(lock->AcquireNow());
    lock->Release();
  });
}

}  // namespace
}  // namespace hocket
