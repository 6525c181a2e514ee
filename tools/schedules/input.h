// What a word of the command line names: a schedule, or a fuzzer's input.
#ifndef HOCKET_TOOLS_SCHEDULES_INPUT_H_
#define HOCKET_TOOLS_SCHEDULES_INPUT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "hocket/testing/schedule.h"

namespace hocket::tools {

struct Input {
  std::string word;                           // as it was given
  std::optional<testing::Schedule> schedule;  // none: a file of bytes
};

absl::StatusOr<Input> ReadInput(const std::string& word);

// The same where bytes will not do.
absl::StatusOr<testing::Schedule> ReadSchedule(const std::string& word);

// The message, after the file or "token" that it is about.
absl::Status AddContext(const std::string& context, const absl::Status& status);

}  // namespace hocket::tools

#endif  // HOCKET_TOOLS_SCHEDULES_INPUT_H_
