// Trio's test_instrumentation.py.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "hocket/instruments.h"
#include "tests/trio/policies.h"

namespace hocket {
namespace {

// Writes down what happens to tasks whose path ends in "/worker.<n>", in Trio's words.
class TaskRecorder final : public Instrument {
 public:
  void BeforeRun() override { log.push_back("before_run"); }
  void AfterRun() override { log.push_back("after_run"); }
  void TaskSpawned(std::uint32_t task, const std::string& path) override {
    const std::size_t name = path.rfind("/worker.");
    names_.push_back(name == std::string::npos ? "" : path.substr(name + 8));
    Write("spawned", task);
  }
  void TaskScheduled(std::uint32_t task) override { Write("schedule", task); }
  void BeforeStep(std::uint32_t task) override { Write("before", task); }
  void AfterStep(std::uint32_t task, const char*, const std::source_location&) override { Write("after", task); }
  void TaskExited(std::uint32_t task, const Failure&) override { Write("exited", task); }

  // What was written about one worker, or all.
  Log Of(const std::string& worker) const {
    Log of;
    for (const std::string& entry : log) {
      if (entry.substr(entry.find(' ') + 1) == worker) of.push_back(entry.substr(0, entry.find(' ')));
    }
    return of;
  }

  Log log;

 private:
  void Write(const std::string& what, std::uint32_t task) {
    if (!names_[task].empty()) log.push_back(what + " " + names_[task]);
  }
  std::vector<std::string> names_;  // by spawn number
};

Task<> TwoWorkers(std::vector<std::string>& order) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (const char* name : {"0", "1"}) {
      nursery.StartSoon(TaskName("worker"), [&order, name]() -> Task<> {
        order.push_back(name);
        co_await Checkpoint();
        order.push_back(name);
      });
    }
    co_return;
  });
}

TEST(InstrumentsOfRuns, HearOfEachTaskInOrder) {  // test_instrumentation.py: instruments, instrument_task_spawn_exit
  ForEachPolicy([](const RunOptions& policy) {
    TaskRecorder first;
    TaskRecorder second;
    Instruments instruments;
    instruments.Add(first);
    instruments.Add(second);
    RunOptions options = policy;
    options.observer = &instruments;
    std::vector<std::string> order;
    const RunOutcome outcome = hocket::Run([&]() { return TwoWorkers(order); }, options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    const Log expected = {"spawned", "schedule", "before", "schedule", "after", "before", "after", "exited"};
    EXPECT_EQ(first.Of("0"), expected);
    EXPECT_EQ(first.Of("1"), expected);
    EXPECT_EQ(first.log, second.log);
    EXPECT_EQ(first.log.front(), "before_run");
    EXPECT_EQ(first.log.back(), "after_run");
  });
}

TEST(InstrumentsOfRuns, HearOfTheStepsInTheOrderInWhichTheyHappen) {  // test_instrumentation.py: instruments_interleave
  ForEachPolicy([](const RunOptions& policy) {
    TaskRecorder recorder;
    Instruments instruments;
    instruments.Add(recorder);
    RunOptions options = policy;
    options.observer = &instruments;
    std::vector<std::string> order;
    hocket::Run([&]() { return TwoWorkers(order); }, options);
    std::vector<std::string> steps;
    for (const std::string& entry : recorder.log) {
      if (entry.rfind("before ", 0) == 0) steps.push_back(entry.substr(7));
    }
    EXPECT_EQ(steps, order);
  });
}

TEST(InstrumentsOfRuns, OneThatThrowsIsRemoved) {  // test_instrumentation.py: instruments_crash; S88
  class Broken final : public Instrument {
   public:
    void TaskScheduled(std::uint32_t) override {
      ++calls;
      Throw("the hook");
    }
    int calls = 0;
  };
  ForEachPolicy([](const RunOptions& policy) {
    Broken broken;
    TaskRecorder recorder;
    int told = 0;
    Instruments instruments([&told](const Failure&) { ++told; });
    instruments.Add(broken);
    instruments.Add(recorder);
    RunOptions options = policy;
    options.observer = &instruments;
    std::vector<std::string> order;
    const RunOutcome outcome = hocket::Run([&]() { return TwoWorkers(order); }, options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(broken.calls, 1);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(recorder.Of("0").size(), 8u);
  });
}

}  // namespace
}  // namespace hocket
