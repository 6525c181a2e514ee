// The tables that strategies look things up in do what the simplest ones would.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <vector>

#include "harness/object_index.h"
#include "harness/random.h"
#include "harness/weighted_set.h"

namespace hocket::testing {
namespace {

TEST(WeightedSet, DrawsWhatLookingThroughAllWeightsWould) {
  Random random(1);
  for (const std::uint32_t size : {1u, 5u, 16u, 17u, 256u, 257u, 5'000u}) {
    WeightedSet set;
    for (int run = 0; run < 2; ++run) {  // the second one in a set that is as large as it gets
      std::vector<std::uint64_t> weights(size, 0);
      std::uint64_t total = 0;
      for (int i = 0; i < 2'000; ++i) {
        const std::uint32_t index = random.Below(size);
        const std::uint64_t weight = random.Below(4) == 0 ? 0 : random.Below(1'000);
        total += weight - weights[index];
        weights[index] = weight;
        set.Set(index, weight);
        ASSERT_EQ(set.total(), total);
        ASSERT_EQ(set[index], weight);
        if (total == 0) continue;
        const std::uint64_t place = random.Next();
        std::uint64_t rest = ((place >> 32) * total) >> 32;
        std::uint32_t expected = 0;
        while (weights[expected] <= rest) rest -= weights[expected++];
        ASSERT_EQ(set.Draw(place), expected) << "of " << size;
      }
      set.Clear();
      EXPECT_EQ(set.total(), 0u);
    }
  }
}

TEST(ObjectIndex, NumbersObjectsInTheOrderInWhichTheyAreSeen) {
  ObjectIndex index;
  Random random(1);
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(index.IfSeen(1), ObjectIndex::kNone);
    std::map<ObjectId, std::uint32_t> expected;
    for (int i = 0; i < 5'000; ++i) {
      // Neighbours, and names that differ in their highest bits only.
      const ObjectId object =
          random.Below(2) == 0 ? 1 + random.Below(500) : (std::uint64_t{random.Below(500)} << 52) + 7;
      EXPECT_EQ(index.IfSeen(object), expected.contains(object) ? expected[object] : ObjectIndex::kNone);
      const auto number = expected.try_emplace(object, static_cast<std::uint32_t>(expected.size())).first->second;
      ASSERT_EQ(index.Of(object), number);
    }
    EXPECT_EQ(index.size(), expected.size());
    index.Clear();
  }
}

}  // namespace
}  // namespace hocket::testing
