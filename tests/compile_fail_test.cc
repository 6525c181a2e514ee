// What must not compile: every file of compile_fail/ is refused by clang with what its first line expects, and compiles
// without a warning when FIXED is defined. With the warnings that a user has.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

namespace {

constexpr char kFolder[] = "tests/compile_fail";
constexpr char kCompiler[] = "clang++-19 -std=c++20 -Wall -Wextra -Werror -Iinclude ";

struct Compilation {
  bool succeeded = false;
  std::string output;
};

Compilation Compile(const std::string& arguments) {
  Compilation result;
  FILE* pipe = popen(("PATH=$PATH:/usr/bin " + (kCompiler + arguments) + " 2>&1").c_str(), "r");
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), pipe)) > 0;)
    result.output.append(part.data(), n);
  const int status = pclose(pipe);
  result.succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return result;
}

struct Case {
  std::string path;
  std::string expected;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.path; }
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    std::ifstream in(entry.path());
    std::string line;
    std::getline(in, line);
    constexpr char kExpect[] = "// expect: ";
    cases.push_back({entry.path(), line.rfind(kExpect, 0) == 0 ? line.substr(sizeof kExpect - 1) : ""});
  }
  std::sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) { return a.path < b.path; });
  return cases;
}

// Our headers are parsed once: that is most of the time.
class CompileFail : public testing::TestWithParam<Case> {
 protected:
  static std::string Headers() { return testing::TempDir() + "/headers.pch"; }
  static void SetUpTestSuite() {
    const Compilation result = Compile("-x c++-header include/hocket/hocket.h -o " + Headers());
    ASSERT_TRUE(result.succeeded) << result.output;
  }
  static Compilation Check(const std::string& arguments) {
    return Compile("-fsyntax-only -include-pch " + Headers() + " " + arguments);
  }
};

TEST_P(CompileFail, IsRefusedForItsReason) {
  const Case& c = GetParam();
  ASSERT_FALSE(c.expected.empty()) << c.path << " does not say what to expect in its first line";
  const Compilation result = Check(c.path);
  EXPECT_FALSE(result.succeeded) << c.path << " compiles";
  EXPECT_NE(result.output.find(c.expected), std::string::npos) << c.path << " is refused, but with\n" << result.output;
}

TEST_P(CompileFail, CompilesWhenFixed) {
  const Compilation result = Check("-DFIXED " + GetParam().path);
  EXPECT_TRUE(result.succeeded) << result.output;
}

INSTANTIATE_TEST_SUITE_P(Case, CompileFail, testing::ValuesIn(Cases()), [](const testing::TestParamInfo<Case>& info) {
  return std::filesystem::path(info.param.path).stem().string();
});

}  // namespace
