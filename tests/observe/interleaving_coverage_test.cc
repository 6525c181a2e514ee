// What an engine is told of an interleaving, where all that tells two of them apart is plain memory.
#include "harness/interleaving_coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/bytes.h"
#include "harness/execution.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {
namespace {

using ::testing::IsSubsetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

using Features = std::vector<std::uint32_t>;

struct Plain {
  int x = 0;
  int y = 0;
};
using Step = std::function<void(Plain&)>;

// The features of an execution whose only decision picks `first` of two tasks, each of which takes one step.
Features FeaturesOf(const std::vector<Step>& steps, std::uint8_t first) {
  const Body body = [&]() -> Task<> {
    const auto plain = std::make_unique<Plain>();
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (const Step& step : steps) {
        nursery.StartSoon([&]() -> Task<> {
          step(*plain);
          co_return;
        });
      }
      co_return;
    });
  };
  const std::vector<std::uint8_t> input = {7, 0, 0, 0, 0, first};  // a header whose tail is the base, and a decision
  BytesStrategy bytes;
  bytes.SetInput(input.data(), input.size());
  const ExploreOptions options;
  Execution execution(body, options);
  InterleavingCoverage coverage;
  coverage.Follow(bytes);
  EXPECT_FALSE(execution.Run(coverage).failure);
  return InterleavingCoverage::Features();
}

TEST(ObservedCoverage, TellsOrdersOfPlainAccessesApart) {
  int seen = 0;
  const std::vector<Step> steps = {[](Plain& plain) { plain.x = 1; }, [&](Plain& plain) { seen = plain.x; }};
  const Features written_first = FeaturesOf(steps, 0);
  EXPECT_EQ(seen, 1);
  const Features read_first = FeaturesOf(steps, 1);
  EXPECT_EQ(seen, 0);
  EXPECT_THAT(written_first, Not(IsSubsetOf(read_first)));
}

TEST(ObservedCoverage, IsNotAboutOrdersThatMakeNoDifference) {
  const std::vector<Step> readers = {[](Plain& plain) { EXPECT_EQ(plain.x, 0); },
                                     [](Plain& plain) { EXPECT_EQ(plain.y, 0); }};
  EXPECT_THAT(FeaturesOf(readers, 0), UnorderedElementsAreArray(FeaturesOf(readers, 1)));
}

TEST(ObservedCoverage, IsTheSameWhereverMemoryIs) {
  const std::vector<Step> steps = {[](Plain& plain) { plain.x = 1; }, [](Plain& plain) { ++plain.x; }};
  const Features once = FeaturesOf(steps, 0);
  std::vector<std::unique_ptr<Plain>> others;
  for (int i = 0; i < 100; ++i) others.push_back(std::make_unique<Plain>());
  EXPECT_EQ(FeaturesOf(steps, 0), once);
}

}  // namespace
}  // namespace hocket::testing
