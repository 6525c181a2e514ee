#include "harness/strategy/drawer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/strategies/support.h"

namespace hocket::testing {
namespace {

constexpr int kExecutions = 4000;
constexpr int kHits = 20;
constexpr const char* kLabels[] = {"disk.read", "disk.write", "net.send", "net.receive"};

// How often each label failed in an execution.
std::map<std::string, int> Faults(Drawer& drawer, std::uint64_t seed) {
  drawer.StartExecution(seed);
  std::map<std::string, int> faults;
  for (int hit = 0; hit < kHits; ++hit) {
    for (const char* label : kLabels) {
      if (drawer.Draw(2, label, DrawKind::kFault) == 1) ++faults[label];
    }
  }
  return faults;
}

TEST(Drawer, DrawsFaultsInClusters) {
  Drawer drawer;
  int faulty_labels = 0;
  int faults = 0;
  int twice = 0;
  for (int i = 0; i < kExecutions; ++i) {
    for (const auto& [label, count] : Faults(drawer, MixSeed(1, static_cast<std::uint64_t>(i)))) {
      ++faulty_labels;
      faults += count;
      if (count > 1) ++twice;
    }
  }
  // One label of eight, in which 1 - 0.75^20 of the executions see a fault.
  EXPECT_TRUE(Fits(faulty_labels, 4 * kExecutions, 0.997 / 8));
  EXPECT_NEAR(static_cast<double>(faults) / faulty_labels, 0.25 * kHits, 0.2);
  EXPECT_GT(twice, faulty_labels * 9 / 10);
}

TEST(Drawer, LetsHalfOfTheExecutionsHaveNoFaults) {
  constexpr int kMany = 60;  // labels: that none of them may fail has a probability of 0.75^60
  Drawer drawer;
  int faulty = 0;
  std::vector<std::string> labels;
  for (int label = 0; label < kMany; ++label) labels.push_back("label " + std::to_string(label));
  for (int i = 0; i < kExecutions; ++i) {
    drawer.StartExecution(MixSeed(2, static_cast<std::uint64_t>(i)));
    bool failed = false;
    for (int hit = 0; hit < kHits; ++hit) {
      for (const std::string& label : labels) failed |= drawer.Draw(2, label.c_str(), DrawKind::kFault) == 1;
    }
    if (failed) ++faulty;
  }
  EXPECT_TRUE(Fits(faulty, kExecutions, 0.5));
}

// A label is what it says, wherever its text stands in memory.
TEST(Drawer, KnowsLabelsByTheirText) {
  Drawer drawer;
  const std::string copy = "disk.write";
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    drawer.StartExecution(seed);
    std::vector<std::uint32_t> first;
    for (int hit = 0; hit < kHits; ++hit) first.push_back(drawer.Draw(2, "disk.write", DrawKind::kFault));
    drawer.StartExecution(seed);
    for (const std::uint32_t value : first) EXPECT_EQ(drawer.Draw(2, copy.c_str(), DrawKind::kFault), value);
  }
}

TEST(Drawer, KeepsTheKindsOfValuesApart) {
  Drawer alone;
  Drawer among;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    alone.StartExecution(seed);
    among.StartExecution(seed);
    for (int i = 0; i < 10; ++i) {
      among.Draw(2, "fault", DrawKind::kFault);
      among.Draw(5, "wake", DrawKind::kWake);
      EXPECT_EQ(among.Draw(1000, "value", DrawKind::kValue), alone.Draw(1000, "value", DrawKind::kValue));
    }
    alone.StartExecution(seed);
    among.StartExecution(seed);
    for (int i = 0; i < 10; ++i) {
      among.Draw(2, "fault", DrawKind::kFault);
      among.Draw(5, "value", DrawKind::kValue);
      EXPECT_EQ(among.Draw(1000, "wake", DrawKind::kWake), alone.Draw(1000, "wake", DrawKind::kWake));
    }
  }
}

// One more value, wake or fault point leaves the schedule as it is, with every strategy that samples: to a search it is
// one more decision.
TEST(Drawer, LeavesTheScheduleAlone) {
  for (const std::string& name : SamplingStrategyNames()) {
    std::vector<std::vector<AlternativeId>> picks[2];
    for (const bool draws : {false, true}) {
      const Body body = [draws]() -> Task<> {
        co_await WithNursery([draws](Nursery& nursery) -> Task<> {
          for (int task = 0; task < 3; ++task) {
            nursery.StartSoon([draws]() -> Task<> {
              for (int step = 0; step < 4; ++step) {
                if (draws) {
                  Choose(7, "value");
                  Fault("fault");
                }
                co_await Checkpoint();
              }
            });
          }
          co_return;
        });
      };
      const std::unique_ptr<Strategy> strategy = Make(name);
      Runs runs(*strategy, body);
      for (std::uint64_t index = 0; index < 30; ++index) picks[draws].push_back(runs.Run(index).picks);
    }
    EXPECT_EQ(picks[0], picks[1]) << name;
  }
}

}  // namespace
}  // namespace hocket::testing
