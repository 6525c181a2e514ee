// ordered_results: two workers take jobs from one channel and append their results to a list that is read as if it had
// the order of the jobs. The fix: a result is stored at the place of its job.
#include <array>
#include <optional>

#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

constexpr std::size_t kJobs = 3;

struct State {
  std::array<std::size_t, kJobs> results{};
  std::size_t finished = 0;
};

Task<> Work(Setting& setting, State& state, ReceiveChannel<std::size_t> jobs) {
  for (;;) {
    co_await setting.Pad();
    const std::optional<std::size_t> job = co_await jobs.ReceiveOrEnd();
    if (!job) co_return;
    co_await setting.Pad();
    state.results[setting.fixed() ? *job : state.finished] = *job;
    ++state.finished;
  }
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    auto [send, receive] = OpenChannel<std::size_t>(kJobs);
    for (std::size_t job = 0; job < kJobs; ++job) send.SendNow(job);
    for (int worker = 0; worker < 2; ++worker) {
      nursery.StartSoon(TaskName("work"), Work, std::ref(setting), std::ref(state), receive.Clone());
    }
    co_return;
  });
  for (const std::size_t result : state.results) setting.Observe(std::to_string(result));
  for (std::size_t job = 0; job < kJobs; ++job) Require(state.results[job] == job, "the results are out of order");
}

}  // namespace

Program OrderedResults() {
  return {.name = "ordered_results",
          .essence = "results come in the order of completion and are read in that of the jobs",
          .source = "worker pools",
          .body = Body};
}

}  // namespace hocket::bugs
