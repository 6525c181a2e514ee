// Clients of Nursery::Start, and its reference.
#ifndef HOCKET_TESTS_EXPLORED_START_H_
#define HOCKET_TESTS_EXPLORED_START_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hocket/exception_group.h"
#include "hocket/nursery.h"
#include "tests/explored/support.h"

namespace hocket::explored {

class NumberedError : public std::runtime_error {
 public:
  explicit NumberedError(int number_in) : std::runtime_error("error " + std::to_string(number_in)), number(number_in) {}
  const int number;
};

// The numbers of the errors in a failure, in order.
inline void CollectErrors(const Failure& failure, std::vector<int>& numbers) {
  if (!failure) return;
  if (failure.is_group()) {
    const ExceptionGroup group = failure.group();
    for (const Failure& member : group.members()) CollectErrors(member, numbers);
  } else if (!failure.is_cancelled()) {
    try {
      failure.Throw();
    } catch (const NumberedError& error) {
      numbers.push_back(error.number);
    } catch (...) {
      numbers.push_back(-1);
    }
  }
}

// Client 0 owns the target nursery, in a scope of its own; the others, and the body of the nursery itself, start tasks
// in it.
inline constexpr int kOwner = 0;

enum class How : std::uint8_t { kCancelled, kReturned, kThrew };

// A task that somebody starts.
struct Child {
  int number;
  int starter;
  bool running = false;
  bool ended = false;
  bool started = false;  // started was called
  bool moved = false;    // and the task is one of the target nursery since
  How how = How::kCancelled;
  bool in_nursery = false;  // what it throws comes out of a nursery of its own
};

class StartReference final : public Reference {
 public:
  explicit StartReference(int clients) : Reference(clients) {}

  // The target nursery's tasks and body are cancelled.
  bool TargetCancelled() const { return cancelled(kOwner) || target_failed_; }
  // The task and what it waits in are cancelled: it is in one nursery at a time.
  bool Cancelled(const Child& child) const {
    return child.moved || child.starter == kOwner ? TargetCancelled() : cancelled(child.starter);
  }

  void Opens() { keep_open_ = 1; }
  // Somebody who kept the target nursery open does so no more.
  void NoLongerKeepsOpen() {
    if (--keep_open_ == 0) closed_ = true;
  }
  void BodyEnds(How how, int number) {
    if (how == How::kThrew) TargetFails(number);
    NoLongerKeepsOpen();
  }
  // False: the nursery has closed.
  bool StartBegins() {
    if (closed_) return false;
    ++keep_open_;
    return true;
  }
  void ChildEnds(Child& child) {
    child.ended = true;
    if (!child.moved) return;
    if (child.how == How::kThrew) TargetFails(child.number);
    NoLongerKeepsOpen();
  }

  void Started(Child& child, TaskStatus<int>& status) {
    DoNow(
        [&] {
          if (child.started) return Ending::kMisuse;
          child.started = true;
          if (child.ended || Cancelled(child)) return Ending::kDone;  // nothing moves
          child.moved = true;
          ++keep_open_;
          return Ending::kDone;
        },
        [&] { status.Started(child.number); });
  }
  // Calls started for a task that has given its status away.
  void StartedForAnother() {
    if (statuses.empty()) return;
    std::pair<Child*, TaskStatus<int>> entry = std::move(statuses.front());
    statuses.pop_front();
    Started(*entry.first, entry.second);
  }

  void CheckTarget(const Failure& failure) {
    Sync();
    EXPECT_TRUE(closed_) << "the nursery was left with " << keep_open_ << " who keep it open";
    std::vector<int> errors;
    CollectErrors(failure, errors);
    EXPECT_EQ(errors, target_errors_);
  }

  using Reference::Sync;

  std::optional<Nursery> target;
  Event opened;
  std::deque<Child> children;
  std::deque<std::pair<Child*, TaskStatus<int>>> statuses;  // given away

 private:
  void TargetFails(int number) {
    target_failed_ = true;
    target_errors_.push_back(number);
  }
  void Remove(int) override {}
  void Compare() override {}

  int keep_open_ = 0;
  bool closed_ = false;
  bool target_failed_ = false;
  std::vector<int> target_errors_;
};

// Ends with its frame, however that goes.
class AtEnd {
 public:
  explicit AtEnd(std::function<void()> action) : action_(std::move(action)) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() { action_(); }

 private:
  std::function<void()> action_;
};

inline Task<> Step(bool sleeps) {
  if (sleeps) {
    co_await SleepForever();
  } else {
    co_await Checkpoint();
  }
}

// A checkpoint that is cancelled exactly if `cancelled()`. Mostly goes on as told.
template <class Cancelled>
Task<> CheckedStep(StartReference& world, bool sleeps, Cancelled cancelled) {
  Outcome<> outcome = co_await Capture(Step(sleeps));
  world.Sync();
  EXPECT_EQ(outcome.is_cancelled(), cancelled());
  if (Choose(4, "stubborn") != 3) co_await Resolve(std::move(outcome));
}

inline Task<> ChildSteps(StartReference& world, Child& child, TaskStatus<int> status) {
  const auto cancelled = [&] { return world.Cancelled(child); };
  for (std::uint32_t left = Choose(2, "steps before"); left > 0; --left) co_await CheckedStep(world, false, cancelled);
  switch (Choose(8, "how")) {
    case 4:
      child.how = How::kThrew;
      throw NumberedError(child.number);
    case 5:
      child.how = How::kReturned;
      co_return;
    case 6:
    case 7:
      world.statuses.emplace_back(&child, status);
      break;
    default:
      world.Started(child, status);
  }
  if (Choose(8, "started again") == 7) world.Started(child, status);
  for (std::uint32_t left = Choose(3, "steps after"); left > 0; --left) co_await CheckedStep(world, false, cancelled);
  if (Choose(3, "sleep") == 2) co_await CheckedStep(world, true, cancelled);
  if (Choose(3, "fail") == 2) {
    child.how = How::kThrew;
    throw NumberedError(child.number);
  }
  child.how = How::kReturned;
}

inline Task<> ChildBody(StartReference& world, Child& child, TaskStatus<int> status) {
  child.running = true;
  const AtEnd at_end([&] { world.ChildEnds(child); });
  world.Sync();
  // What moves may have scopes, and nurseries with tasks, inside.
  switch (Choose(3, "inside")) {
    case 0:
      co_await ChildSteps(world, child, std::move(status));
      break;
    case 1:
      co_await WithScope(CancelScope(), [&]() -> Task<> { co_await ChildSteps(world, child, std::move(status)); });
      break;
    default:
      child.in_nursery = true;
      co_await WithNursery([&](Nursery& nursery) -> Task<> {
        nursery.StartSoon([&]() -> Task<> {
          const Outcome<> outcome = co_await Capture(Step(/*sleeps=*/false));
          world.Sync();
          EXPECT_EQ(outcome.is_cancelled(), child.how == How::kThrew || world.Cancelled(child));
        });
        co_await ChildSteps(world, child, std::move(status));
      });
  }
}

// Starts a task in the target nursery, and checks what comes out.
inline Task<> StartOne(StartReference& world, int starter) {
  Child& child =
      world.children.emplace_back(Child{.number = static_cast<int>(world.children.size()), .starter = starter});
  const bool open = world.StartBegins();
  const auto body = [&world, &child](TaskStatus<int> status) { return ChildBody(world, child, std::move(status)); };
  Outcome<int> outcome = co_await Capture(world.target->Start<int>(body));
  world.Sync();
  const Ending ending = EndingOf(outcome.failure());
  if (open) world.NoLongerKeepsOpen();
  if (!open) {
    EXPECT_EQ(ending, Ending::kMisuse);
    EXPECT_FALSE(child.running);
  } else if (child.moved) {
    EXPECT_EQ(ending, Ending::kDone);
  } else {
    EXPECT_TRUE(child.ended);
    switch (child.how) {
      case How::kCancelled:
        EXPECT_EQ(ending, Ending::kCancelled);
        break;
      case How::kReturned:
        EXPECT_EQ(ending, child.started ? Ending::kDone : Ending::kMisuse);
        break;
      case How::kThrew: {
        EXPECT_EQ(ending, Ending::kOther);
        std::vector<int> errors;
        CollectErrors(outcome.failure(), errors);
        EXPECT_EQ(errors, std::vector<int>{child.number});
        // As it left the task.
        EXPECT_EQ(outcome.failure().is_group(), child.in_nursery);
        if (child.in_nursery && outcome.failure().is_group()) {
          const ExceptionGroup group = outcome.failure().group();
          EXPECT_FALSE(group.members()[0].is_group());
        }
      }
    }
  }
  if (outcome.has_value()) {
    EXPECT_EQ(outcome.value(), child.number);
  }
}

inline Task<> OwnTarget(StartReference& world) {
  Outcome<> outcome = co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
    const int number = 1000;
    How how = How::kCancelled;
    world.Opens();
    const AtEnd at_end([&] { world.BodyEnds(how, number); });
    world.target = nursery;
    world.opened.Set();
    const auto cancelled = [&] { return world.TargetCancelled(); };
    for (std::uint32_t left = Choose(3, "steps"); left > 0; --left) co_await CheckedStep(world, false, cancelled);
    if (Choose(3, "start") == 2) co_await StartOne(world, kOwner);
    if (Choose(6, "fail") == 5) {
      how = How::kThrew;
      throw NumberedError(number);
    }
    how = How::kReturned;
  }));
  world.CheckTarget(outcome.failure());
}

inline Task<> UseStart(StartReference& world, int self) {
  const auto later = [](bool) { return std::optional(Ending::kLater); };
  if (self == kOwner) {
    co_await world.Do(self, later, [&] { return OwnTarget(world); });
    co_return;
  }
  co_await world.opened.Wait();
  for (int round = 0; round < 2; ++round) {
    co_await world.Do(self, later, [&] { return StartOne(world, self); });
    world.StartedForAnother();
  }
}

inline Task<> StartProgram() {
  StartReference world(3);
  int helped = 0;
  co_await world.RunClients([&](int self) { return UseStart(world, self); },
                            [&] {
                              world.StartedForAnother();
                              world.Cancel(helped++ % 3);
                            });
}

}  // namespace hocket::explored

#endif  // HOCKET_TESTS_EXPLORED_START_H_
