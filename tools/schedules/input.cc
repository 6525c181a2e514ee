#include "tools/schedules/input.h"

#include <utility>

#include "harness/settings.h"

namespace hocket::tools {

using testing::MessageOf;
using testing::Schedule;

absl::Status AddContext(const std::string& context, const absl::Status& status) {
  return absl::Status(status.code(), context + ": " + MessageOf(status));
}

absl::StatusOr<Input> ReadInput(const std::string& word) {
  if (testing::LooksLikeToken(word)) {
    absl::StatusOr<Schedule> schedule = testing::ParseToken(word);
    if (!schedule.ok()) return schedule.status();
    return Input{word, *std::move(schedule)};
  }
  const absl::StatusOr<std::string> content = testing::ReadFile(word);
  if (!content.ok()) return content.status();
  if (!testing::IsScheduleFile(word, *content)) return Input{word, std::nullopt};
  absl::StatusOr<Schedule> schedule = testing::ParseScheduleFile(*content);
  if (!schedule.ok()) return AddContext(word, schedule.status());
  return Input{word, *std::move(schedule)};
}

absl::StatusOr<Schedule> ReadSchedule(const std::string& word) {
  absl::StatusOr<Input> input = ReadInput(word);
  if (!input.ok()) return input.status();
  if (!input->schedule) {
    return absl::InvalidArgumentError(word + ": expected a schedule file, found bytes; say --binary and --test");
  }
  return *std::move(input->schedule);
}

}  // namespace hocket::tools
