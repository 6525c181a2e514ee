// The README's promises: its code is that of the demo, its output is what the demo prints, and its links lead
// somewhere. (Its commands are run by `tools/test --ci`.)
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

std::vector<std::string> LinesOf(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in) << path << " cannot be read";
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The lines of the README's first fenced block of this kind.
std::vector<std::string> Block(const std::string& fence) {
  std::vector<std::string> block;
  bool inside = false;
  for (const std::string& line : LinesOf("README.md")) {
    if (!inside && line == fence) {
      inside = true;
    } else if (inside && line == "```") {
      break;
    } else if (inside) {
      block.push_back(line);
    }
  }
  EXPECT_FALSE(block.empty()) << "the README has no block " << fence;
  return block;
}

// Expects every line of `wanted` in `lines`, in this order.
void ExpectInOrder(const std::vector<std::string>& wanted, const std::vector<std::string>& lines) {
  std::size_t next = 0;
  for (const std::string& line : wanted) {
    while (next < lines.size() && lines[next] != line) ++next;
    EXPECT_LT(next, lines.size()) << "not there, or not in this order: " << line;
  }
}

TEST(Readme, ShowsTheCodeOfTheDemo) { ExpectInOrder(Block("```cpp"), LinesOf("examples/bank_demo.cc")); }

TEST(Readme, ShowsWhatTheDemoPrints) {
  if (std::getenv("HOCKET_CONFIG_GCC") != nullptr) GTEST_SKIP() << "g++ places a co_await on another line";
  std::vector<std::string> printed;
  FILE* pipe = popen(
      "env -u XML_OUTPUT_FILE -u TEST_UNDECLARED_OUTPUTS_DIR -u TEST_PREMATURE_EXIT_FILE "
      "TEST_TARGET=//examples:bank_demo examples/bank_demo 2>&1",
      "r");
  ASSERT_NE(pipe, nullptr);
  for (std::array<char, 4096> part{}; std::fgets(part.data(), part.size(), pipe) != nullptr;) {
    std::string line = part.data();
    if (!line.empty() && line.back() == '\n') line.pop_back();
    // The README leaves out the configuration and the token.
    if (line.rfind("replay: ", 0) == 0) {
      for (std::size_t config; (config = line.find(" --config=")) != std::string::npos;)
        line.erase(config, line.find(' ', config + 1) - config);
      line = line.substr(0, line.find("HOCKET_REPLAY=h1:")) + "HOCKET_REPLAY=h1:...";
    }
    printed.push_back(line);
  }
  pclose(pipe);
  ExpectInOrder(Block("```text"), printed);
}

TEST(Readme, LinksToFilesThatExist) {
  bool code = false;
  for (const std::string& line : LinesOf("README.md")) {
    if (line.rfind("```", 0) == 0) code = !code;
    if (code) continue;
    for (std::size_t begin = line.find("]("); begin != std::string::npos; begin = line.find("](", begin + 1)) {
      const std::string target = line.substr(begin + 2, line.find(')', begin) - begin - 2);
      EXPECT_TRUE(std::filesystem::exists(target)) << target;
    }
  }
}

}  // namespace
