// Atomicity suspects: found where a task relies on a value across a checkpoint, silent where something keeps the others
// away.
#include "hocket/testing/suspects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/observe.h"

namespace hocket::testing {
namespace {

using Kind = AtomicitySuspect::Kind;
using ::testing::AllOf;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kRead = __LINE__ + 2;
Task<> Withdraw(Shared<int>& balance, int amount) {
  const int before = balance;
  co_await Checkpoint();
  balance = before - amount;
}
constexpr int kCheckpoint = kRead + 1;
constexpr int kWrite = kRead + 2;

Task<> WithdrawUnderLock(Lock& lock, Shared<int>& balance, int amount) {
  co_await lock.Acquire();
  const LockGuard guard(lock);
  co_await Withdraw(balance, amount);
}

Task<> WithdrawAtOnce(Shared<int>& balance, int amount) {
  co_await Checkpoint();
  balance -= amount;
}

// Two tasks of one function, on one account.
template <class Function>
Body Twice(Function function) {
  return [function]() -> Task<> {
    Lock lock;
    Shared<int> balance(100);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int task = 0; task < 2; ++task) {
        nursery.StartSoon([&]() -> Task<> { co_await function(lock, balance); });
      }
      co_return;
    });
  };
}

std::vector<AtomicitySuspect> SuspectsOf(const Body& body) { return FindAtomicitySuspects(body, {.executions = 200}); }

TEST(AtomicitySuspects, NameTheLinesOfALostUpdate) {
  const Body body = Twice([](Lock&, Shared<int>& balance) { return Withdraw(balance, 10); });
  const std::vector<AtomicitySuspect> suspects = SuspectsOf(body);
  ASSERT_FALSE(suspects.empty());
  const AtomicitySuspect& suspect = suspects.front();
  EXPECT_EQ(suspect.kind, Kind::kLostUpdate);
  EXPECT_FALSE(suspect.first.writes);
  EXPECT_TRUE(suspect.between.writes);
  EXPECT_TRUE(suspect.second.writes);
  EXPECT_EQ(suspect.first.task, suspect.second.task);
  EXPECT_NE(suspect.first.task, suspect.between.task);
  EXPECT_THAT(suspect.second.file, HasSubstr("suspects_test.cc"));
  EXPECT_EQ(suspect.exact, MemoryIsObserved());
  EXPECT_EQ(suspect.second.line, suspect.exact ? kWrite : kCheckpoint);
  if (suspect.exact) {
    EXPECT_EQ(suspect.first.line, kRead);
    EXPECT_EQ(suspect.between.line, kWrite);
  }
  EXPECT_THAT(suspect.ToString(), AllOf(HasSubstr("lost update"), HasSubstr("suspects_test.cc:"), HasSubstr("main/0")));
}

TEST(AtomicitySuspects, AreNoneUnderALock) {
  const Body body = Twice([](Lock& lock, Shared<int>& balance) { return WithdrawUnderLock(lock, balance, 10); });
  EXPECT_THAT(SuspectsOf(body), IsEmpty());
}

TEST(AtomicitySuspects, AreNoneWithinOneStep) {
  const Body body = Twice([](Lock&, Shared<int>& balance) { return WithdrawAtOnce(balance, 10); });
  EXPECT_THAT(SuspectsOf(body), IsEmpty());
}

// One task accesses a value twice, before and after a checkpoint; another one once.
Body Triple(std::function<void(Shared<int>&)> first, std::function<void(Shared<int>&)> between,
            std::function<void(Shared<int>&)> second) {
  return [=]() -> Task<> {
    Shared<int> value(1);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        first(value);
        co_await Checkpoint();
        second(value);
      });
      nursery.StartSoon([&]() -> Task<> {
        between(value);
        co_return;
      });
      co_return;
    });
  };
}
void Read(Shared<int>& value) { static_cast<void>(value.Get()); }
void Write(Shared<int>& value) { value.Set(2); }

struct Case {
  const char* name;
  std::function<void(Shared<int>&)> first;
  std::function<void(Shared<int>&)> between;
  std::function<void(Shared<int>&)> second;
  std::vector<Kind> kinds;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Cases : public ::testing::TestWithParam<Case> {};

// Table 1 of the AVIO paper: four of the eight cases have a serial order.
TEST_P(Cases, AreThoseThatNoSerialOrderExplains) {
  std::vector<Kind> kinds;
  for (const AtomicitySuspect& suspect : SuspectsOf(Triple(GetParam().first, GetParam().between, GetParam().second)))
    kinds.push_back(suspect.kind);
  EXPECT_EQ(kinds, GetParam().kinds);
}

INSTANTIATE_TEST_SUITE_P(Avio, Cases,
                         ::testing::Values(Case{"RRR", Read, Read, Read, {}}, Case{"RRW", Read, Read, Write, {}},
                                           Case{"RWR", Read, Write, Read, {Kind::kUnrepeatableRead}},
                                           Case{"RWW", Read, Write, Write, {Kind::kLostUpdate}},
                                           Case{"WRR", Write, Read, Read, {}},
                                           Case{"WRW", Write, Read, Write, {Kind::kIntermediateValue}},
                                           Case{"WWR", Write, Write, Read, {Kind::kOverwritten}},
                                           Case{"WWW", Write, Write, Write, {}}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(AtomicitySuspects, ComeFromPrimitivesNever) {
  const Body body = []() -> Task<> {
    Event event;
    Semaphore semaphore(1);
    auto [sender, receiver] = OpenChannel<int>(1);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        for (int i = 0; i < 3; ++i) co_await sender.Send(i);
        event.Set();
      });
      nursery.StartSoon([&]() -> Task<> {
        for (int i = 0; i < 3; ++i) co_await receiver.Receive();
        co_await event.Wait();
      });
      for (int task = 0; task < 2; ++task) {
        nursery.StartSoon([&]() -> Task<> {
          co_await semaphore.Acquire();
          co_await Checkpoint();
          semaphore.Release();
        });
      }
      co_return;
    });
  };
  const std::vector<AtomicitySuspect> suspects = SuspectsOf(body);
  EXPECT_TRUE(suspects.empty()) << suspects.front().ToString();
}

TEST(AtomicitySuspects, AreTheSameEachTime) {
  const Body body = Twice([](Lock&, Shared<int>& balance) { return Withdraw(balance, 10); });
  EXPECT_EQ(SuspectsOf(body), SuspectsOf(body));
}

TEST(AtomicitySuspects, AreSeenInThisProcessOnly) {
  const Body body = Twice([](Lock&, Shared<int>& balance) { return Withdraw(balance, 10); });
  EXPECT_EQ(FindAtomicitySuspects(body, {.executions = 200, .isolate = true}), SuspectsOf(body));
}

TEST(AtomicitySuspects, AreNotLookedForBeyondTheDeadline) {
  int executions = 0;
  const Body body = [&]() -> Task<> {
    ++executions;
    co_await Checkpoint();
  };
  ExploreOptions options;
  options.deadline = std::chrono::steady_clock::now();
  FindAtomicitySuspects(body, options);
  EXPECT_EQ(executions, 1);
}

TEST(AtomicitySuspects, IncludePlainMemoryWhereItIsObserved) {
  constexpr int kLine = __LINE__ + 8;
  const Body body = []() -> Task<> {
    int balance = 100;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int task = 0; task < 2; ++task) {
        nursery.StartSoon([&]() -> Task<> {
          const int before = balance;
          co_await Checkpoint();
          balance = before - 10;
        });
      }
      co_return;
    });
  };
  const std::vector<AtomicitySuspect> suspects = SuspectsOf(body);
  if (!MemoryIsObserved()) {
    EXPECT_THAT(suspects, IsEmpty());
    return;
  }
  ASSERT_FALSE(suspects.empty());
  EXPECT_EQ(suspects.front().kind, Kind::kLostUpdate);
  EXPECT_EQ(suspects.front().second.line, kLine);
}

}  // namespace
}  // namespace hocket::testing
