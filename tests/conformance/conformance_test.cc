// hocket's traces against those that were recorded from Trio. README.md says how to compare more than these.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/conformance/interpreter.h"
#include "tests/conformance/language.h"
#include "tests/conformance/model.h"

namespace hocket::conformance {
namespace {

using nlohmann::json;

constexpr char kRandom[] = "golden_200.jsonl";
constexpr char kDirected[] = "golden_directed.jsonl";
constexpr char kDeviations[] = "golden_deviations.jsonl";

std::vector<json> Read(const std::string& name) {
  const char* runfiles = std::getenv("TEST_SRCDIR");
  const std::filesystem::path root = runfiles == nullptr
                                         ? std::filesystem::path(".")
                                         : std::filesystem::path(runfiles) / std::getenv("TEST_WORKSPACE");
  std::ifstream in(root / "tests/conformance" / name);
  if (!in) throw std::runtime_error("cannot read " + name + "; run this in the root of the repository");
  std::vector<json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

// The lines of a file, which is read once.
const std::vector<json>& Golden(const std::string& name) {
  static auto* files = new std::map<std::string, std::vector<json>>;
  const auto file = files->find(name);
  return file != files->end() ? file->second : files->emplace(name, Read(name)).first->second;
}

// The traces of deviating programs, by program.
std::map<std::string, json> Deviations() {
  std::map<std::string, json> deviations;
  for (const json& line : Golden(kDeviations)) deviations.emplace(line.at("prog").dump(), line.at("trace"));
  return deviations;
}

// "the same", or the first event that differs.
std::string Difference(const json& expected, const json& found) {
  if (expected.dump() == found.dump()) return "the same";
  const auto show = [](const json& trace, std::size_t i) { return i < trace.size() ? trace[i].dump() : "nothing"; };
  std::size_t i = 0;
  while (show(expected, i) == show(found, i)) ++i;
  return "event " + std::to_string(i) + ": expected " + show(expected, i) + ", found " + show(found, i);
}

TEST(Conformance, RandomProgramsHaveTriosTraces) {
  const std::vector<json>& golden = Golden(kRandom);
  EXPECT_EQ(golden.size(), 200u);
  for (const json& line : golden) {
    const json& program = line.at("prog");
    EXPECT_EQ(Difference(line.at("trace"), RunProgram(program)), "the same") << program;
  }
}

TEST(Conformance, DirectedProgramsHaveTriosTracesOrDeviateAsListed) {
  const std::vector<json>& golden = Golden(kDirected);
  const std::map<std::string, json> deviations = Deviations();
  EXPECT_EQ(golden.size(), 260u);
  std::size_t deviating = 0;
  for (const json& line : golden) {
    const json& program = line.at("prog");
    const auto deviation = deviations.find(program.dump());
    if (deviation != deviations.end()) ++deviating;
    const json& expected = deviation != deviations.end() ? deviation->second : line.at("trace");
    EXPECT_EQ(Difference(expected, RunProgram(program)), "the same") << program;
  }
  EXPECT_EQ(deviating, deviations.size()) << "a deviation is listed for a program that is not there";
}

TEST(Conformance, OnlyTheProgramsOfTwoDeviationsAreExcused) {  // S32 S68
  std::map<std::string, int> count;
  std::map<std::string, json> trio;
  for (const json& line : Golden(kDirected)) trio.emplace(line.at("prog").dump(), line.at("trace"));
  for (const json& line : Golden(kDeviations)) {
    const json& program = line.at("prog");
    ++count[line.at("deviation").get<std::string>()];
    EXPECT_NE(trio.at(program.dump()), line.at("trace")) << "this does not deviate: " << program;
  }
  EXPECT_EQ(count, (std::map<std::string, int>{{"S32", 7}, {"S68", 20}}));
}

// The model has both deviations at once.
TEST(Conformance, TheModelHasTriosTracesOrDeviatesAsListed) {
  const std::map<std::string, json> deviations = Deviations();
  for (const char* name : {kRandom, kDirected}) {
    for (const json& line : Golden(name)) {
      const json& program = line.at("prog");
      const auto deviation = deviations.find(program.dump());
      const json& expected = deviation != deviations.end() ? deviation->second : line.at("trace");
      EXPECT_EQ(Difference(expected, RunModel(program)), "the same") << program;
    }
  }
}

TEST(Conformance, ProgramRunsTheSameAgain) {
  const json program = Golden(kRandom).at(0).at("prog");
  EXPECT_EQ(RunProgram(program).dump(), RunProgram(program).dump());
}

TEST(Conformance, TextThatIsNoUtf8IsRefusedLikeAnyOther) {
  const json program = {{"main", json::array({{{"id", "\xff"}, {"op", "cp"}}})}};
  try {
    CheckProgram(program);
    ADD_FAILURE() << "it was not refused";
  } catch (const BadProgram& error) {
    EXPECT_STREQ(error.what(), "main[0].id: expected a number from 0 to 1000000000, found \"\\ufffd\"");
  }
}

TEST(Conformance, ProgramThatTakesTooLongIsGivenUp) {
  const json program =
      json::parse(R"({"main": [{"id": 1, "op": "cp"}, {"id": 2, "op": "cp"}, {"id": 3, "op": "cp"}]})");
  try {
    RunProgram(program, 2);
    ADD_FAILURE() << "it was not given up";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the program has not ended after 2 steps");
  }
  EXPECT_EQ(RunProgram(program, 100).back().at("ev"), "end");
}

}  // namespace
}  // namespace hocket::conformance
