#include "hocket/instruments.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

using std::chrono_literals::operator""ms;

// Writes down every hook.
class Scribe : public Instrument {
 public:
  Scribe(Log& log, std::string name) : log_(log), name_(std::move(name)) {}
  void BeforeRun() override { Write("before run"); }
  void AfterRun() override { Write("after run"); }
  void TaskSpawned(std::uint32_t, const std::string& path) override { Write("spawned " + path); }
  void TaskScheduled(std::uint32_t task) override { Write("scheduled " + std::to_string(task)); }
  void BeforeStep(std::uint32_t task) override { Write("before step of " + std::to_string(task)); }
  void AfterStep(std::uint32_t task, const char* operation, const std::source_location&) override {
    Write("after step of " + std::to_string(task) + ": " + operation);
  }
  void TaskExited(std::uint32_t task, const Failure& failure) override {
    Write("exited " + std::to_string(task) + ": " + failure.ToString());
  }
  void BeforeWait(Time) override { Write("before wait"); }
  void AfterWait() override { Write("after wait"); }

 private:
  void Write(const std::string& what) { log_.push_back(name_ + what); }
  Log& log_;
  std::string name_;
};

TEST(Instruments, HearEverythingInOrder) {
  Log log;
  Scribe scribe(log, "");
  Instruments instruments;
  instruments.Add(scribe);
  const RunOutcome outcome = RunVirtual(
      []() -> Task<> {
        co_await WithNursery([](Nursery& nursery) -> Task<> {
          nursery.StartSoon(TaskName("child"), []() -> Task<> { co_await Checkpoint(); });
          co_return;
        });
      },
      {.observer = &instruments});
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{
                     "before run",
                     "spawned main",
                     "scheduled 0",
                     "before step of 0",
                     "spawned main/child.0",
                     "scheduled 1",
                     "after step of 0: Nursery.Exit",
                     "before step of 1",
                     "scheduled 1",
                     "after step of 1: Checkpoint",
                     "before step of 1",
                     "after step of 1: exit",
                     "exited 1: no failure",
                     "scheduled 0",
                     "before step of 0",
                     "after step of 0: exit",
                     "exited 0: no failure",
                     "after run",
                 }));
}

TEST(Instruments, HearWhenARealRunWaits) {
  Log log;
  Scribe scribe(log, "");
  Instruments instruments;
  instruments.Add(scribe);
  RunReal([]() -> Task<> { co_await Sleep(1ms); }, {.observer = &instruments});
  EXPECT_EQ(log, (Log{"before run", "spawned main", "scheduled 0", "before step of 0", "after step of 0: Sleep",
                      "before wait", "after wait", "scheduled 0", "before step of 0", "after step of 0: exit",
                      "exited 0: no failure", "after run"}));
}

TEST(Instruments, OfOneEventAreCalledInTheOrderOfAdding) {  // S88
  Log log;
  Scribe first(log, "1 ");
  Scribe second(log, "2 ");
  Instruments instruments;
  instruments.Add(first);
  instruments.Add(second);
  RunVirtual([]() -> Task<> { co_return; }, {.observer = &instruments});
  EXPECT_EQ(log,
            (Log{"1 before run", "2 before run", "1 spawned main", "2 spawned main", "1 scheduled 0", "2 scheduled 0",
                 "1 before step of 0", "2 before step of 0", "1 after step of 0: exit", "1 exited 0: no failure",
                 "2 after step of 0: exit", "2 exited 0: no failure", "1 after run", "2 after run"}));
}

TEST(Instruments, HearOfWakeUpsInTheOrderOfWaiting) {  // S5
  Log log;
  Scribe scribe(log, "");
  Instruments instruments;
  RunVirtual(
      [&]() -> Task<> {
        Event event;
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          for (int i = 0; i < 6; ++i) nursery.StartSoon([&]() -> Task<> { co_await event.Wait(); });
          co_await Settle();
          instruments.Add(scribe);
          event.Set();
          instruments.Remove(scribe);
        });
      },
      {.observer = &instruments});
  EXPECT_EQ(log, (Log{"scheduled 1", "scheduled 2", "scheduled 3", "scheduled 4", "scheduled 5", "scheduled 6"}));
}

// Throws at the n-th step.
class Faulty : public Instrument {
 public:
  explicit Faulty(int at) : at_(at) {}
  void BeforeStep(std::uint32_t) override {
    if (++steps == at_) Throw("faulty");
  }
  int steps = 0;

 private:
  int at_;
};

Task<> ThreeSteps() {
  co_await Checkpoint();
  co_await Checkpoint();
}

TEST(Instruments, OneThatThrowsIsToldOfAndRemovedAndTheRunGoesOn) {  // S88
  Log log;
  Faulty faulty(2);
  Faulty fine(0);
  Instruments instruments([&log](const Failure& failure) { log.push_back(failure.ToString()); });
  instruments.Add(faulty);
  instruments.Add(fine);
  const RunOutcome outcome = RunVirtual(ThreeSteps, {.observer = &instruments});
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, Log{"std::runtime_error: faulty"});
  EXPECT_EQ(faulty.steps, 2);
  EXPECT_EQ(fine.steps, 3);
  EXPECT_THROW(instruments.Remove(faulty), MisuseError);
}

TEST(Instruments, WriteOfAFaultyOneToStandardErrorUnlessTold) {  // S88
  Faulty faulty(1);
  Instruments instruments;
  instruments.Add(faulty);
  testing::internal::CaptureStderr();
  RunVirtual(ThreeSteps, {.observer = &instruments});
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "hocket: an instrument has been removed because it threw std::runtime_error: faulty\n");
}

// Removes itself at its first step, and adds another one.
class Relay : public Instrument {
 public:
  Relay(Instruments& instruments, Instrument& next) : instruments_(instruments), next_(next) {}
  void BeforeStep(std::uint32_t) override {
    instruments_.Remove(*this);
    instruments_.Add(next_);
  }

 private:
  Instruments& instruments_;
  Instrument& next_;
};

TEST(Instruments, MayBeAddedAndRemovedByAHook) {
  Faulty counter(0);
  Instruments instruments;
  Relay relay(instruments, counter);
  instruments.Add(relay);
  RunVirtual(ThreeSteps, {.observer = &instruments});
  EXPECT_EQ(counter.steps, 2);
  EXPECT_THROW(instruments.Remove(relay), MisuseError);
  instruments.Remove(counter);
}

using InstrumentsDeathTest = testing::Test;

TEST(InstrumentsDeathTest, CheckThatEachIsAddedOnce) {
  Faulty counter(0);
  Instruments instruments;
  instruments.Add(counter);
  EXPECT_DEATH(instruments.Add(counter), "has been added already");
}

}  // namespace
}  // namespace hocket
