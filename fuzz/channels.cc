// Channels against their reference (tests/explored/channel.h): who clones, closes, sends and receives through which
// end, who is cancelled or times out, and the schedule, all from the same bytes.
#include "hocket/testing/draw_input.h"
#include "hocket/testing/test.h"
#include "tests/explored/channel.h"

namespace hocket::explored {
namespace {

HOCKET_TEST(Channels, DoWhatTheReferenceDoes, {.executions = 300, .strategy = "random"}) {
  co_await UseChannels(testing::DrawFrom<std::size_t>({0, 1, 2, kUnbounded}, "capacity"));
}

}  // namespace
}  // namespace hocket::explored
