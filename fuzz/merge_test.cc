// libFuzzer's merge keeps inputs that differ in their interleaving alone, and drops those that do not differ.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "tests/run_program.h"

namespace {

using hocket::testing::Content;
using hocket::testing::Folder;
using hocket::testing::Result;
using hocket::testing::RunCommand;
using hocket::testing::Write;

std::set<std::string> ContentsIn(const std::string& folder) {
  std::set<std::string> contents;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) contents.insert(Content(entry.path().string()));
  return contents;
}

class Merge : public testing::TestWithParam<const char*> {};

TEST_P(Merge, KeepsOneInputOfEachInterleaving) {
  if (std::getenv("HOCKET_CONFIG_LIBFUZZER") == nullptr) GTEST_SKIP() << "no libFuzzer: see --config=libfuzzer";
  const std::string folder = Folder();
  std::filesystem::create_directories(folder + "/in");
  std::filesystem::create_directories(folder + "/out");
  const auto add = [&](const std::string& name, const std::string& schedule) {
    const Result result = RunCommand("", "tools/schedule convert h1:test=Turns.AreTaken:base=stay" + schedule +
                                             " --to=bytes --binary=fuzz/turns --output=" + folder + "/in/" + name);
    EXPECT_EQ(result.status, 0) << result.output;
  };
  add("first", "");
  add("second", ":at=main,Nursery.Exit,1,main/1");
  // The same as the first one, with a byte more that nobody asks for.
  Write(folder + "/in/again", Content(folder + "/in/first") + std::string(20, '\0'));
  const Result merged = RunCommand("", "fuzz/turns --hocket_fuzz=Turns.AreTaken -- " + std::string(GetParam()) + " " +
                                           folder + "/out " + folder + "/in");
  EXPECT_EQ(merged.status, 0) << merged.output;
  const std::set<std::string> both = {Content(folder + "/in/first"), Content(folder + "/in/second")};
  EXPECT_EQ(ContentsIn(folder + "/out"), both) << merged.output;
}

INSTANTIATE_TEST_SUITE_P(Kinds, Merge, testing::Values("-merge=1", "-set_cover_merge=1"),
                         [](const auto& info) { return info.index == 0 ? "Greedy" : "SetCover"; });

}  // namespace
