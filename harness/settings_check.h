// What must hold before the first test of a process runs: nothing may run on a half-understood request.
#ifndef HOCKET_HARNESS_SETTINGS_CHECK_H_
#define HOCKET_HARNESS_SETTINGS_CHECK_H_

#include "absl/status/status.h"

namespace hocket::testing {

// Whether the settings can be read and this binary has what they name. Under any main, GoogleTest asks this before the
// first test.
absl::Status CheckSettings();

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_SETTINGS_CHECK_H_
