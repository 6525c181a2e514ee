#include "harness/report/recording.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hocket/hocket.h"
#include "tests/report/samples.h"

namespace hocket::testing {
namespace {

using std::chrono_literals::operator""ms;
using Kind = Note::Kind;

Recording Record(const Body& body, const Schedule& schedule = {}) { return RecordSchedule(body, schedule, {}); }

std::vector<Note> NotesOf(const Recording& recording, Kind kind) {
  std::vector<Note> notes;
  std::copy_if(recording.notes.begin(), recording.notes.end(), std::back_inserter(notes),
               [kind](const Note& note) { return note.kind == kind; });
  return notes;
}

TEST(Recording, HasTheTraceAndTheMarksOfAReplay) {
  for (const Sample& sample : FailingSamples()) {
    const HtmlSide& side = sample.input.failing;
    ASSERT_TRUE(side.schedule.trace.has_value());
    EXPECT_EQ(side.recording.trace.Hash(), side.schedule.trace->hash) << sample.name;
    EXPECT_EQ(side.recording.marked.size(), side.schedule.deviations.size()) << sample.name;
  }
}

TEST(Recording, KnowsWhoseNurseryATaskIsIn) {
  const Recording recording = Record([]() -> Task<> {
    co_await WithNursery([](Nursery& outer) -> Task<> {
      outer.StartSoon([]() -> Task<> {
        co_await WithNursery([](Nursery& inner) -> Task<> {
          inner.StartSoon(GiveWayOnce);
          co_return;
        });
      });
      co_return;
    });
  });
  const std::vector<Note> joins = NotesOf(recording, Kind::kJoin);
  ASSERT_EQ(joins.size(), 2u);
  ASSERT_EQ(recording.scopes.size(), 2u);
  EXPECT_TRUE(recording.scopes[0].info.nursery);
  EXPECT_EQ(recording.scopes[joins[0].index].task, 0u);
  EXPECT_EQ(recording.scopes[joins[1].index].task, 1u);
  EXPECT_EQ(NotesOf(recording, Kind::kLeaveScope).size(), 2u);
}

TEST(Recording, TellsOfShieldsDeadlinesAndCancellations) {
  const Recording recording = Record([]() -> Task<> {
    CancelScope scope({.deadline = Time{} + 5ms});
    co_await WithScope(scope, [&]() -> Task<> {
      CancelScope shield({.shield = true});
      co_await WithScope(shield, [&]() -> Task<> {
        shield.set_shield(false);
        co_await Checkpoint();
      });
      scope.Cancel("enough");
      co_await Checkpoint();
    });
  });
  ASSERT_EQ(recording.scopes.size(), 2u);
  EXPECT_EQ(recording.scopes[0].info.deadline, Time{} + 5ms);
  EXPECT_FALSE(recording.scopes[0].info.nursery);
  EXPECT_TRUE(recording.scopes[1].info.shield);
  const std::vector<Note> set = NotesOf(recording, Kind::kSetScope);
  ASSERT_EQ(set.size(), 1u);
  EXPECT_EQ(set[0].index, 1u);
  EXPECT_FALSE(set[0].scope.shield);
  const std::vector<Note> cancelled = NotesOf(recording, Kind::kCancelScope);
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_EQ(cancelled[0].index, 0u);
  EXPECT_NE(cancelled[0].text.find("enough"), std::string::npos);
  const std::vector<Note> left = NotesOf(recording, Kind::kLeaveScope);
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[0].text, "");
  EXPECT_EQ(left[1].text, "caught");
}

TEST(Recording, TellsOfADeadlineThatPasses) {
  const Recording recording =
      Record([]() -> Task<> { co_await MoveOnAfter(5ms, []() -> Task<> { co_await SleepForever(); }); });
  const std::vector<Note> cancelled = NotesOf(recording, Kind::kCancelScope);
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_EQ(cancelled[0].text, "deadline");
}

TEST(Recording, TellsWhoWakesWhom) {
  const Recording recording = Record([]() -> Task<> {
    Event event;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { co_await event.Wait(); });
      nursery.StartSoon([&]() -> Task<> {
        event.Set();
        co_return;
      });
      co_return;
    });
  });
  const std::vector<Note> wakes = NotesOf(recording, Kind::kWake);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (const Note& note : wakes) {
    std::uint32_t waker = 99;
    for (std::size_t i = 0; i < note.before; ++i) {
      if (recording.trace.events[i].kind == TraceEvent::Kind::kStep) waker = recording.trace.events[i].task;
    }
    pairs.emplace_back(waker, note.actor);
  }
  EXPECT_EQ(std::count(pairs.begin(), pairs.end(), std::pair(2u, 1u)), 1) << "Set wakes the task that waits";
  EXPECT_EQ(std::count(pairs.begin(), pairs.end(), std::pair(1u, 0u)), 1) << "the last task wakes the main task";
}

// Values arrive in the order in which they are sent, whoever waits.
TEST(Recording, PairsEachValueThatIsSentWithTheOneReceived) {
  for (const std::size_t capacity : {0u, 1u, 8u}) {
    for (const Base base : {Base::kStay, Base::kFifo, Base::kSpawn}) {
      Schedule schedule;
      schedule.base = base;
      const Recording recording = Record(
          [capacity]() -> Task<> {
            auto [send, receive] = OpenChannel<int>(capacity);
            co_await WithNursery([&](Nursery& nursery) -> Task<> {
              nursery.StartSoon(
                  [](SendChannel<int> out) -> Task<> {
                    for (int i = 0; i < 3; ++i) co_await out.Send(i);
                  },
                  std::move(send));
              nursery.StartSoon(
                  [](ReceiveChannel<int> in) -> Task<> {
                    for (int i = 0; i < 3; ++i) EXPECT_EQ(co_await in.Receive(), i);
                  },
                  std::move(receive));
              co_return;
            });
          },
          schedule);
      std::vector<std::uint32_t> sent;
      std::vector<std::uint32_t> received;
      for (const Note& note : recording.notes) {
        if (note.kind == Kind::kSend) {
          EXPECT_EQ(note.actor, 1u);
          sent.push_back(note.index);
        }
        if (note.kind == Kind::kReceive) {
          EXPECT_EQ(note.actor, 2u);
          received.push_back(note.index);
          EXPECT_LE(received.size(), sent.size());
        }
      }
      EXPECT_EQ(sent, (std::vector<std::uint32_t>{0, 1, 2})) << capacity;
      EXPECT_EQ(received, sent) << capacity;
    }
  }
}

TEST(Recording, KeepsTheTreeOfAGroup) {
  const Recording recording = Record([]() -> Task<> {
    co_await WithNursery([](Nursery& nursery) -> Task<> {
      nursery.StartSoon([]() -> Task<> {
        co_await WithNursery([](Nursery& inner) -> Task<> {
          inner.StartSoon([]() -> Task<> {
            throw std::runtime_error("one");
            co_return;
          });
          co_return;
        });
      });
      co_await SleepForever();
    });
  });
  ASSERT_FALSE(recording.failures.empty());
  const std::vector<FailureNode>& tree = recording.failures.back();
  ASSERT_EQ(tree.size(), 3u);
  EXPECT_EQ(tree[0].kind, FailureNode::Kind::kGroup);
  const auto error = std::find_if(tree.begin(), tree.end(),
                                  [](const FailureNode& node) { return node.kind == FailureNode::Kind::kError; });
  ASSERT_NE(error, tree.end());
  EXPECT_EQ(error->text, "std::runtime_error: one");
  EXPECT_EQ(error->depth, 2u);
  EXPECT_EQ(std::prev(error)->kind, FailureNode::Kind::kGroup);
  EXPECT_EQ(std::prev(error)->depth, 1u);
}

// The ready set of each decision, put together from the notes, has as many members as the trace says, and among them
// who was chosen.
TEST(Recording, TellsTheReadySetOfEachDecision) {
  std::vector<Recording> recordings;
  for (const Sample& sample : FailingSamples()) recordings.push_back(sample.input.failing.recording);
  recordings.push_back(LongInput(20, 500).failing.recording);
  for (const Recording& recording : recordings) {
    std::set<Actor> ready;
    std::size_t next = 0;
    std::size_t decisions = 0;
    for (std::size_t i = 0; i < recording.trace.events.size(); ++i) {
      for (; next < recording.notes.size() && recording.notes[next].before <= i; ++next) {
        const Note& note = recording.notes[next];
        if (note.kind == Kind::kReady) {
          EXPECT_TRUE(ready.insert(note.actor).second);
        }
        if (note.kind == Kind::kUnready) {
          EXPECT_EQ(ready.erase(note.actor), 1u);
        }
      }
      const TraceEvent& event = recording.trace.events[i];
      Actor chosen = kNoActor;
      if (event.kind == TraceEvent::Kind::kStep) chosen = event.task;
      if (event.kind == TraceEvent::Kind::kJump) chosen = kClockActor;
      if (event.kind == TraceEvent::Kind::kOutside) {
        const std::vector<std::string>& paths = recording.cancellations;
        chosen =
            kFirstCancelActor + static_cast<Actor>(std::find(paths.begin(), paths.end(), event.text) - paths.begin());
      }
      if (chosen == kNoActor) continue;
      if (event.alternatives > 1) {
        ++decisions;
        EXPECT_EQ(ready.size(), event.alternatives);
        EXPECT_EQ(ready.count(chosen), 1u);
      }
      ready.erase(chosen);
    }
    EXPECT_GT(decisions, 0u);
  }
}

TEST(Recording, TellsWhatTheBaseWouldHaveChosenWhereASchedulesDeviates) {
  for (const Sample& sample : FailingSamples()) {
    const Recording& recording = sample.input.failing.recording;
    const std::vector<Note> bases = NotesOf(recording, Kind::kBase);
    ASSERT_EQ(bases.size(), recording.marked.size()) << sample.name;
    for (std::size_t i = 0; i < bases.size(); ++i) EXPECT_EQ(bases[i].before, recording.marked[i]) << sample.name;
  }
}

// A run that takes too many steps goes on fairly, and the chooser is asked no more.
TEST(Recording, SaysFromWhereOnNobodyIsAsked) {
  ExploreOptions options;
  options.steps_per_execution = 100;
  const Recording recording = RecordSchedule(
      []() -> Task<> {
        for (;;) co_await Checkpoint();
      },
      Schedule(), options);
  ASSERT_EQ(NotesOf(recording, Kind::kSuffix).size(), 1u);
}

// An observer changes nothing, or reports would show something else than what failed.
TEST(Recording, OfAPassingExecutionHasNoFailure) {
  const Recording recording = Record([] { return GiveWayOnce(); });
  EXPECT_TRUE(recording.failures.empty());
  EXPECT_TRUE(recording.scopes.empty());
}

}  // namespace
}  // namespace hocket::testing
