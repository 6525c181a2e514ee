// The fuzzer's bytes: any of them are a run, the same one each time; the run is a token, the token the same run again,
// and the run other bytes that mean the same.
#include <optional>
#include <string>

#include "fuzz/drawn_tasks.h"
#include "fuzz/thread_of_its_own.h"
#include "harness/bytes.h"
#include "hocket/testing/draw_input.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/test.h"

namespace hocket::testing {
namespace {

// What is wrong with `bytes` as a run of the program; empty if nothing is.
std::string WrongAbout(const TaskList& list, const std::string& bytes) {
  const Body body = [&] { return RunTasks(list); };
  const ReplayResult run = ReplayBytes(body, bytes, {});
  if (!(ReplayBytes(body, bytes, {}) == run)) return "the same bytes are another run";

  const std::string token = FormatToken(run.schedule);
  const absl::StatusOr<Schedule> schedule = ParseToken(token);
  if (!schedule.ok()) return "the token cannot be read: " + token;
  if (!(*schedule == run.schedule)) return "the token is another schedule: " + token;
  const ReplayResult replay = ReplaySchedule(body, *schedule);
  if (replay.divergence) return "the token diverges: " + *replay.divergence + ": " + token;
  if (!(replay.trace == run.trace) || replay.failure != run.failure) return "the token is another run: " + token;
  // Its deviations and values alone are enough.
  const ReplayResult plan = ReplaySchedule(body, PlanOf(*schedule));
  if (!(plan.trace == run.trace)) return "the deviations are another run: " + token;

  const std::string encoded = EncodeBytes(body, *schedule, {});
  const ReplayResult again = ReplayBytes(body, encoded, {});
  if (!(again.trace == run.trace) || again.failure != run.failure) return "encoded, it is another run: " + token;
  if (EncodeBytes(body, again.schedule, {}) != encoded) return "encoded again, it is other bytes: " + token;
  return "";
}

HOCKET_TEST(ByteFormat, BytesRunsAndTokensMeanTheSame, {.executions = 50, .strategy = "random"}) {
  const TaskList list = DrawTasks(4, /*has_idle_tasks=*/true);
  const std::string bytes = DrawBytes(60, "bytes");
  std::string wrong;
  OnAThreadOfItsOwn([&] { wrong = WrongAbout(list, bytes); });
  EXPECT_EQ(wrong, "");
  co_return;
}

}  // namespace
}  // namespace hocket::testing
