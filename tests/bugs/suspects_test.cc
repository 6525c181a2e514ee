// Atomicity suspects of the gallery's programs, none of which declares anything for them: with --config=observe.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "hocket/check.h"
#include "hocket/testing/observe.h"
#include "hocket/testing/suspects.h"
#include "tests/bugs/gallery.h"

namespace hocket::bugs {
namespace {

// How many lost updates there are, each named once by its three lines.
std::size_t LostUpdates(const std::string& name, bool fixed) {
  const Program* const program = FindProgram(name);
  HOCKET_CHECK(program != nullptr) << "the gallery has no program of the name " << name;
  const auto suspects =
      testing::FindAtomicitySuspects(BodyOf(*program, fixed, Regime::kPlain, /*padding=*/1), {.executions = 200});
  return static_cast<std::size_t>(
      std::count_if(suspects.begin(), suspects.end(), [](const testing::AtomicitySuspect& suspect) {
        return suspect.kind == testing::AtomicitySuspect::Kind::kLostUpdate;
      }));
}

class Suspects : public ::testing::TestWithParam<const char*> {};

TEST_P(Suspects, AreLostUpdatesOfTheBuggyProgramAndNotOfItsTwin) {
  EXPECT_GT(LostUpdates(GetParam(), /*fixed=*/false), 0u);
  EXPECT_EQ(LostUpdates(GetParam(), /*fixed=*/true), 0u);
}

INSTANTIATE_TEST_SUITE_P(Gallery, Suspects,
                         ::testing::Values("aba", "account", "counter3", "wait_for_swallows_cancel", "work_steal"),
                         [](const auto& info) { return std::string(info.param); });

TEST(SuspectsOfTheGallery, NeedObservedMemory) { EXPECT_TRUE(testing::MemoryIsObserved()); }

}  // namespace
}  // namespace hocket::bugs
