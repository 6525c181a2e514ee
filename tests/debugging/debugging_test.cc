// docs/debugging.md, and tools/gdb/hocket.py, by gdb itself. gdb has to be there: a test that was skipped would say
// nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

using testing::HasSubstr;

std::vector<std::string> LinesOf(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string Content(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  EXPECT_FALSE(content.str().empty()) << path;
  return content.str();
}

std::string Quoted(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

// What gdb prints when it executes the commands, and the program with it.
std::string Gdb(const std::vector<std::string>& commands, const std::string& program, const std::string& core = "") {
  // Leaks cannot be looked for in a process that is traced.
  std::string line =
      "env -i PATH=/usr/bin:/bin HOME=/ ASAN_OPTIONS=detect_leaks=0 gdb -q -nx -batch -x tools/gdb/hocket.py";
  for (const std::string& command : commands) line += " -ex " + Quoted(command);
  line += " -ex echo " + program + " " + core + " 2>&1";  // the exit status is the last command's
  FILE* pipe = popen(line.c_str(), "r");
  std::string output;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  EXPECT_EQ(pclose(pipe), 0) << output;
  return output;
}

// The lines after each line "----".
std::vector<std::string> Parts(const std::string& output) {
  std::vector<std::string> parts;
  for (const std::string& line : LinesOf(output)) {
    if (line == "----") {
      parts.emplace_back();
    } else if (!parts.empty()) {
      parts.back() += line + "\n";
    }
  }
  return parts;
}

const std::string kRule = "echo ----\\n";
constexpr char kStopped[] = "tests/debugging/stopped_program";

TEST(Documentation, ShowsASessionThatHappensAsItStandsThere) {
  // g++ 12 does not say where the variables of a coroutine lie.
  if (std::getenv("HOCKET_CONFIG_GCC") != nullptr) GTEST_SKIP() << "clang's debug information";
  std::vector<std::string> commands;
  std::vector<std::string> wanted;
  bool inside = false;
  for (const std::string& line : LinesOf(Content("docs/debugging.md"))) {
    if (line.rfind("```", 0) == 0) {
      inside = line == "```gdb";
    } else if (inside && line.rfind("(gdb) ", 0) == 0) {
      commands.push_back(line.substr(6));
    } else if (inside) {
      wanted.push_back(line);
    }
  }
  ASSERT_GE(commands.size(), 5u);
  ASSERT_GE(wanted.size(), 10u);
  const std::string output = Gdb(commands, "tests/debugging/bank_demo");
  const std::vector<std::string> lines = LinesOf(output);
  std::size_t next = 0;
  for (const std::string& line : wanted) {
    while (next < lines.size() && lines[next].rfind(line, 0) != 0) ++next;
    ASSERT_LT(next, lines.size()) << "not there, or not in this order: " << line << "\n" << output;
  }
}

TEST(Gdb, ReadsTheSameTreeFromMemoryAsTheProgramWrites) {
  const std::string output =
      Gdb({"run", kRule, "hocket tasks --call", kRule, "hocket tasks --memory", kRule, "hocket tasks"}, kStopped);
  const std::vector<std::string> trees = Parts(output);
  ASSERT_EQ(trees.size(), 3u) << output;
  EXPECT_THAT(trees[0], HasSubstr("\n    main/second.0 waits in Lock.Acquire for main/holder.0\n"));
  EXPECT_THAT(trees[0], HasSubstr("\n    main/parked.0 waits in Meeting.Wait\n"));
  EXPECT_THAT(trees[0], HasSubstr("\n        main/inner.0/child.0 waits in Sleep\n"));
  EXPECT_THAT(trees[0], HasSubstr("\n    main/stop.0 is running\n"));
  EXPECT_THAT(trees[0], HasSubstr("\nmain/system.0 waits in Sleep\n"));
  EXPECT_EQ(trees[1], trees[0]);
  EXPECT_EQ(trees[2], trees[0]);
}

TEST(Gdb, ReadsTheTreeFromACoreFile) {
  if (std::getenv("HOCKET_CONFIG_ASAN") != nullptr) GTEST_SKIP() << "gdb would write AddressSanitizer's shadow memory";
  const std::string core = testing::TempDir() + "/core";
  const std::vector<std::string> live =
      Parts(Gdb({"run", kRule, "hocket tasks", kRule, "generate-core-file " + core}, kStopped));
  const std::vector<std::string> dead = Parts(Gdb({kRule, "hocket tasks"}, kStopped, core));
  ASSERT_EQ(live.size(), 2u);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0], live[0]);
  std::filesystem::remove(core);
}

TEST(Gdb, CallsTheProgramWhereThereIsNoDebugInformation) {
  const std::string stripped = testing::TempDir() + "/stripped";
  ASSERT_EQ(std::system((std::string("strip -g -o ") + stripped + " " + kStopped).c_str()), 0);
  const std::vector<std::string> whole = Parts(Gdb({"run", kRule, "hocket tasks"}, kStopped));
  const std::vector<std::string> parts =
      Parts(Gdb({"run", kRule, "hocket tasks", kRule, "hocket tasks --memory"}, stripped));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0], whole.at(0));
  EXPECT_THAT(parts[1], HasSubstr("hocket tasks: no debug information of the runtime: "));
}

TEST(Gdb, SaysThatNoThreadIsInsideARun) {
  EXPECT_THAT(Gdb({"start", "hocket tasks"}, kStopped), HasSubstr("\nno thread is inside a run\n"));
  EXPECT_THAT(Gdb({"start", "hocket tasks --call"}, kStopped), HasSubstr("\nno thread is inside a run\n"));
  EXPECT_THAT(Gdb({"start", "hocket tasks --memori"}, kStopped),
              HasSubstr("hocket tasks: expected --memory, --call or nothing, found '--memori'"));
}

// The names of operations stand in the headers and in the script.
TEST(Gdb, KnowsTheOperationsOfAllAwaiters) {
  const std::string script = Content("tools/gdb/hocket.py");
  std::size_t operations = 0;
  for (const auto& file : std::filesystem::directory_iterator("include/hocket")) {
    if (file.path().extension() != ".h") continue;
    std::string awaiter;
    const std::regex begins(R"(^class (\w+Awaiter) .*\{)");
    const std::regex names(R"(operation\(\) const noexcept .*return ("[\w.]+");)");
    for (const std::string& line : LinesOf(Content(file.path().string()))) {
      std::smatch found;
      if (std::regex_search(line, found, begins)) awaiter = found[1];
      if (!std::regex_search(line, found, names)) continue;
      ++operations;
      EXPECT_THAT(script, HasSubstr("    \"" + awaiter + "\": " + found[1].str() + ",\n"));
    }
  }
  EXPECT_GT(operations, 10u);
}

}  // namespace
