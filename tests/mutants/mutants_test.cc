// Each mutant in *.txt, which tools/mutants runs, must fit the sources as they are.
#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Mutant {
  std::string name;
  std::string file;
  std::string old_lines;
  std::string new_lines;
};

std::string Content(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.is_open()) << path;
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

std::vector<Mutant> ReadMutants(const std::string& path) {
  std::vector<Mutant> mutants;
  std::stringstream lines(Content(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("mutant ", 0) == 0) {
      EXPECT_NE(line.find(": "), std::string::npos) << path << ": " << line << ": what does it break?";
      mutants.push_back({line.substr(7, line.find(':') - 7), "", "\n", "\n"});
    } else if (mutants.empty() || line.empty() || line[0] == '#') {
      EXPECT_TRUE(line.empty() || line[0] == '#') << path << ": " << line;
    } else if (line.rfind("file ", 0) == 0) {
      mutants.back().file = line.substr(5);
    } else if (line[0] == '-') {
      mutants.back().old_lines += line.substr(1) + "\n";
    } else if (line[0] == '+') {
      mutants.back().new_lines += line.substr(1) + "\n";
    } else {
      ADD_FAILURE() << path << ": " << line;
    }
  }
  return mutants;
}

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class MutantsTest : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Primitive, MutantsTest,
                         ::testing::Values("attempt", "capacity_limiter", "channel", "condition", "event", "lock",
                                           "parking_lot", "semaphore", "start"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(MutantsTest, ApplyToTheSources) {
  const std::vector<Mutant> mutants = ReadMutants("tests/mutants/" + std::string(GetParam()) + ".txt");
  EXPECT_GE(mutants.size(), 5u);
  std::set<std::string> names;
  for (const Mutant& mutant : mutants) {
    SCOPED_TRACE(mutant.name);
    EXPECT_TRUE(names.insert(mutant.name).second);
    EXPECT_NE(mutant.old_lines, mutant.new_lines);
    EXPECT_NE(mutant.old_lines, "\n");
    EXPECT_EQ(Count("\n" + Content(mutant.file), mutant.old_lines), 1u) << mutant.file << mutant.old_lines;
  }
}

}  // namespace
