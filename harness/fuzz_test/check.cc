// Lets the GoogleTest binary of a fuzz test fail as well if engines could not run it, or if it has schedules that no
// test replays, so that `bazel test` tells of it.
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "harness/registry.h"
#include "harness/settings.h"

namespace hocket::testing {
namespace {

class FuzzTestCheck final : public ::testing::Environment {
 public:
  // GoogleTest runs no test after a fatal failure in here.
  void SetUp() override {
    const absl::StatusOr<PlainTest> test = OnlyTest();
    if (!test.ok()) FAIL() << "hocket: " << MessageOf(test.status());
    const absl::StatusOr<Settings> settings = ReadSettings();
    if (!settings.ok() || settings->corpus.empty()) return;  // the test itself says what is wrong with settings
    const absl::StatusOr<std::vector<CorpusEntry>> corpus = ReadCorpus(settings->corpus);
    for (std::size_t i = 0; corpus.ok() && i < corpus->size(); ++i) {
      const CorpusEntry& entry = (*corpus)[i];
      if (entry.schedule.test != test->full_name) {
        FAIL() << "hocket: HOCKET_CORPUS: " << entry.file << ": expected a schedule of " << test->full_name
               << ", the only test here, found one of '" << entry.schedule.test << "', which nobody would replay";
      }
    }
  }
};

[[maybe_unused]] ::testing::Environment* const fuzz_test_check = ::testing::AddGlobalTestEnvironment(new FuzzTestCheck);

}  // namespace
}  // namespace hocket::testing
