// The page in headless Chromium: browser.py opens each sample, walks through it and measures; here is what must come
// out. A browser that is missing is a failure.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/report/html.h"
#include "tests/report/samples.h"

namespace hocket::testing {
namespace {

using nlohmann::json;

constexpr char kLong[] = "very_long";
constexpr char kEmpty[] = "empty";  // as of a process that died before its first step

void Write(const std::string& folder, const std::string& name, const HtmlInput& input) {
  std::ofstream(folder + "/" + name + ".html", std::ios::binary) << HtmlReport(input);
}

// Facts by page.
json Look() {
  const std::string folder = ::testing::TempDir() + "/pages";
  if (std::system(("mkdir -p '" + folder + "'").c_str()) != 0) return json::object();
  for (const Sample& sample : FailingSamples()) Write(folder, sample.name, sample.input);
  Write(folder, kLong, LongInput(20, 100'000));
  Write(folder, kEmpty, HtmlInput());
  const std::string facts = ::testing::TempDir() + "/facts.json";
  const std::string command = "python3 tests/report/browser.py '" + folder + "' '" + facts + "'";
  if (std::system(command.c_str()) != 0) return json::object();
  std::ifstream file(facts);
  return json::parse(file);
}

const json& Facts() {
  static const json* facts = new json(Look());
  return *facts;
}

double Median(std::vector<double> times) {
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

class Page : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(Facts().size(), FailingSamples().size() + 2) << "browser.py has failed: see above";
  }
};

TEST_F(Page, LoadsWithoutComplaintsAndWithoutTheNetwork) {
  for (const auto& [name, facts] : Facts().items()) {
    EXPECT_EQ(facts["errors"], json::array()) << name;
    ASSERT_EQ(facts["requests"].size(), 1u) << name;
    EXPECT_EQ(facts["requests"][0].get<std::string>().substr(0, 7), "file://");
  }
}

TEST_F(Page, ShowsNamesAsText) {
  for (const auto& [name, facts] : Facts().items()) EXPECT_FALSE(facts["pwned"].get<bool>()) << name;
  const std::string text = Facts()["everything"]["text"];
  EXPECT_NE(text.find("<img src=x onerror='window.pwned=1'>\"&amp;"), std::string::npos) << text;
}

TEST_F(Page, IsWalkedByKeys) {
  for (const auto& [name, facts] : Facts().items()) {
    const json& walk = facts["walk"];
    const int rows = walk["rows"];
    const int forth = std::min(rows, 41);
    if (name == kEmpty) continue;
    EXPECT_EQ(walk["forth"], forth) << name;
    EXPECT_EQ(walk["back"], forth - 3) << name;
    EXPECT_EQ(walk["end"], rows) << name;
    EXPECT_TRUE(walk["keys_open"].get<bool>()) << name;
  }
}

TEST_F(Page, SaysEachStepToScreenReaders) {
  const json& said = Facts()["bank"]["walk"]["said"];
  ASSERT_EQ(said.size(), 6u);
  EXPECT_EQ(said[0].get<std::string>().substr(0, 12), "Step 1 of 6:");
  EXPECT_NE(said[2].get<std::string>().find("main/1 Audit, 1 of 2, deviates from the base: stops at Checkpoint"),
            std::string::npos)
      << said[2];
}

TEST_F(Page, TellsPlaceOperationReadySetAndChoiceOfAStep) {
  const std::string details = Facts()["bank"]["walk"]["details"];
  for (const std::string part :
       {"Goes on from", "Stops at", "Virtual time", "Chosen", "Ready set (1)", "What happens", "fails:"})
    EXPECT_NE(details.find(part), std::string::npos) << part << " in: " << details;
  const std::string text = Facts()["bank"]["text"];
  EXPECT_NE(text.find("examples/bank.h:"), std::string::npos) << text;
  EXPECT_NE(text.find("the base stay would choose main/0 Transfer"), std::string::npos) << text;
  EXPECT_NE(text.find(" deviations to 1 in "), std::string::npos) << text;
}

TEST_F(Page, MarksWhereThePassingScheduleParts) {
  EXPECT_EQ(Facts()["bank"]["difference"], 3);
  EXPECT_NE(Facts()["bank"]["text"].get<std::string>().find("They part at step 3"), std::string::npos);
  EXPECT_EQ(Facts()["everything"]["difference"], 0) << "there is no passing schedule";
}

TEST_F(Page, ShowsGroupsAsATree) {
  const json& roles = Facts()["everything"]["accessibility"]["roles"];
  EXPECT_GE(roles.value("tree", 0), 2);
  EXPECT_NE(Facts()["everything"]["text"].get<std::string>().find("Exceptions from a nursery"), std::string::npos);
}

TEST_F(Page, GivesEveryControlARoleAndAName) {
  for (const auto& [name, facts] : Facts().items()) {
    for (const json* tree : {&facts["accessibility"], &facts["walk"]["dialog"]})
      EXPECT_EQ((*tree)["nameless"], json::array()) << name;
    const json& roles = facts["accessibility"]["roles"];
    EXPECT_EQ(roles.value("button", 0), 11) << name;
    EXPECT_EQ(roles.value("textbox", 0), 1) << name;
    EXPECT_GE(roles.value("slider", 0), 1) << name;
    EXPECT_GE(roles.value("listbox", 0), 1) << name;
    EXPECT_GE(roles.value("option", 0), name == kEmpty ? 0 : 5) << name;
    EXPECT_EQ(facts["walk"]["dialog"]["roles"].value("dialog", 0), 1) << name;
  }
}

TEST_F(Page, IsReadableLightAndDarkAndNarrow) {
  for (const auto& [name, facts] : Facts().items()) {
    for (const std::string look : {"light", "dark", "narrow"}) {
      EXPECT_GE(facts[look]["contrast"]["value"].get<double>(), 4.5) << name << ", " << look << ": " << facts[look];
      EXPECT_LE(facts[look]["overflow"].get<int>(), 0) << name << ", " << look;
      for (const json& colours : facts[look]["colours"])
        EXPECT_GT(colours.get<int>(), 50) << name << ": a timeline is empty";
    }
  }
}

// On whatever else the machine does: the best of the loads, and of steps and zooms the one in the middle.
TEST_F(Page, OfAHundredThousandStepsIsQuick) {
  const json& facts = Facts()[kLong];
  EXPECT_GE(facts["walk"]["rows"].get<int>(), 100'000);
  const std::vector<double> paints = facts["first_paint"];
  EXPECT_LE(*std::min_element(paints.begin(), paints.end()), 2000);
  for (const std::string what : {"step", "zoom", "fit"}) EXPECT_LE(Median(facts[what]), 100) << what;
}

}  // namespace
}  // namespace hocket::testing
