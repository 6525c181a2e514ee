#include "tools/schedules/test_binary.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "harness/settings.h"

namespace hocket::tools {

namespace {

using testing::Schedule;
using Variables = std::vector<std::pair<std::string, std::string>>;

// A folder that goes with it.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hocket-schedule-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Nothing that a test does takes longer. A binary that is no test may go on for ever.
constexpr unsigned kMostSeconds = 600;

// What decides how executions end, and in which configuration the binary was built, is meant for the binary.
bool IsForTheBinary(const std::string& variable) {
  const auto begins = [&](const char* prefix) { return variable.rfind(prefix, 0) == 0; };
  return begins("HOCKET_STEPS=") || begins("HOCKET_STEP_TIMEOUT=") || begins("HOCKET_MEMORY_LIMIT=") ||
         begins("HOCKET_CONFIG_");
}

// This environment without what test runners and earlier runs have put there.
std::vector<std::string> CleanEnvironment() {
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const auto begins = [&](const char* prefix) { return text.rfind(prefix, 0) == 0; };
    const bool is_runners = begins("HOCKET_") || begins("TEST_") || begins("GTEST_") || begins("XML_OUTPUT_FILE=");
    if (!is_runners || IsForTheBinary(text)) environment.push_back(text);
  }
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The exit status, or 128 and the number of the signal. Nothing between fork and exec takes memory.
absl::StatusOr<int> Execute(std::vector<std::string> words, const Variables& variables, const std::string& output) {
  std::vector<std::string> environment = CleanEnvironment();
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
  const std::vector<char*> argv = Pointers(words);
  const std::vector<char*> envp = Pointers(environment);
  const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0) return absl::NotFoundError("file '" + output + "' cannot be written");
  const pid_t child = fork();
  if (child == 0) {
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    alarm(kMostSeconds);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(out);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return absl::InternalError("no process can be made");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// "//fuzz:canary" of "bazel-bin/fuzz/canary", or of ".../bazel-out/k8-opt/bin/fuzz/canary", which that stands for;
// empty for what Bazel has not built.
std::string TargetOf(const std::string& path) {
  constexpr std::string_view kLink = "bazel-bin/";
  constexpr std::string_view kOut = "/bazel-out/";
  std::size_t begin = path.rfind(kLink, 0) == 0 ? kLink.size() : std::string::npos;
  if (const std::size_t out = path.find(kOut); out != std::string::npos) {
    const std::size_t bin = path.find("/bin/", out + kOut.size());
    if (bin != std::string::npos) begin = bin + 5;
  }
  // What a test runs with is a copy of its own.
  if (begin == std::string::npos || path.find(".runfiles/", begin) != std::string::npos) return "";
  const std::string label = path.substr(begin);
  const std::size_t slash = label.rfind('/');
  return slash == std::string::npos ? "//:" + label : "//" + label.substr(0, slash) + ":" + label.substr(slash + 1);
}

// "Suite.Name" of each test that GoogleTest lists.
std::vector<std::string> TestsIn(const std::string& listing) {
  std::vector<std::string> tests;
  std::string suite;
  for (const absl::string_view line : absl::StrSplit(listing, '\n')) {
    const std::string name(line.substr(0, line.find('#')));
    const std::string word(absl::StripAsciiWhitespace(name));
    if (name.rfind("  ", 0) != 0) {
      suite = word;
    } else if (!word.empty() && !suite.empty() && suite.back() == '.') {
      tests.push_back(suite + word);
    }
  }
  return tests;
}

std::string HowItEnded(int status) {
  if (status == 128 + SIGALRM) return absl::StrCat("took more than ", kMostSeconds, " seconds");
  if (status == 127) return "cannot be run";
  return status > 128 ? absl::StrCat("died of ", strsignal(status - 128)) : absl::StrCat("ended with status ", status);
}

Variables FilesIn(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  Variables files;
  for (const std::filesystem::path& path : paths) {
    files.emplace_back(path.filename().string(), testing::ReadFile(path.string()).value_or(""));
  }
  return files;
}

}  // namespace

absl::StatusOr<std::string> TestBinary::TestOf(const Input& input, const std::string& path) const {
  if (!test_.empty()) return test_;
  if (input.schedule && !input.schedule->test.empty()) return input.schedule->test;
  const Folder folder;
  if (folder.path().empty()) return absl::InternalError("no temporary folder can be made");
  const absl::StatusOr<int> status = Execute({path, "--gtest_list_tests"}, {}, folder.path() + "/output");
  if (!status.ok()) return status.status();
  const std::string listing = testing::ReadFile(folder.path() + "/output").value_or("");
  const std::vector<std::string> tests = TestsIn(listing);
  if (*status != 0 || tests.empty()) {
    return absl::NotFoundError(
        absl::StrCat("--binary: '", path_, "' lists no tests: it ", HowItEnded(*status), ", and says:\n", listing));
  }
  if (tests.size() == 1) return tests[0];
  return absl::InvalidArgumentError(absl::StrCat(
      input.word,
      ": expected --test, because the input names no test and there are several: ", absl::StrJoin(tests, ", ")));
}

absl::StatusOr<TestRun> TestBinary::Replay(const Input& input, const Variables& variables) const {
  std::error_code error;
  const std::string path = std::filesystem::absolute(path_, error).string();
  if (access(path.c_str(), X_OK) != 0) return absl::NotFoundError("--binary: '" + path_ + "' cannot be run");
  const absl::StatusOr<std::string> test = TestOf(input, path);
  if (!test.ok()) return test.status();
  const Folder folder;
  if (folder.path().empty()) return absl::InternalError("no temporary folder can be made");
  const std::string outputs = folder.path() + "/outputs";
  std::filesystem::create_directory(outputs);
  // A file, because a token may be longer than an argument may be.
  std::string replay = input.word;
  if (input.schedule) {
    replay = folder.path() + "/replay.schedule";
    std::ofstream(replay, std::ios::binary) << testing::FormatScheduleFile(*input.schedule);
  } else {
    replay = std::filesystem::absolute(replay, error).string();
  }
  Variables all = {{"HOCKET_REPLAY", replay}, {"TEST_UNDECLARED_OUTPUTS_DIR", outputs}};
  if (const std::string target = TargetOf(path_); !target.empty()) all.emplace_back("TEST_TARGET", target);
  all.insert(all.end(), variables.begin(), variables.end());
  const absl::StatusOr<int> status =
      Execute({path, "--gtest_color=no", "--gtest_filter=" + *test}, all, folder.path() + "/output");
  if (!status.ok()) return status.status();
  TestRun run;
  run.failed = *status != 0;
  run.output = testing::ReadFile(folder.path() + "/output").value_or("");
  run.files = FilesIn(outputs);
  constexpr int kUsageError = 2;
  if (*status == kUsageError) return absl::InvalidArgumentError(path_ + " refuses: " + run.output);
  if (run.output.find("[ RUN      ] " + *test + "\n") == std::string::npos) {
    return absl::NotFoundError(absl::StrCat("--binary: '", path_, "' does not run a test ", *test, ": it ",
                                            HowItEnded(*status), ", and says:\n", run.output));
  }
  if (const std::optional<std::string> file = FileOf(run, ".schedule")) {
    absl::StatusOr<Schedule> schedule = testing::ParseScheduleFile(*file);
    if (schedule.ok()) run.schedule = *std::move(schedule);
  }
  return run;
}

absl::StatusOr<TestRun> TestBinary::Replay(const Schedule& schedule) const {
  return Replay(Input{"schedule", schedule});
}

std::string ReplayCommandIn(const TestRun& run) {
  constexpr std::string_view kBegin = "\nreplay: ";
  const std::size_t begin = run.output.rfind(kBegin);
  if (begin == std::string::npos) return "";
  const std::size_t command = begin + kBegin.size();
  return run.output.substr(command, run.output.find('\n', command) - command);
}

std::optional<std::string> FileOf(const TestRun& run, const std::string& suffix) {
  for (const auto& [name, content] : run.files) {
    if (name.ends_with(suffix)) return content;
  }
  return std::nullopt;
}

}  // namespace hocket::tools
