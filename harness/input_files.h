// The files in which fuzzers keep inputs.
#ifndef HOCKET_HARNESS_INPUT_FILES_H_
#define HOCKET_HARNESS_INPUT_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace hocket::testing {

// The file itself, or the files in the folder and below it in alphabetical order, or why there are none. Schedules
// (*.schedule) are left out: HOCKET_CORPUS runs those.
absl::StatusOr<std::vector<std::string>> InputFiles(const std::string& path);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_INPUT_FILES_H_
