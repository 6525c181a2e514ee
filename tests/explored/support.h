// What the explored tests of the primitives share.
//
// Each of them is a program of a few clients that call one primitive, explored by the harness: what the clients do,
// which of their operations have deadlines and who is cancelled is drawn, and the schedule decides when. Beside the
// primitive stands a reference, a model of it in plain containers. Both are told the same in the same step, so the
// reference knows how every operation must end, and which values the primitive must show.
#ifndef HOCKET_TESTS_EXPLORED_SUPPORT_H_
#define HOCKET_TESTS_EXPLORED_SUPPORT_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <vector>

#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/test.h"

namespace hocket::explored {

// How an operation ends.
enum class Ending : std::uint8_t {
  kDone,
  kCancelled,
  kWouldBlock,
  kBroken,
  kClosed,
  kEndOfChannel,
  kMisuse,
  kOther,
  // In a reference only: it is a checkpoint, so it depends on whether it is cancelled when it goes on.
  kCheckpoint,
  // In a reference only: the test itself says it afterwards.
  kLater,
};

inline std::ostream& operator<<(std::ostream& out, Ending ending) {
  constexpr const char* kNames[] = {"done",           "cancelled", "would block", "broken",     "closed",
                                    "end of channel", "misuse",    "other",       "checkpoint", "later"};
  return out << kNames[static_cast<std::size_t>(ending)];
}

inline Ending EndingOf(const Failure& failure) {
  if (!failure) return Ending::kDone;
  if (failure.is_cancelled()) return Ending::kCancelled;
  try {
    failure.Throw();
  } catch (const WouldBlock&) {
    return Ending::kWouldBlock;
  } catch (const BrokenResourceError&) {
    return Ending::kBroken;
  } catch (const ClosedResourceError&) {
    return Ending::kClosed;
  } catch (const EndOfChannel&) {
    return Ending::kEndOfChannel;
  } catch (const MisuseError&) {
    return Ending::kMisuse;
  } catch (...) {
    return Ending::kOther;
  }
}

// Runs an operation that does not wait.
template <class Operation>
Ending Try(Operation operation) {
  try {
    operation();
    return Ending::kDone;
  } catch (...) {
    return EndingOf(Failure::FromCurrentException());
  }
}

// The frame of a reference: what its clients do, and which of them have been cancelled.
class Reference {
 public:
  explicit Reference(int clients) : clients_(static_cast<std::size_t>(clients)) {}
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;

  // An operation of `client` that may wait, in a scope of its own that may be cancelled and have a deadline.
  // `begin(cancelled)` is its reference: how it ends, or nothing if it waits. `operation()` makes the Task.
  template <class Begin, class Operation>
  Task<Ending> Do(int client, Begin begin, Operation operation) {
    Client& self = At(client);
    CancelScope scope;
    if (const std::uint32_t timeout = Choose(3, "timeout"); timeout > 0) scope.set_deadline(Now() + Duration(timeout));
    Ending ending = Ending::kOther;
    co_await WithScope(scope, [&]() -> Task<> {
      self.scope = scope;
      self.cancelled = false;
      if (Choose(2, "late") == 1) co_await ShieldedCheckpoint();  // so that it can be cancelled before it begins
      Sync();
      self.ending = begin(self.cancelled);
      self.busy = true;
      const Outcome<> outcome = co_await Capture(operation());
      ending = EndingOf(outcome.failure());
      Sync();
      if (self.ending == Ending::kCheckpoint) self.ending = self.cancelled ? Ending::kCancelled : Ending::kDone;
      if (self.ending != Ending::kLater) {
        // Nothing: the reference is still waiting.
        EXPECT_EQ(self.ending.value_or(Ending::kOther), ending) << "client " << client;
      }
      self.busy = false;
      self.scope.reset();
    });
    co_return ending;
  }

  // An operation that does not wait. `begin()` is its reference: how it ends.
  template <class Begin, class Operation>
  Ending DoNow(Begin begin, Operation operation) {
    Sync();
    const Ending ending = begin();
    EXPECT_EQ(ending, Try(operation));
    Sync();
    return ending;
  }

  // Cancels what `client` does now, if anything.
  void Cancel(int client) {
    Sync();
    Client& victim = At(client);
    if (!victim.scope) return;
    NoteCancelled(client);
    victim.scope->Cancel();
    Sync();
  }

  // Runs `client(number)` for all clients, and somebody who cancels. When nobody can run, everybody must be waiting by
  // the reference too, and `help()` must sooner or later make somebody go on.
  template <class ClientBody, class Help>
  Task<> RunClients(ClientBody client, Help help) {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int number = 0; number < size(); ++number) {
        nursery.StartSoon(TaskName("client"), [this, &client, number]() -> Task<> {
          At(number).task = CurrentTask();
          co_await client(number);
          At(number).ended = true;
        });
      }
      nursery.StartSoon(TaskName("canceller"), [this]() -> Task<> {
        for (std::uint32_t left = Choose(4, "cancellations"); left > 0; --left) {
          co_await Checkpoint();
          Cancel(static_cast<int>(Choose(static_cast<std::uint32_t>(size()), "victim")));
        }
      });
      for (int round = 0; round < 20;) {
        const Time before = Now();
        co_await Settle();
        Sync();
        if (Now() != before)
          continue;  // the clock may have moved after the others had settled, and made some of them go on
        ++round;
        bool all_ended = true;
        for (const Client& each : clients_) {
          if (each.ended) continue;
          all_ended = false;
          EXPECT_TRUE(each.busy && each.ending.value_or(Ending::kLater) == Ending::kLater)
              << "should have gone on: " << each.ending.value_or(Ending::kOther);
        }
        if (all_ended) break;
        help();
      }
    });
    Sync();
  }

 protected:
  ~Reference() = default;

  // The client's wait has been cancelled: takes it out of its line.
  virtual void Remove(int client) = 0;
  // Compares what the primitive shows with the reference.
  virtual void Compare() = 0;
  // Adopts what the primitive has decided and the reference cannot know. `all`: deadlines have been seen to.
  virtual void Adopt(bool all) { static_cast<void>(all); }

  // The wait of `client` is over, and that is how.
  void Finish(int client, Ending ending) { At(client).ending = ending; }

  int size() const { return static_cast<int>(clients_.size()); }
  bool cancelled(int client) const { return clients_[static_cast<std::size_t>(client)].cancelled; }
  const TaskRef& task(int client) const { return clients_[static_cast<std::size_t>(client)].task; }

  // Brings the reference up to the present.
  void Sync() {
    Adopt(/*all=*/false);
    // Deadlines that have passed since, in their order. They passed between two steps, before anything else happened.
    for (;;) {
      int next = -1;
      for (int client = 0; client < size(); ++client) {
        const Client& each = At(client);
        if (!each.scope || each.cancelled || each.scope->deadline() > Now()) continue;
        if (next < 0 || each.scope->deadline() < At(next).scope->deadline()) next = client;
      }
      if (next < 0) break;
      NoteCancelled(next);
    }
    Adopt(/*all=*/true);
    Compare();
  }

 private:
  struct Client {
    TaskRef task;
    std::optional<CancelScope> scope;  // around its operation
    std::optional<Ending> ending;      // how the operation ends; nothing while it waits
    bool cancelled = false;
    bool busy = false;  // its operation has begun and not ended
    bool ended = false;
  };

  Client& At(int client) { return clients_[static_cast<std::size_t>(client)]; }

  void NoteCancelled(int client) {
    Client& victim = At(client);
    if (victim.cancelled) return;
    victim.cancelled = true;
    if (!victim.busy || victim.ending) return;
    victim.ending = Ending::kCancelled;
    Remove(client);
  }

  std::vector<Client> clients_;
};

// Whether there is a schedule in which another task runs while `operation()` is under way.
template <class Operation>
bool IsSchedulePoint(Operation operation) {
  bool overtaken = false;
  const testing::Exploration exploration = testing::Explore(
      [&]() -> Task<> {
        bool under_way = false;
        co_await WithNursery([&](Nursery& nursery) -> Task<> {
          nursery.StartSoon([&]() -> Task<> {
            under_way = true;
            const Outcome<> outcome = co_await Capture(operation());
            under_way = false;
          });
          nursery.StartSoon([&]() -> Task<> {
            overtaken |= under_way;
            co_return;
          });
          co_return;
        });
      },
      {.executions = 100});
  EXPECT_FALSE(exploration.failure) << exploration.failure->failure.message;
  return overtaken;
}

}  // namespace hocket::explored

#endif  // HOCKET_TESTS_EXPLORED_SUPPORT_H_
