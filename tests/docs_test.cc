// The pages of docs/ that show code and output: the code is that of the examples, the output is what they print.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/run_program.h"

namespace hocket::testing {
namespace {

// The lines of each of a page's fenced blocks of this kind.
std::vector<std::vector<std::string>> Blocks(const std::string& page, const std::string& fence) {
  std::vector<std::vector<std::string>> blocks;
  bool inside = false;
  for (const std::string& line : Lines(Content(page))) {
    if (!inside && line == fence) {
      inside = true;
      blocks.emplace_back();
    } else if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back().push_back(line);
    }
  }
  EXPECT_FALSE(blocks.empty()) << page << " has no block " << fence;
  return blocks;
}

// Whether `lines` holds the lines of `block`, one after the other.
bool Contains(const std::vector<std::string>& lines, const std::vector<std::string>& block) {
  return std::search(lines.begin(), lines.end(), block.begin(), block.end()) != lines.end();
}

// What a program that fails on purpose prints, without what depends on the build: the configuration in the replay line,
// and its token.
std::vector<std::string> LinesPrintedBy(const std::string& program) {
  std::vector<std::string> lines = Lines(RunCommand("TEST_TARGET=//" + program, program).output);
  for (std::string& line : lines) {
    if (line.rfind("replay: ", 0) != 0) continue;
    for (std::size_t config; (config = line.find(" --config=")) != std::string::npos;)
      line.erase(config, line.find(' ', config + 1) - config);
    line = line.substr(0, line.find("HOCKET_REPLAY=h1:")) + "HOCKET_REPLAY=h1:...";
  }
  return lines;
}

// Whether each block stands in one of the files.
void ExpectCodeOf(const std::string& page, const std::vector<std::string>& files) {
  for (const std::vector<std::string>& block : Blocks(page, "```cpp")) {
    bool found = false;
    for (const std::string& file : files) found = found || Contains(Lines(Content(file)), block);
    EXPECT_TRUE(found) << page << ": not in the examples: " << block.front();
  }
}

void ExpectOutputOf(const std::string& page, const std::string& program) {
  const std::vector<std::string> printed = LinesPrintedBy(program);
  for (const std::vector<std::string>& block : Blocks(page, "```text"))
    EXPECT_TRUE(Contains(printed, block)) << page << ": not printed: " << ::testing::PrintToString(block);
}

TEST(LinearizabilityPage, ShowsCodeAndOutputOfTheExample) {
  ExpectCodeOf("docs/linearizability.md", {"examples/store.h"});
  ExpectOutputOf("docs/linearizability.md", "examples/store_demo");
}

TEST(Tutorial, ShowsCodeAndOutputOfTheExample) {
  ExpectCodeOf("docs/tutorial.md",
               {"examples/ticket_office.h", "examples/tutorial_demo.cc", "examples/examples_test.cc"});
  ExpectOutputOf("docs/tutorial.md", "examples/tutorial_demo");
}

}  // namespace
}  // namespace hocket::testing
