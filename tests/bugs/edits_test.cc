// Whether failing schedules outlive edits, for every fourth program of the gallery; `bazel run -c opt
// //tests/bugs:edits` measures all of them. Schedules hold no lines and no names of variables: that renaming and moving
// does not matter, see tests/repair_test.cc.
#include "tests/bugs/edits.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <iterator>

#include "tests/bugs/gallery.h"

namespace hocket::bugs {
namespace {

Survival MeasureSome(Edit edit) {
  Survival survival;
  for (std::size_t i = 0; i < Gallery().size(); i += 4)
    MeasureEdits(Gallery()[i], /*seed=*/1, edit, /*places=*/3, survival);
  return survival;
}

TEST(Edits, AreOutlivedByNineSchedulesOfTenOverTheKindsOfEdits) {
  double sum = 0;
  const Edit edits[] = {Edit::kInsertOne, Edit::kDeleteOne, Edit::kNamedTask, Edit::kUnnamedTask};
  for (const Edit edit : edits) sum += MeasureSome(edit).raw();
  EXPECT_GE(sum / static_cast<double>(std::size(edits)), 0.9);
}

TEST(Edits, AreOutlivedByAlmostAllSchedulesAfterRepair) {
  Survival all;
  for (const Edit edit : kEdits) {
    const Survival survival = MeasureSome(edit);
    EXPECT_GT(survival.edits, 10u) << ToString(edit);
    all.edits += survival.edits;
    all.fails += survival.fails;
    all.repaired += survival.repaired;
    all.silent += survival.silent;
  }
  EXPECT_GE(all.after_repair(), 0.98);
  // A schedule that no longer applies says so.
  EXPECT_EQ(all.silent, 0u);
}

}  // namespace
}  // namespace hocket::bugs
