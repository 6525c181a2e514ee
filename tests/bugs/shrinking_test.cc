// How far the gallery's failures shrink: the numbers that `bazel run -c opt //tests/bugs:shrinking` prints for more
// seeds.
#include "tests/bugs/shrinking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "tests/bugs/gallery.h"

namespace hocket::bugs {
namespace {

const std::vector<Shrinking>& All() {
  static const auto& all = *[] {
    auto* found = new std::vector<Shrinking>();
    for (const Program& program : Gallery()) {
      const std::optional<Shrinking> shrinking = ShrinkFound(program, /*seed=*/1);
      if (shrinking) found->push_back(*shrinking);
    }
    return found;
  }();
  return all;
}

TEST(Shrinking, IsMeasuredOnAlmostAllOfTheGallery) { EXPECT_GE(All().size(), Gallery().size() - 2); }

TEST(Shrinking, LeavesFewDeviationsAfterFewExecutions) {
  const ShrinkingSummary summary = Summarize(All());
  EXPECT_LE(summary.median_shrunk, 4);
  EXPECT_LE(summary.median_executions, 100);
}

TEST(Shrinking, LeavesAtMostOneDeviationMoreThanTheFewestDelays) {
  std::size_t proven = 0;
  for (const Shrinking& shrinking : All()) {
    if (!shrinking.fewest_delays) continue;
    ++proven;
    EXPECT_LE(shrinking.shrunk, *shrinking.fewest_delays + 1) << shrinking.program->name;
  }
  EXPECT_GT(proven, All().size() / 2);
}

TEST(Shrinking, OfWhatIsShrunkChangesNothing) {
  for (const Shrinking& shrinking : All()) EXPECT_TRUE(shrinking.idempotent) << shrinking.program->name;
}

TEST(Shrinking, ComesWithAPassNearMostFailures) {
  const ShrinkingSummary summary = Summarize(All());
  EXPECT_GE(summary.pairs * 10, All().size() * 8);
}

}  // namespace
}  // namespace hocket::bugs
