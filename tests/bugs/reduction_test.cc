// Reduced search of the gallery's programs equals full search: in classes and in outcomes, for the buggy program and
// for its twin. Without --config=observe only for those that report what they share, because the steps of the others
// depend on each other as far as anybody knows. With it for all of them. A program with too many schedules is compared
// with some of them; `reduction_full` has the patience for more.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "hocket/testing/explore.h"
#include "hocket/testing/observe.h"
#include "tests/bugs/gallery.h"
#include "tests/search/comparison.h"

namespace hocket::bugs {
namespace {

using testing::ExploreOptions;
using testing::PlainMemory;
using testing::Seen;

#ifndef HOCKET_REDUCTION_SCHEDULES
#define HOCKET_REDUCTION_SCHEDULES (testing::MemoryIsObserved() ? 300 : 1'000)
#endif
const std::uint64_t kFull = HOCKET_REDUCTION_SCHEDULES;  // a program with more is compared with so many of them
const std::uint64_t kReduced = kFull;                    // classes; a program with more is too large

std::vector<Program> Comparable() {
  std::vector<Program> programs;
  std::copy_if(Gallery().begin(), Gallery().end(), std::back_inserter(programs),
               [](const Program& program) { return testing::MemoryIsObserved() || program.declares; });
  return programs;
}

class Reduction : public ::testing::TestWithParam<Program> {};

INSTANTIATE_TEST_SUITE_P(Gallery, Reduction, ::testing::ValuesIn(Comparable()),
                         [](const auto& program) { return std::string(program.param.name); });

template <class T>
bool Includes(const std::set<T>& all, const std::set<T>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

TEST_P(Reduction, SeesTheClassesAndOutcomesOfTheFullSearch) {
  for (const bool fixed : {false, true}) {
    ExploreOptions options;
    options.memory = testing::MemoryIsObserved() ? PlainMemory::kObserved : PlainMemory::kReported;
    options.time_passes = GetParam().study ? TimePasses::kWhenIdle : TimePasses::kAnytime;
    options.steps_per_execution = 2'000;
    std::string observed;
    const testing::Body body = BodyOf(GetParam(), fixed, Regime::kPlain, /*padding=*/1, &observed);
    const auto what = [&] { return observed; };
    const Seen reduced = SeenBy("exhaustive", body, options, kReduced, what);
    const Seen full = SeenBy("dfs", body, options, kFull, what);
    const std::string name = fixed ? "fixed" : "buggy";
    RecordProperty(name, std::to_string(reduced.schedules) + (reduced.complete ? "" : "+") + " classes, " +
                             std::to_string(reduced.cut) + " cut, " + std::to_string(full.schedules) +
                             (full.complete ? "" : "+") + " schedules, " + std::to_string(reduced.outcomes.size()) +
                             " outcomes");
    if (full.complete) {
      EXPECT_TRUE(reduced.complete) << name;
      EXPECT_EQ(reduced.outcomes, full.outcomes) << name;
    } else if (reduced.complete) {
      EXPECT_TRUE(Includes(reduced.outcomes, full.outcomes)) << name;
    }
    EXPECT_EQ(reduced.classes.size(), reduced.schedules) << name << ": a class was run twice";
    if (full.complete) {
      EXPECT_EQ(reduced.classes, full.classes) << name;
    } else if (reduced.complete) {
      EXPECT_TRUE(Includes(reduced.classes, full.classes)) << name;
    }
  }
}

}  // namespace
}  // namespace hocket::bugs
