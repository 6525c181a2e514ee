// Makes a failing schedule smaller by trying what it fails without.
//
// Idea: delta debugging over deviations and drawn values: each one alone, then without as many in a row as may go. Each
// try is a run of the test binary, which also says how it fails. What the run did, not what it was asked to do, is the
// next schedule to start from, so that what no longer applies goes too.
//
// Source: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002.
//
// Left out: other bases, and smaller drawn values; an exploration that finds a failure tries these as well, in the
// process that it runs in.
//
// Tests: tests/schedule_tool_test.cc.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/report/counts.h"
#include "tools/schedules/commands.h"
#include "tools/schedules/input.h"
#include "tools/schedules/test_binary.h"

namespace hocket::tools {

namespace {

using testing::Schedule;

// As many can be tried in every row that there is.
constexpr std::size_t kFew = 12;

std::size_t SizeOf(const Schedule& schedule) { return schedule.deviations.size() + schedule.draws.size(); }

// Those of deviations and drawn values, in one row, that `keeps` wants; without what was recorded, which is of another
// run, and without the failure, for which a replay that passes would go and search.
Schedule Part(const Schedule& whole, const std::function<bool(std::size_t)>& keeps) {
  Schedule part = whole;
  part.deviations.clear();
  part.draws.clear();
  part.failure.reset();
  part.trace.reset();
  part.exact.clear();
  std::size_t i = 0;
  for (const testing::Deviation& deviation : whole.deviations) {
    if (keeps(i++)) part.deviations.push_back(deviation);
  }
  for (const testing::DrawnValue& draw : whole.draws) {
    if (keeps(i++)) part.draws.push_back(draw);
  }
  return part;
}

class Minimizer {
 public:
  Minimizer(const TestBinary& binary, Schedule schedule) : binary_(binary), schedule_(std::move(schedule)) {}

  absl::Status Run() {
    bool smaller = true;
    while (smaller) {
      const std::size_t before = Size();
      if (absl::Status status = TryEachAlone(); !status.ok()) return status;
      for (std::size_t count = Size(); count > 0;) {
        if (absl::Status status = TryWithout(count); !status.ok()) return status;
        count = std::min(Size() <= kFew ? count - 1 : count / 2, Size());
      }
      smaller = Size() < before;
    }
    return absl::OkStatus();
  }

  const Schedule& schedule() const { return schedule_; }
  std::uint64_t runs() const { return runs_; }

 private:
  std::size_t Size() const { return SizeOf(schedule_); }

  absl::Status TryEachAlone() {
    for (std::size_t i = 0; i < Size() && Size() > 1; ++i) {
      if (absl::Status status = Try([i](std::size_t j) { return j == i; }); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Without `count` in a row, wherever they begin.
  absl::Status TryWithout(std::size_t count) {
    for (std::size_t begin = 0; begin + count <= Size();) {
      const std::size_t before = Size();
      const absl::Status status = Try([=](std::size_t j) { return j < begin || j >= begin + count; });
      if (!status.ok()) return status;
      if (Size() == before) begin += Size() <= kFew ? 1 : count;
    }
    return absl::OkStatus();
  }

  // Goes on from what the run did, if it fails in the same way.
  absl::Status Try(const std::function<bool(std::size_t)>& keeps) {
    ++runs_;
    absl::StatusOr<TestRun> run = binary_.Replay(Part(schedule_, keeps));
    if (!run.ok()) return run.status();
    const bool same = run->schedule && run->schedule->failure == schedule_.failure;
    if (same && SizeOf(*run->schedule) < Size()) schedule_ = *std::move(run->schedule);
    return absl::OkStatus();
  }

  const TestBinary& binary_;
  Schedule schedule_;
  std::uint64_t runs_ = 0;
};

}  // namespace

absl::StatusOr<CommandResult> RunMinimize(const Arguments& arguments) {
  if (arguments.binary.empty()) {
    return absl::InvalidArgumentError(
        "minimize: expected --binary=PATH: only the program can tell what its failure does not need");
  }
  const absl::StatusOr<Input> input = ReadInput(arguments.inputs[0]);
  if (!input.ok()) return input.status();
  const TestBinary binary(arguments.binary, arguments.test);
  const absl::StatusOr<TestRun> first = binary.Replay(*input);
  if (!first.ok()) return first.status();
  if (!first->failed || !first->schedule) {
    return CommandResult{
        .notes = absl::StrCat("nothing to minimize: the test ", first->failed ? "left no schedule" : "passes",
                              ". It says:\n", first->output),
        .status = 1};
  }
  Minimizer minimizer(binary, *first->schedule);
  if (const absl::Status status = minimizer.Run(); !status.ok()) return status;
  const std::size_t before = input->schedule ? SizeOf(*input->schedule) : SizeOf(*first->schedule);
  std::string notes;
  if (input->schedule && input->schedule->failure && input->schedule->failure != first->schedule->failure) {
    notes = "it fails in another way than was recorded\n";
  }
  absl::StrAppend(&notes, "from ", before, " deviations and drawn values to ", SizeOf(minimizer.schedule()), " in ",
                  testing::Count(minimizer.runs() + 1, "run"), "\n");
  return CommandResult{.text = testing::FormatScheduleFile(minimizer.schedule()), .notes = notes};
}

}  // namespace hocket::tools
