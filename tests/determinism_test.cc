// The same decisions give the same trace: in another process, and in every configuration, because the hashes are
// checked in.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/example_programs.h"

namespace hocket::testing {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in) << path << " cannot be read";
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string OutputOf(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  std::array<char, 4096> part{};
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) output += part.data();
  EXPECT_EQ(pclose(pipe), 0) << command;
  return output;
}

class DeterminismTest : public ::testing::TestWithParam<ExampleProgram> {};

TEST_P(DeterminismTest, TracesAreThoseCheckedIn) {
  EXPECT_EQ(TraceHashes(GetParam().buggy), ReadAll("tests/golden/" + GetParam().name + ".hashes"))
      << "If this change is meant to change traces: bazel run //tests:trace_hashes -- " << GetParam().name;
}

TEST_P(DeterminismTest, ASecondProcessGivesTheSameTraces) {
  EXPECT_EQ(TraceHashes(GetParam().buggy), OutputOf("tests/trace_hashes " + GetParam().name));
}

INSTANTIATE_TEST_SUITE_P(Examples, DeterminismTest, ::testing::ValuesIn(ExamplePrograms()),
                         [](const auto& example) { return example.param.name; });

}  // namespace
}  // namespace hocket::testing
