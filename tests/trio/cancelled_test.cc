// Trio's test_cancelled.py: reasons of cancellations.

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "hocket/cancel_reason.h"
#include "tests/trio/policies.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

// Why a checkpoint here unwinds; nothing if it does not.
Task<std::optional<CancelReason>> ReasonHere() {
  const auto checkpoint = []() -> Task<> { co_await Checkpoint(); };
  const Outcome<> outcome = co_await Capture(checkpoint());
  const CancelReason* reason = outcome.failure().cancel_reason();
  co_return reason == nullptr ? std::nullopt : std::optional<CancelReason>(*reason);
}

TEST(Reasons, TellWhoCancelledAndWhy) {  // test_cancelled.py: cancel_reason; S29
  RunUnderEveryPolicy([]() -> Task<> {
    CancelScope called;
    co_await WithScope(called, [&]() -> Task<> {
      called.Cancel("hello");
      const std::optional<CancelReason> reason = co_await ReasonHere();
      EXPECT_EQ(reason->source, CancelSource::kExplicit);
      EXPECT_EQ(reason->text, "hello");
      EXPECT_EQ(reason->task, 0u);
    });
    CancelScope timed({.deadline = Time::min()});
    co_await WithScope(timed, [&]() -> Task<> {
      const std::optional<CancelReason> reason = co_await ReasonHere();
      EXPECT_EQ(reason->source, CancelSource::kDeadline);
      EXPECT_EQ(reason->task, std::nullopt);
    });
    CancelScope moved;
    co_await WithScope(moved, [&]() -> Task<> {
      moved.set_deadline(Now() - 1s);
      const std::optional<CancelReason> reason = co_await ReasonHere();
      EXPECT_EQ(reason->source, CancelSource::kDeadline);
    });
  });
}

TEST(Reasons, OfANurseryAreWhatFailedInIt) {  // test_cancelled.py: cancel_reason_nursery, _nursery2, _nursery3; S29
  RunUnderEveryPolicy([]() -> Task<> {
    std::optional<CancelReason> of_body;
    std::optional<CancelReason> of_sibling;
    std::uint32_t failing = 0;
    const auto body = [&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> {
        for (const TaskSnapshot& task : SnapshotTasks()) {
          if (task.operation == "running") failing = task.spawn_number;
        }
        co_await Settle();
        Throw("boom");
      });
      nursery.StartSoon([&]() -> Task<> {
        const auto forever = []() -> Task<> { co_await SleepForever(); };
        const Outcome<> outcome = co_await Capture(forever());
        of_sibling = *outcome.failure().cancel_reason();
      });
      const auto forever = []() -> Task<> { co_await SleepForever(); };
      const Outcome<> outcome = co_await Capture(forever());
      of_body = *outcome.failure().cancel_reason();
    };
    EXPECT_TRUE((co_await Capture(WithNursery(body))).has_error());
    for (const std::optional<CancelReason>& reason : {of_body, of_sibling}) {
      EXPECT_EQ(reason->source, CancelSource::kNursery);
      EXPECT_TRUE(Says(reason->cause, "boom"));
      EXPECT_EQ(reason->task, failing);
    }
  });
}

TEST(Reasons, AreNotOverwritten) {  // test_cancelled.py: cancel_reason_not_overwritten, _2; S29
  RunUnderEveryPolicy([]() -> Task<> {
    CancelScope first;
    co_await WithScope(first, [&]() -> Task<> {
      first.Cancel("first");
      first.Cancel("second");
      first.set_deadline(Time::min());
      EXPECT_EQ((co_await ReasonHere())->text, "first");
    });
    CancelScope timed;
    co_await WithScope(timed, [&]() -> Task<> {
      timed.set_deadline(Time::min());
      EXPECT_TRUE(timed.cancel_called());
      timed.Cancel("too late");
      EXPECT_EQ((co_await ReasonHere())->source, CancelSource::kDeadline);
    });
  });
}

TEST(Reasons, AreInheritedByScopesInside) {  // test_cancelled.py: nested_child_source; S29
  RunUnderEveryPolicy([]() -> Task<> {
    std::optional<CancelReason> inside;
    CancelScope outer;
    co_await WithScope(outer, [&]() -> Task<> {
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon([&]() -> Task<> {
          CancelScope inner;
          co_await WithScope(inner, [&]() -> Task<> {
            outer.Cancel("from the child");
            inside = co_await ReasonHere();
          });
        });
        co_return;
      });
    });
    EXPECT_EQ(inside->text, "from the child");
    EXPECT_EQ(inside->source, CancelSource::kExplicit);
    EXPECT_NE(inside->task, 0u);
  });
}

}  // namespace
}  // namespace hocket
