// The pages of docs/ that show code and output: the code is that of the examples, the output is what they print.
#include <gtest/gtest.h>

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

// Expects every line of `wanted` in `lines`, in this order.
void ExpectInOrder(const std::vector<std::string>& wanted, const std::vector<std::string>& lines) {
  std::size_t next = 0;
  for (const std::string& line : wanted) {
    while (next < lines.size() && lines[next] != line) ++next;
    ASSERT_LT(next, lines.size()) << "not there, or not in this order: " << line;
    ++next;
  }
}

TEST(LinearizabilityPage, ShowsTheCodeOfTheExample) {
  for (const std::vector<std::string>& block : Blocks("docs/linearizability.md", "```cpp"))
    ExpectInOrder(block, Lines(Content("examples/store.h")));
}

TEST(LinearizabilityPage, ShowsWhatTheExamplePrints) {
  const Result result = RunCommand("", "examples/store_demo");
  for (const std::vector<std::string>& block : Blocks("docs/linearizability.md", "```text"))
    ExpectInOrder(block, Lines(result.output));
}

}  // namespace
}  // namespace hocket::testing
