#include "tests/run_program.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace hocket::testing {

std::string ProgramBesides(const std::string& name) {
  const char* runfiles = std::getenv("TEST_SRCDIR");
  if (runfiles != nullptr) return std::string(runfiles) + "/" + std::getenv("TEST_WORKSPACE") + "/tests/" + name;
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

Result RunCommand(const std::string& variables, const std::string& command) {
  std::string line = "env -i PATH=/usr/bin:/bin ";
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) line += std::string(name) + "='" + value + "' ";
  }
  std::ofstream script(::testing::TempDir() + "/command.sh");
  script << command << "\n";
  script.close();
  line += variables + " sh '" + ::testing::TempDir() + "/command.sh' 2>&1";
  Result result;
  FILE* pipe = popen(line.c_str(), "r");
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) result.output.append(buffer, n);
  const int status = pclose(pipe);
  result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

std::vector<std::string> Lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t place = text.find(part); place != std::string::npos; place = text.find(part, place + part.size()))
    ++count;
  return count;
}

std::string LineAfter(const std::string& text, const std::string& prefix) {
  for (const std::string& line : Lines(text)) {
    if (line.rfind(prefix, 0) == 0) return line.substr(prefix.size());
  }
  return "";
}

std::string ReplayCommandIn(const std::string& output) {
  std::string command;
  for (const std::string& line : Lines(output)) {
    if (line.rfind("replay: ", 0) != 0) continue;
    if (!command.empty()) return "";
    command = line.substr(8);
  }
  return command;
}

std::string TokenIn(const std::string& output) {
  const std::string command = ReplayCommandIn(output);
  const std::size_t begin = command.find("HOCKET_REPLAY=");
  if (begin == std::string::npos) return "";
  return command.substr(begin + 14, command.find(' ', begin) - begin - 14);
}

std::string LanesIn(const std::string& output) {
  const std::size_t begin = output.find("\nschedule: ");
  const std::size_t end = output.find("\nreplay: ");
  return begin == std::string::npos || end == std::string::npos ? "" : output.substr(begin, end - begin);
}

std::string Folder() {
  const ::testing::TestInfo* info = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string folder = ::testing::TempDir() + "/" + info->test_suite_name() + "." + info->name();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

std::string Content(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

void Write(const std::string& path, const std::string& content) { std::ofstream(path, std::ios::binary) << content; }

}  // namespace hocket::testing
