#include "harness/settings_check.h"

#include <gtest/gtest.h>

#include <string>

#include "harness/registry.h"
#include "harness/settings.h"

namespace hocket::testing {

absl::Status CheckSettings() {
  const absl::StatusOr<Settings> settings = ReadSettings();
  if (!settings.ok() || !settings->replay || !settings->replay->schedule) return settings.status();
  const std::string& test = settings->replay->schedule->test;
  if (test.empty() || IsRegistered(test)) return absl::OkStatus();
  return absl::InvalidArgumentError("HOCKET_REPLAY: the schedule is for " + test + ", which this binary does not have");
}

namespace {

class SettingsCheck final : public ::testing::Environment {
 public:
  // GoogleTest runs no test after a fatal failure in here.
  void SetUp() override {
    if (const absl::Status status = CheckSettings(); !status.ok()) {
      FAIL() << "hocket: " << MessageOf(status);
    }
  }
};

[[maybe_unused]] ::testing::Environment* const settings_check = ::testing::AddGlobalTestEnvironment(new SettingsCheck);

}  // namespace

}  // namespace hocket::testing
