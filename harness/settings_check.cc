// Stops the whole process before the first test if the settings are bad: nothing may run on a half-understood request. Works under any main.
#include <gtest/gtest.h>

#include <string>

#include "harness/registry.h"
#include "harness/settings.h"

namespace hocket::testing {

namespace {

class SettingsCheck final : public ::testing::Environment {
 public:
  // GoogleTest runs no test after a fatal failure in here.
  void SetUp() override {
    const absl::StatusOr<Settings> settings = ReadSettings();
    if (!settings.ok()) {
      FAIL() << "hocket: " << MessageOf(settings.status());
    }
    if (!settings->replay || !settings->replay->schedule) return;
    const std::string& test = settings->replay->schedule->test;
    if (!test.empty() && !IsRegistered(test)) {
      FAIL() << "hocket: HOCKET_REPLAY: the schedule is for " << test << ", which this binary does not have";
    }
  }
};

[[maybe_unused]] ::testing::Environment* const settings_check = ::testing::AddGlobalTestEnvironment(new SettingsCheck);

}  // namespace

}  // namespace hocket::testing
