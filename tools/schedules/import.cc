// Turns what failed elsewhere (crash files of fuzzing engines, tokens from logs, schedules among a test's outputs) into
// stored schedules: each input is replayed and shrunk in the test binary, of those that fail alike the smallest one is
// kept, and it is stored under a name that says which test fails and how.
//
// Nothing is taken away: inputs stay where they are, stored schedules are never written over.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "harness/report/counts.h"
#include "harness/settings.h"
#include "harness/shrink.h"
#include "tools/schedules/commands.h"
#include "tools/schedules/input.h"
#include "tools/schedules/test_binary.h"

namespace hocket::tools {

namespace {

using testing::CorpusEntry;
using testing::Schedule;

constexpr char kDefaultCorpus[] = "corpus";

// An input that failed, as its shrunk schedule.
struct Finding {
  std::string word;
  Schedule schedule;
};

// Whether a folder is one that afl-fuzz writes, in which only two of the folders hold what failed.
bool IsAflOutput(const std::filesystem::path& folder) { return std::filesystem::exists(folder / "fuzzer_stats"); }

// The files that a folder stands for: all of them but AFL++'s explanations, queues and statistics.
absl::Status AddFilesIn(const std::filesystem::path& folder, std::vector<std::string>& files) {
  std::error_code error;
  std::vector<std::filesystem::path> entries;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    entries.push_back(entry->path());
  if (error) return absl::NotFoundError("folder '" + folder.string() + "': " + error.message());
  std::sort(entries.begin(), entries.end());
  const bool is_afl = IsAflOutput(folder);
  for (const std::filesystem::path& entry : entries) {
    const std::string name = entry.filename().string();
    if (std::filesystem::is_directory(entry, error)) {
      if (is_afl && name != "crashes" && name != "hangs") continue;
      if (const absl::Status status = AddFilesIn(entry, files); !status.ok()) return status;
    } else if (!is_afl && name != "README.txt") {
      files.push_back(entry.string());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> InputsOf(const std::string& word) {
  std::error_code error;
  std::vector<std::string> files;
  if (!std::filesystem::is_directory(word, error)) return std::vector<std::string>{word};
  if (const absl::Status status = AddFilesIn(word, files); !status.ok()) return status;
  if (files.empty()) return absl::NotFoundError("folder '" + word + "' holds nothing to import");
  return files;
}

bool HasNames(const Schedule& schedule) {
  return schedule.input.empty() ||
         std::find(schedule.input.begin(), schedule.input.end(), "decisions") == schedule.input.end();
}

// The shrunk schedule of an input, or why there is none.
absl::StatusOr<Schedule> Shrunk(const TestBinary& binary, const std::string& word) {
  const absl::StatusOr<Input> input = ReadInput(word);
  if (!input.ok()) return input.status();
  absl::StatusOr<TestRun> run = binary.Replay(*input, {{"HOCKET_SHRINK", "1"}});
  if (!run.ok()) return run.status();
  if (!run->failed) return absl::FailedPreconditionError("does not fail: the test passes");
  // A process that dies can name no decisions, and cannot shrink them; one that watches it can.
  if (!run->schedule || !HasNames(*run->schedule)) {
    run = binary.Replay(*input, {{"HOCKET_SHRINK", "1"}, {"HOCKET_ISOLATE", "1"}});
    if (!run.ok()) return run.status();
  }
  if (!run->failed) return absl::FailedPreconditionError("fails, but not in a process of its own: look for globals");
  if (!run->schedule || !run->schedule->failure) {
    return absl::FailedPreconditionError("fails, but leaves no schedule. It says:\n" + run->output);
  }
  return *run->schedule;
}

// The command that shows the schedule's failure again; none if it does not fail as it says.
std::optional<std::string> ReplayCommandOf(const TestBinary& binary, const Schedule& schedule) {
  // For one that says how it fails, and does not, the replay would search for one near it that does.
  Schedule plain = schedule;
  plain.failure.reset();
  const absl::StatusOr<TestRun> run = binary.Replay(Input{"schedule", plain}, {{"HOCKET_ISOLATE", "1"}});
  if (!run.ok() || !run->schedule || run->schedule->failure != schedule.failure) return std::nullopt;
  return ReplayCommandIn(*run);
}

std::string FileNameOf(const Schedule& schedule) {
  std::string name = absl::StrFormat("%s-%s-%08x", schedule.test, schedule.failure->kind, schedule.failure->id);
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

// The first name that is free.
std::string FreePath(const std::string& folder, const Schedule& schedule) {
  const std::string begin = folder + "/" + FileNameOf(schedule);
  std::string path = begin + ".schedule";
  for (int i = 2; std::filesystem::exists(path); ++i) path = absl::StrCat(begin, "-", i, ".schedule");
  return path;
}

auto SizeKey(const Finding& finding) {
  const std::string token = testing::FormatTokenWithin(finding.schedule, 0);
  return std::tuple(testing::Weight(finding.schedule), token.size(), token);
}

std::string Others(std::size_t others) {
  return others == 0 ? ""
                     : absl::StrCat(" and ", testing::Count(others, "other input"), " that ",
                                    others == 1 ? "fails" : "fail", " alike");
}

class Importer {
 public:
  explicit Importer(const Arguments& arguments)
      : binary_(arguments.binary, arguments.test),
        corpus_(arguments.corpus.empty() ? kDefaultCorpus : arguments.corpus) {}

  void Read(const std::string& word) {
    const absl::StatusOr<std::vector<std::string>> inputs = InputsOf(word);
    if (!inputs.ok()) return Refuse(word, inputs.status());
    for (const std::string& input : *inputs) {
      ++inputs_;
      absl::StatusOr<Schedule> schedule = Shrunk(binary_, input);
      if (!schedule.ok()) {
        Refuse(input, schedule.status());
      } else {
        findings_[FileNameOf(*schedule)].push_back({input, *std::move(schedule)});
      }
    }
  }

  // Of each failure the smallest schedule, unless one like it is there and still fails.
  void Store() {
    for (auto& [name, findings] : findings_) {
      const Finding& smallest = *std::min_element(
          findings.begin(), findings.end(), [](const Finding& a, const Finding& b) { return SizeKey(a) < SizeKey(b); });
      const std::string from = smallest.word + Others(findings.size() - 1);
      const absl::StatusOr<bool> known = SayIfKnown(smallest.schedule, from);
      if (!known.ok()) {
        Refuse(smallest.word, known.status());
      } else if (!*known) {
        Write(smallest, from);
      }
    }
  }

  CommandResult Result() const {
    const std::string summary =
        absl::StrCat(testing::Count(inputs_, "input"), ": ", testing::Count(stored_, "schedule"), " stored, ", known_,
                     " known, ", refused_, " not imported\n");
    return CommandResult{.text = text_ + summary, .notes = notes_, .status = refused_ == 0 ? 0 : 1};
  }

 private:
  void Refuse(const std::string& word, const absl::Status& status) {
    ++refused_;
    std::string message = testing::MessageOf(status);
    if (message.rfind(word, 0) != 0) message = word + ": " + message;
    absl::StrAppend(&notes_, message, message.back() == '\n' ? "" : "\n");
  }

  void Say(const char* what, const std::string& path, const std::string& from, const std::string& replay) {
    absl::StrAppend(&text_, what, ": ", path, "\n  from ", from, "\n  replay: ", replay, "\n");
  }

  // Whether a stored schedule shows the same failure now. One whose bug is mended does not count: what fails so again
  // is worth a schedule of its own.
  absl::StatusOr<bool> SayIfKnown(const Schedule& schedule, const std::string& from) {
    std::error_code error;
    if (!std::filesystem::exists(corpus_, error)) return false;
    const absl::StatusOr<std::vector<CorpusEntry>> stored = testing::ReadCorpus(corpus_, schedule.test);
    if (!stored.ok()) return stored.status();
    for (const CorpusEntry& entry : *stored) {
      if (entry.schedule.failure != schedule.failure) continue;
      const std::optional<std::string> replay = ReplayCommandOf(binary_, entry.schedule);
      if (!replay) continue;
      ++known_;
      Say("known", entry.file, from, *replay);
      return true;
    }
    return false;
  }

  void Write(const Finding& finding, const std::string& from) {
    const std::optional<std::string> replay = ReplayCommandOf(binary_, finding.schedule);
    if (!replay) return Refuse(finding.word, absl::FailedPreconditionError("fails, but its schedule does not"));
    std::error_code error;
    std::filesystem::create_directories(corpus_, error);
    const std::string path = FreePath(corpus_, finding.schedule);
    // Whoever reads the folder meanwhile sees whole files.
    const std::string fresh = path + ".new";
    std::ofstream file(fresh, std::ios::binary);
    file << testing::FormatScheduleFile(finding.schedule);
    file.close();
    if (file) std::filesystem::rename(fresh, path, error);
    if (!file || error) return Refuse(finding.word, absl::NotFoundError("'" + path + "' cannot be written"));
    ++stored_;
    Say("stored", path, from, *replay);
  }

  const TestBinary binary_;
  const std::string corpus_;
  std::map<std::string, std::vector<Finding>> findings_;  // by test and failure
  std::string text_;
  std::string notes_;
  std::size_t inputs_ = 0;
  std::size_t stored_ = 0;
  std::size_t known_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace

absl::StatusOr<CommandResult> RunImport(const Arguments& arguments) {
  if (arguments.binary.empty()) {
    return absl::InvalidArgumentError("import: expected --binary=PATH: only the program can tell what fails");
  }
  Importer importer(arguments);
  for (const std::string& word : arguments.inputs) importer.Read(word);
  importer.Store();
  return importer.Result();
}

}  // namespace hocket::tools
