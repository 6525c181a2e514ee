#include "tools/schedules/test_binary.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
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

// This environment without what test runners and earlier runs have put there.
std::vector<std::string> CleanEnvironment() {
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const auto begins = [&](const char* prefix) { return text.rfind(prefix, 0) == 0; };
    if (!begins("HOCKET_") && !begins("TEST_") && !begins("GTEST_") && !begins("XML_OUTPUT_FILE=")) {
      environment.push_back(text);
    }
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
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(out);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return absl::InternalError("no process can be made");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
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

absl::StatusOr<TestRun> TestBinary::Replay(const Input& input, const Variables& variables) const {
  const std::string test = !test_.empty() ? test_ : input.schedule ? input.schedule->test : "";
  if (test.empty())
    return absl::InvalidArgumentError(input.word + ": expected --test, because the input names no test");
  std::error_code error;
  const std::string path = std::filesystem::absolute(path_, error).string();
  if (access(path.c_str(), X_OK) != 0) return absl::NotFoundError("--binary: '" + path_ + "' cannot be run");
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
  all.insert(all.end(), variables.begin(), variables.end());
  const absl::StatusOr<int> status =
      Execute({path, "--gtest_color=no", "--gtest_filter=" + test}, all, folder.path() + "/output");
  if (!status.ok()) return status.status();
  TestRun run;
  run.failed = *status != 0;
  run.output = testing::ReadFile(folder.path() + "/output").value_or("");
  run.files = FilesIn(outputs);
  constexpr int kUsageError = 2;
  if (*status == kUsageError) return absl::InvalidArgumentError(path_ + " refuses: " + run.output);
  if (run.output.find("[ RUN      ] " + test + "\n") == std::string::npos) {
    return absl::NotFoundError("--binary: '" + path_ + "' does not run a test " + test + "; it says:\n" + run.output);
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

std::optional<std::string> FileOf(const TestRun& run, const std::string& suffix) {
  for (const auto& [name, content] : run.files) {
    if (name.ends_with(suffix)) return content;
  }
  return std::nullopt;
}

}  // namespace hocket::tools
