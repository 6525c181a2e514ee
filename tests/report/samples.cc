#include "tests/report/samples.h"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include "harness/report/failure_page.h"
#include "harness/report/recording.h"
#include "hocket/check.h"
#include "hocket/hocket.h"
#include "hocket/testing/cancellation.h"
#include "tests/example_programs.h"

namespace hocket::testing {

namespace {

using std::chrono_literals::operator""ms;

Task<> Produce(SendChannel<int> out, int values) {
  for (int i = 0; i < values; ++i) co_await out.Send(i);
}

Task<> Consume(ReceiveChannel<int> in, Event& done) {
  for (int i = 0; i < 4; ++i) co_await in.Receive();
  done.Set();
}

Task<> CleanUp() {
  co_await Sleep(1ms);
  co_await Sleep(2ms);
}

Task<> WaitForever() { co_await SleepForever(); }

Task<> WaitForAWhile() { co_await MoveOnAfter(5ms, WaitForever); }

// Is cancelled while it waits, and cleans up under a shield.
Task<> Worker() {
  Outcome<> outcome = co_await Capture(WaitForever());
  CancelScope shielded({.shield = true});
  co_await WithScope(shielded, CleanUp);
  co_await Resolve(std::move(outcome));
}

Task<> WaitFor(Event& event) { co_await event.Wait(); }

Task<> Fail(const char* message) {
  co_await Checkpoint();
  throw std::runtime_error(message);
}

Task<> Team() {
  co_await WithNursery([](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("fails"), Fail, "the first error");
    nursery.StartSoon(TaskName("fails"), Fail, kHostileText);
    nursery.StartSoon(TaskName("waits"), WaitForever);
    co_return;
  });
}

Task<> FailsIfCancelled() {
  const bool cancelled = co_await CancelAnywhere([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon(TaskName("worker"), CleanUp);
      nursery.StartSoon(TaskName("worker"), Worker);
      co_await Sleep(4ms);
      nursery.cancel_scope().Cancel("the time is up");
    });
  });
  if (cancelled) throw std::runtime_error("it was cancelled");
}

Sample SampleOf(const std::string& name, const Body& body) {
  ExploreOptions options;
  options.test = "Samples." + name;
  const Exploration exploration = Explore(body, options);
  HOCKET_CHECK(exploration.failure.has_value()) << "a sample fails";
  const FoundFailure& found = *exploration.failure;
  HtmlInput input = FailurePage(body, found, options);
  input.replay = "bazel test //tests:" + name + " --test_env=HOCKET_REPLAY=" + FormatTokenWithin(found.schedule, 200);
  return {name, std::move(input)};
}

}  // namespace

Task<> Everything() {
  Event done;
  CancelScope outside;
  OfferCancellation(outside);
  auto [send, receive] = OpenChannel<int>(1);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("producer"), Produce, send.Clone(), 2);
    nursery.StartSoon(TaskName("producer"), Produce, std::move(send), 2);
    nursery.StartSoon(TaskName("consumer"), Consume, std::move(receive), std::ref(done));
    nursery.StartSoon(TaskName("limited"), WaitForAWhile);
    nursery.StartSoon(TaskName(kHostileName), WaitFor, std::ref(done));
    nursery.StartSoon(TaskName("worker"), Worker);
    nursery.StartSoon(TaskName("team"), Team);
    co_return;
  });
}

Task<> GiveWayOnce() { co_await Checkpoint(); }

Task<> GiveWay(int tasks, int steps) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int i = 0; i < tasks; ++i) {
      nursery.StartSoon(
          TaskName("giver"),
          [](int mine, bool fails) -> Task<> {
            for (int step = 0; step < mine; step += 2) {
              co_await Checkpoint();
              co_await MoveOnAfter(5ms, GiveWayOnce);
            }
            if (fails) throw std::runtime_error("enough given");
          },
          steps / tasks, i == tasks - 1);
    }
    co_return;
  });
}

std::vector<Sample> FailingSamples() {
  std::vector<Sample> samples;
  for (const ExampleProgram& program : ExamplePrograms()) samples.push_back(SampleOf(program.name, program.buggy));
  samples.push_back(SampleOf("everything", Everything));
  samples.push_back(SampleOf("cancelled", FailsIfCancelled));
  return samples;
}

HtmlInput LongInput(int tasks, int steps) {
  const Body body = [=] { return GiveWay(tasks, steps); };
  ExploreOptions options;
  options.steps_per_execution = 10 * static_cast<std::uint64_t>(steps);
  Schedule failing;
  failing.base = Base::kFifo;
  Schedule passing;
  passing.base = Base::kSpawn;
  HtmlInput input;
  input.test = "Samples.Long";
  input.message = "enough given";
  input.failing = {failing, RecordSchedule(body, failing, options)};
  input.passing = {passing, RecordSchedule(body, passing, options)};
  return input;
}

}  // namespace hocket::testing
