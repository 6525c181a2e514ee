#include "harness/report/html.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/report/json.h"
#include "tests/report/samples.h"

namespace hocket::testing {
namespace {

using nlohmann::json;

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// What stands in the element that holds the data.
std::string DataOf(const std::string& page) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = page.find(begin) + begin.size();
  return page.substr(from, page.find("</script>", from) - from);
}

TEST(JsonString, GivesBackWhatItWasGiven) {
  for (const std::string text :
       {"", "plain", "\"\\/\b\f\n\r\t", "</script><!--&", "\x01\x1f\x7f", "\xc3\xa4 \xe2\x80\xa8 \xf0\x9f\x9a\x80"})
    EXPECT_EQ(json::parse(JsonString(text)), text);
  const std::string with_zero("a\0b", 3);
  EXPECT_EQ(json::parse(JsonString(with_zero)), with_zero);
}

TEST(JsonString, HasNothingThatMarkupCouldBeginWith) {
  EXPECT_EQ(JsonString("</script>&<!--").find_first_of("<>&"), std::string::npos);
}

// The cases of table 3-7 of the Unicode Standard: overlong forms, surrogates, too large, cut off.
TEST(JsonString, ReplacesWhatIsNotUtf8) {
  const std::string replacement = "\xef\xbf\xbd";
  for (const std::string bytes : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
                                  "\xf4\x90\x80\x80", "\xf5", "\xff"}) {
    std::string expected;
    for (std::size_t i = 0; i < bytes.size(); ++i) expected += replacement;
    EXPECT_EQ(json::parse(JsonString(bytes)), expected);
  }
  EXPECT_EQ(json::parse(JsonString("\xe2\x82")), replacement + replacement);
  EXPECT_EQ(json::parse(JsonString("\xc3x")), replacement + "x");
}

TEST(HtmlReport, HoldsItsDataAndNoPlaceholder) {
  for (const Sample& sample : FailingSamples()) {
    const std::string page = HtmlReport(sample.input);
    EXPECT_EQ(page.find("{{"), std::string::npos);
    const json data = json::parse(DataOf(page));
    EXPECT_EQ(data["test"], sample.input.test);
    EXPECT_EQ(data["sides"].size(), sample.input.passing ? 2u : 1u);
    EXPECT_EQ(data["sides"][0]["tasks"].size(), 2 * sample.input.failing.recording.trace.tasks.size());
  }
}

TEST(HtmlReport, NeverLetsNamesBecomeMarkup) {
  HtmlInput input;
  input.test = input.message = input.found = input.replay = kHostileText;
  Trace& trace = input.failing.recording.trace;
  trace.tasks = {"main", kHostileText};
  trace.functions = {"", kHostileText};
  TraceEvent event;
  event.kind = TraceEvent::Kind::kPark;
  event.text = event.file = kHostileText;
  trace.events.push_back(event);
  input.failing.schedule.deviations.push_back({{kHostileText, kHostileText, 1}, kHostileText});
  const std::string page = HtmlReport(input);
  const std::string harmless = HtmlReport(HtmlInput());
  for (const std::string markup : {"<script", "</script", "<img", "onerror=\""})
    EXPECT_EQ(Count(page, markup), Count(harmless, markup)) << markup;
  EXPECT_EQ(json::parse(DataOf(page))["message"].get<std::string>().substr(0, 9), "</script>");
}

TEST(HtmlReport, AsksForNothingFromOutside) {
  const std::string page = HtmlReport(HtmlInput());
  for (const std::string outside : {"http:", "https:", "src=", "@import", "url("})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
}

TEST(HtmlReport, StaysBelowAMegabyteForTenThousandSteps) {
  const HtmlInput input = LongInput(20, 10'000);
  ASSERT_GE(input.failing.recording.trace.events.size(), 20'000u);
  EXPECT_LT(HtmlReport(input).size(), 1'000'000u);
}

}  // namespace
}  // namespace hocket::testing
