#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "harness/report/counts.h"
#include "tools/schedules/commands.h"
#include "tools/schedules/input.h"

namespace hocket::tools {

namespace {

using testing::Schedule;

struct Group {
  std::vector<std::size_t> deviations;
  std::size_t draws = 0;
  std::size_t exact = 0;
};

std::string FailureOf(const Schedule& schedule) {
  return schedule.failure ? absl::StrFormat("%s %08x", schedule.failure->kind, schedule.failure->id) : "none recorded";
}

// The least, the median and the greatest; one number if they are all alike.
std::string Spread(std::vector<std::size_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  if (numbers.front() == numbers.back()) return std::to_string(numbers.front());
  return absl::StrCat(numbers.front(), "/", numbers[numbers.size() / 2], "/", numbers.back());
}

absl::StatusOr<std::vector<std::string>> FilesIn(const std::vector<std::string>& inputs) {
  std::vector<std::string> files;
  for (const std::string& input : inputs) {
    std::error_code error;
    if (!std::filesystem::is_directory(input, error)) {
      files.push_back(input);
      continue;
    }
    std::vector<std::string> found;
    for (std::filesystem::recursive_directory_iterator entry(input, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().extension() == ".schedule") found.push_back(entry->path().string());
    }
    if (error) return absl::NotFoundError("folder '" + input + "': " + error.message());
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

}  // namespace

absl::StatusOr<CommandResult> RunStats(const Arguments& arguments) {
  const absl::StatusOr<std::vector<std::string>> files = FilesIn(arguments.inputs);
  if (!files.ok()) return files.status();
  std::map<std::string, std::map<std::string, Group>> tests;  // by test and failure
  std::map<std::string, std::string> seen;                    // the first file of each token without its exact form
  std::vector<std::pair<std::string, std::string>> duplicates;
  for (const std::string& file : *files) {
    const absl::StatusOr<Schedule> schedule = ReadSchedule(file);
    if (!schedule.ok()) return schedule.status();
    Group& group = tests[schedule->test.empty() ? "no test named" : schedule->test][FailureOf(*schedule)];
    group.deviations.push_back(schedule->deviations.size());
    group.draws += schedule->draws.size();
    group.exact += schedule->exact.empty() ? 0 : 1;
    const auto [first, is_new] = seen.emplace(testing::FormatTokenWithin(*schedule, 0), file);
    if (!is_new) duplicates.emplace_back(file, first->second);
  }
  std::string text =
      absl::StrCat(testing::Count(files->size(), "schedule"), " of ", testing::Count(tests.size(), "test"), "\n");
  for (const auto& [test, failures] : tests) {
    absl::StrAppend(&text, "\n", test, "\n");
    for (const auto& [failure, group] : failures) {
      absl::StrAppend(&text, "  ", failure, ": ", testing::Count(group.deviations.size(), "schedule"), ", deviations ",
                      Spread(group.deviations));
      if (group.draws > 0) absl::StrAppend(&text, ", ", testing::Count(group.draws, "drawn value"));
      if (group.exact < group.deviations.size()) {
        absl::StrAppend(&text, ", ", group.deviations.size() - group.exact, " without decisions");
      }
      text += "\n";
    }
  }
  if (!duplicates.empty()) text += "\nthe same twice:\n";
  for (const auto& [file, first] : duplicates) absl::StrAppend(&text, "  ", file, " and ", first, "\n");
  return CommandResult{.text = text};
}

}  // namespace hocket::tools
