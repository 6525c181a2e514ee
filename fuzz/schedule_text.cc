// The reader of schedules, given any text: it refuses it with a place, or reads the one schedule that is written so.
#include <string>

#include "fuzz/drawn_schedule.h"
#include "hocket/testing/draw_input.h"
#include "hocket/testing/schedule.h"
#include "hocket/testing/test.h"

namespace hocket::testing {
namespace {

// A file without its remarks: lines that are empty or begin with '#'.
std::string WithoutRemarks(const std::string& text) {
  std::string rest;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    if (text[begin] != '#' && text[begin] != '\n') rest += text.substr(begin, end - begin);
    begin = end;
  }
  return rest;
}

HOCKET_TEST(ScheduleText, IsRefusedWithAPlaceOrTheOnlyOneOfItsSchedule, {.executions = 1000, .strategy = "random"}) {
  const bool is_file = Coin("file");
  const std::string text = DrawText(4000, "text");
  const absl::StatusOr<Schedule> schedule = is_file ? ParseScheduleFile(text) : ParseToken(text);
  if (!schedule.ok()) {
    EXPECT_EQ(WrongAboutRefusal(schedule.status(), text, is_file), "");
    co_return;
  }
  const std::string token = FormatToken(*schedule);
  const std::string file = FormatScheduleFile(*schedule);
  EXPECT_EQ(is_file ? file : token, is_file ? WithoutRemarks(text) : text);
  EXPECT_TRUE(*ParseToken(token) == *schedule);
  EXPECT_TRUE(*ParseScheduleFile(file) == *schedule);
  // Without its exact form it is shorter and still a token.
  const absl::StatusOr<Schedule> within = ParseToken(FormatTokenWithin(*schedule, 0));
  HOCKET_ASSERT_TRUE(within.ok());
  Schedule without_exact = *schedule;
  without_exact.exact.clear();
  EXPECT_TRUE(*within == without_exact);
}

}  // namespace
}  // namespace hocket::testing
