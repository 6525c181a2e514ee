// A description is the same however its records come to be read, and a trace takes a bounded amount of memory while the
// schedule stays exact.
#include "harness/describer.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "examples/bank.h"
#include "examples/bounded_queue.h"
#include "harness/execution.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/lanes.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {
namespace {

Task<> Switch(int times) {
  for (int i = 0; i < times; ++i) co_await Checkpoint();
}

// Two tasks that switch so many times each.
Body Long(int times) {
  return [times]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Switch, times);
      nursery.StartSoon(Switch, times);
      co_return;
    });
  };
}

Description Describe(const Body& body, Describer& describer, std::uint64_t index) {
  const ExploreOptions options;
  Execution execution(body, options);
  const std::unique_ptr<Strategy> strategy = MakeRandomWalk(7);
  strategy->StartExecution(index);
  describer.Follow(*strategy);
  execution.Run(describer, &describer);
  return describer.Take();
}

void ExpectEqual(const Description& a, const Description& b) {
  EXPECT_EQ(a.trace, b.trace);
  EXPECT_EQ(a.trace.functions, b.trace.functions);
  EXPECT_EQ(a.decisions, b.decisions);
  EXPECT_EQ(a.exact, b.exact);
  EXPECT_EQ(a.draws, b.draws);
  for (std::size_t i = 0; i < a.views.size(); ++i) {
    EXPECT_EQ(a.views[i].deviations, b.views[i].deviations);
    EXPECT_EQ(a.views[i].marked, b.views[i].marked);
  }
}

TEST(Describer, IsAsGoodAsNewForTheNextExecution) {
  const Body bodies[] = {
      [] { return examples::TransferAndAudit(examples::Transfer); },
      [] { return examples::ProduceAndConsume(examples::Wake::kOne); },
      [] { return examples::TransferAndAudit(examples::TransferAtOnce); },
  };
  Describer kept;
  for (std::uint64_t index = 0; index < 20; ++index) {
    for (const Body& body : bodies) {
      Describer fresh;
      ExpectEqual(Describe(body, kept, index), Describe(body, fresh, index));
    }
  }
}

TEST(Describer, KeepsTheWholeTraceOfAnExecutionThatIsReadInParts) {
  constexpr int kTimes = 30'000;  // more records than are kept at a time
  Describer describer;
  const Description description = Describe(Long(kTimes), describer, 0);
  std::size_t steps = 0;
  for (const TraceEvent& event : description.trace.events) steps += event.kind == TraceEvent::Kind::kStep ? 1 : 0;
  // The main task steps twice, each other one once more than it switches.
  EXPECT_EQ(steps, std::size_t{2} + 2 * (kTimes + 1));
  EXPECT_EQ(description.trace.earlier_events, 0u);
  EXPECT_EQ(description.exact.size(), description.decisions);
  for (const BaseView& view : description.views) {
    EXPECT_EQ(view.marked.size(), view.deviations.size());
    ASSERT_FALSE(view.deviations.empty());
    // Counted from the beginning, not from where the last part begins.
    EXPECT_GT(view.deviations.back().at.nth, kTimes / 2u);
  }
}

TEST(Describer, TellsOfAFailureAfterWhatItHeldIsGone) {
  const Body body = []() -> Task<> {
    co_await Checkpoint();
    throw std::runtime_error("no room for " + std::to_string(3));
  };
  Describer describer;
  const Description description = Describe(body, describer, 0);
  ASSERT_FALSE(description.trace.events.empty());
  EXPECT_NE(description.trace.events.back().text.find("no room for 3"), std::string::npos)
      << description.trace.events.back().text;
}

TEST(Trace, OfALongExecutionKeepsTheLastEventsAndReplaysExactly) {
  const Body body = Long(80'000);
  const ExploreOptions options{.steps_per_execution = 1'000'000};
  const std::unique_ptr<Strategy> rare = ParseStrategy("sticky:1", {.seed = 3}).value();
  const ReplayResult first = RunStrategy(body, *rare, 0, options);
  ASSERT_FALSE(first.failure);
  EXPECT_EQ(first.trace.events.size(), Trace::kMostEvents);
  // Spawns, two events a step, and the last step of each task ends it.
  EXPECT_EQ(first.trace.earlier_events + first.trace.events.size(), 3u + 2 * (2 + 2 * 80'001));
  for (const std::size_t step : first.marked) {
    ASSERT_LT(step, first.trace.events.size());
    EXPECT_EQ(first.trace.events[step].kind, TraceEvent::Kind::kStep);
  }
  EXPECT_NE(RenderLanes(first.trace, {.marked = first.marked})
                .find("-- " + std::to_string(first.trace.earlier_steps) + " steps before are not kept --"),
            std::string::npos);

  const ReplayResult again = ReplaySchedule(body, first.schedule, options);
  EXPECT_EQ(again.divergence.value_or("none"), "none");
  EXPECT_EQ(again.trace, first.trace);

  // What is not kept is told apart as well.
  Schedule other = PlanOf(first.schedule);
  other.deviations.erase(other.deviations.begin());
  const Trace parted = ReplaySchedule(body, other, options).trace;
  EXPECT_NE(parted.Hash(), first.trace.Hash());
}

}  // namespace
}  // namespace hocket::testing
