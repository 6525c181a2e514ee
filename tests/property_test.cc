#include "hocket/testing/property.h"

#include <gtest/gtest.h>

#include <vector>

#include "hocket/hocket.h"

namespace {

// A sum in two halves: right, whatever the order.
HOCKET_PROPERTY(SumProperty, HalvesAddUp, std::vector<int> numbers) {
  unsigned total = 0;
  co_await hocket::WithNursery([&](hocket::Nursery& nursery) -> hocket::Task<> {
    for (std::size_t half = 0; half < 2; ++half) {
      nursery.StartSoon([&, half]() -> hocket::Task<> {
        for (std::size_t i = half; i < numbers.size(); i += 2) {
          co_await hocket::Checkpoint();
          total += static_cast<unsigned>(numbers[i]);
        }
      });
    }
    co_return;
  });
  unsigned expected = 0;
  for (const int number : numbers) expected += static_cast<unsigned>(number);
  EXPECT_EQ(total, expected);
}

}  // namespace
