#include "harness/report/replay_command.h"

#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>

namespace hocket::testing {

namespace {

// Each configuration of .bazelrc says with a variable that it is in force.
struct Config {
  const char* variable;
  const char* flag;
};
constexpr std::array<Config, 8> kConfigs = {{{"HOCKET_CONFIG_ASAN", " --config=asan"},
                                             {"HOCKET_CONFIG_UBSAN", " --config=ubsan"},
                                             {"HOCKET_CONFIG_LIBFUZZER", " --config=libfuzzer"},
                                             {"HOCKET_CONFIG_AFL", " --config=afl"},
                                             {"HOCKET_CONFIG_OBSERVE", " --config=observe"},
                                             {"HOCKET_CONFIG_GCC", " --config=gcc"},
                                             {"HOCKET_CONFIG_OPT", " --config=opt"},
                                             {"HOCKET_CONFIG_DBG", " --config=dbg"}}};

constexpr std::size_t kMaxTokenChars = 2000;

std::string BinaryPath() {
  std::array<char, 4096> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size() - 1);
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "<this binary>";
}

// The word as a POSIX shell reads it back.
std::string Quoted(const std::string& word) {
  if (word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./%,:=+@-") ==
      std::string::npos)
    return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string ReplayCommand(const std::string& test, std::vector<std::pair<std::string, std::string>> variables) {
  // These decide how executions end.
  for (const char* limit : {"HOCKET_STEPS", "HOCKET_STEP_TIMEOUT", "HOCKET_MEMORY_LIMIT"}) {
    if (const char* value = std::getenv(limit)) variables.emplace_back(limit, value);
  }
  std::string command;
  if (const char* target = std::getenv("TEST_TARGET")) {
    command = std::string("bazel test ") + target;
    for (const Config& config : kConfigs) {
      if (std::getenv(config.variable) != nullptr) command += config.flag;
    }
    command += " --test_filter=" + test + " --test_sharding_strategy=disabled";
    for (const auto& [name, value] : variables) command += " --test_env=" + name + "=" + Quoted(value);
    return command;
  }
  for (const auto& [name, value] : variables) command += name + "=" + Quoted(value) + " ";
  return command + Quoted(BinaryPath()) + " --gtest_filter=" + test;
}

std::string ReplayCommand(const Schedule& schedule) {
  return ReplayCommand(schedule.test, {{"HOCKET_REPLAY", FormatTokenWithin(schedule, kMaxTokenChars)}});
}

}  // namespace hocket::testing
