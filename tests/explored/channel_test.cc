#include "tests/explored/channel.h"

#include <gtest/gtest.h>

#include "hocket/channel.h"
#include "tests/explored/support.h"

namespace hocket::explored {
namespace {

HOCKET_TEST(ChannelExplored, WithoutRoomDoesWhatTheReferenceDoes) { co_await UseChannels(0); }     // S72 to S77
HOCKET_TEST(ChannelExplored, WithRoomForOneDoesWhatTheReferenceDoes) { co_await UseChannels(1); }  // S72 to S77
HOCKET_TEST(ChannelExplored, WithRoomForTwoDoesWhatTheReferenceDoes) { co_await UseChannels(2); }  // S72 to S77

TEST(ChannelExplored, SendingIntoRoomIsASchedulePoint) {  // S75
  EXPECT_TRUE(IsSchedulePoint([]() -> Task<> {
    auto [sender, receiver] = OpenChannel<int>(1);
    co_await sender.Send(1);
  }));
}

TEST(ChannelExplored, ReceivingWhatIsThereIsASchedulePoint) {  // S75
  EXPECT_TRUE(IsSchedulePoint([]() -> Task<> {
    auto [sender, receiver] = OpenChannel<int>(1);
    sender.SendNow(1);
    EXPECT_EQ(co_await receiver.Receive(), 1);
  }));
}

TEST(ChannelExplored, SendingToNobodyIsNoSchedulePoint) {  // S35
  EXPECT_FALSE(IsSchedulePoint([]() -> Task<> {
    auto [sender, receiver] = OpenChannel<int>(1);
    receiver.Close();
    co_await sender.Send(1);
  }));
}

}  // namespace
}  // namespace hocket::explored
