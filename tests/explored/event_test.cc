#include "tests/explored/event.h"

#include <gtest/gtest.h>

#include <vector>

#include "hocket/event.h"
#include "hocket/testing/strategy.h"
#include "tests/explored/support.h"

namespace hocket::explored {
namespace {

HOCKET_TEST(EventExplored, DoesWhatTheReferenceDoes) { co_await EventProgram(); }  // S30, S61, S65

TEST(EventExplored, WaitingForASetEventIsASchedulePoint) {  // S65
  EXPECT_TRUE(IsSchedulePoint([]() -> Task<> {
    Event event;
    event.Set();
    co_await event.Wait();
  }));
}

TEST(EventExplored, MakesWaitersReadyInTheOrderInWhichTheyCame) {
  std::vector<int> order;
  const auto program = [&]() -> Task<> {
    order.clear();
    Event event;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int number = 0; number < 3; ++number) {
        nursery.StartSoon([&event, &order, number]() -> Task<> {
          co_await event.Wait();
          order.push_back(number);
        });
      }
      co_await Settle();
      event.Set();
    });
  };
  testing::Explore(program, {.executions = 1, .strategy = [](std::uint64_t) {
                               return testing::MakeBaseStrategy(testing::Base::kFifo);
                             }});
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

}  // namespace
}  // namespace hocket::explored
