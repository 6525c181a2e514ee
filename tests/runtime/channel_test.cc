#include "hocket/channel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/runtime/policies.h"
#include "tests/runtime/support.h"

namespace hocket {
namespace {

using namespace std::chrono_literals;

using Kind = RunOutcome::Kind;
using Values = std::vector<int>;

Task<> Send(SendChannel<int>& sender, int value) { co_await sender.Send(value); }
Task<> SendAll(SendChannel<int> sender, int first, int count) {
  for (int i = 0; i < count; ++i) co_await sender.Send(first + i);
}
Task<> Receive(ReceiveChannel<int>& receiver) { static_cast<void>(co_await receiver.Receive()); }
Task<> ReceiveInto(ReceiveChannel<int>& receiver, Values& values) { values.push_back(co_await receiver.Receive()); }

// How a task ended, in a word.
void LogEnding(Log& log, const std::string& name, const Outcome<>& outcome) {
  std::string ending = outcome.has_value() ? "done" : "cancelled";
  if (outcome.has_error()) {
    try {
      outcome.failure().Throw();
    } catch (const ClosedResourceError&) {
      ending = "closed";
    } catch (const BrokenResourceError&) {
      ending = "broken";
    } catch (const EndOfChannel&) {
      ending = "end";
    } catch (...) {
      ending = outcome.failure().ToString();
    }
  }
  log.push_back(name + (name.empty() ? "" : " ") + ending);
}

// Runs `body` in a nursery, with a channel that outlives its tasks.
template <class Body>
RunOutcome WithChannel(std::size_t capacity, const RunOptions& options, Body body) {
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> {
        auto ends = OpenChannel<int>(capacity);
        co_await WithNursery([&](Nursery& nursery) -> Task<> { co_await body(nursery, ends.first, ends.second); });
        EXPECT_EQ(ends.first.Statistics().waiting_to_send, 0u);
        EXPECT_EQ(ends.first.Statistics().waiting_to_receive, 0u);
      },
      options);
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  return outcome;
}

// ---------------------------------------------------------------- sending and receiving

TEST(Channel, KeepsValuesInOrder) {  // S72, S73
  UnderEveryPolicy([](const RunOptions& options) {
    for (const std::size_t capacity : {std::size_t{0}, std::size_t{1}, std::size_t{3}, kUnbounded}) {
      Values received;
      const RunOutcome outcome = RunVirtual(
          [&]() -> Task<> {
            auto [sender, receiver] = OpenChannel<int>(capacity);
            co_await WithNursery([&](Nursery& nursery) -> Task<> {
              nursery.StartSoon(SendAll, std::move(sender), 0, 10);
              while (true) {
                const std::optional<int> value = co_await receiver.ReceiveOrEnd();
                if (!value) break;
                received.push_back(*value);
              }
            });
          },
          options);
      EXPECT_TRUE(outcome.completed()) << outcome.ToString();
      EXPECT_EQ(received, (Values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    }
  });
}

TEST(Channel, BuffersUpToItsCapacity) {  // S72
  WithChannel(2, {}, [](Nursery&, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
    EXPECT_THROW(receiver.ReceiveNow(), WouldBlock);
    sender.SendNow(1);
    co_await sender.Send(2);
    EXPECT_EQ(sender.Statistics().buffered, 2u);
    EXPECT_THROW(sender.SendNow(3), WouldBlock);
    EXPECT_EQ(receiver.ReceiveNow(), 1);
    sender.SendNow(4);
    EXPECT_EQ(co_await receiver.Receive(), 2);
    EXPECT_EQ(receiver.ReceiveNow(), 4);
    EXPECT_THROW(receiver.ReceiveNow(), WouldBlock);
  });
}

TEST(Channel, WithoutRoomEverySendWaitsForItsReceive) {  // S74
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithChannel(0, options, [&](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
      EXPECT_THROW(sender.SendNow(1), WouldBlock);
      nursery.StartSoon([&]() -> Task<> {
        co_await sender.Send(1);
        log.push_back("sent");
      });
      co_await Sleep(1s);
      EXPECT_TRUE(log.empty());
      EXPECT_EQ(sender.Statistics().waiting_to_send, 1u);
      EXPECT_EQ(sender.Statistics().buffered, 0u);
      EXPECT_EQ(receiver.ReceiveNow(), 1);
      EXPECT_EQ(sender.Statistics().waiting_to_send, 0u);
      EXPECT_TRUE(log.empty()) << "the sender ran inside the receive";
      co_await Sleep(1s);
      EXPECT_EQ(log, Log{"sent"});
    });
  });
}

TEST(Channel, HandsAValueToTheReceiverThatHasWaitedLongest) {  // S72
  UnderEveryPolicy([](const RunOptions& options) {
    for (const std::size_t capacity : {std::size_t{0}, std::size_t{5}}) {
      Values first, second;
      WithChannel(capacity, options,
                  [&](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
                    nursery.StartSoon(ReceiveInto, std::ref(receiver), std::ref(first));
                    co_await Sleep(1s);
                    nursery.StartSoon(ReceiveInto, std::ref(receiver), std::ref(second));
                    co_await Sleep(1s);
                    EXPECT_EQ(sender.Statistics().waiting_to_receive, 2u);
                    sender.SendNow(1);
                    EXPECT_EQ(sender.Statistics().buffered, 0u) << "past the buffer";
                    EXPECT_EQ(sender.Statistics().waiting_to_receive, 1u);
                    EXPECT_THROW(receiver.ReceiveNow(), WouldBlock) << "no overtaking";
                    sender.SendNow(2);
                    co_await Sleep(1s);
                    EXPECT_EQ(first, Values{1});
                    EXPECT_EQ(second, Values{2});
                  });
    }
  });
}

TEST(Channel, TakesAWaitingSendersValueIntoTheBuffersTail) {  // S73
  UnderEveryPolicy([](const RunOptions& options) {
    WithChannel(1, options, [](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
      sender.SendNow(1);
      nursery.StartSoon(Send, std::ref(sender), 2);
      co_await Sleep(1s);
      nursery.StartSoon(Send, std::ref(sender), 3);
      co_await Sleep(1s);
      EXPECT_EQ(receiver.ReceiveNow(), 1) << "the head comes first";
      EXPECT_EQ(sender.Statistics().waiting_to_send, 1u) << "and the first sender has its room";
      EXPECT_EQ(sender.Statistics().buffered, 1u);
      EXPECT_EQ(receiver.ReceiveNow(), 2);
      EXPECT_EQ(receiver.ReceiveNow(), 3);
      EXPECT_THROW(receiver.ReceiveNow(), WouldBlock);
    });
  });
}

TEST(Channel, SendAndReceiveYieldEvenIfTheyNeedNotWait) {  // S34, S75
  WithChannel(1, {}, [](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
    std::vector<std::size_t> seen;
    const auto look = [&]() -> Task<> {
      seen.push_back(sender.Statistics().buffered);
      co_return;
    };
    nursery.StartSoon(look);
    co_await sender.Send(1);
    EXPECT_EQ(seen, (std::vector<std::size_t>{1}));
    nursery.StartSoon(look);
    co_await receiver.Receive();
    EXPECT_EQ(seen, (std::vector<std::size_t>{1, 0}));
  });
}

TEST(Channel, ErrorsAreNotSchedulePoints) {  // S35
  Log log;
  const RunOutcome outcome =
      WithChannel(1, {}, [&](Nursery&, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
        sender.Close();
        LogEnding(log, "", co_await Capture(Receive(receiver)));
        LogEnding(log, "", co_await Capture(Send(sender, 1)));
        receiver.Close();
        LogEnding(log, "", co_await Capture(Receive(receiver)));
        auto [other, its_receiver] = OpenChannel<int>(1);
        its_receiver.Close();
        LogEnding(log, "", co_await Capture(Send(other, 1)));
      });
  EXPECT_EQ(log, (Log{"end", "closed", "closed", "broken"}));
  EXPECT_EQ(outcome.steps, 2u) << "leaving the nursery is the second step";
}

TEST(Channel, CountsWhoHasAndWaits) {
  WithChannel(2, {}, [](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
    const auto expect = [&](ChannelStatistics expected) {
      for (const ChannelStatistics& statistics : {sender.Statistics(), receiver.Statistics()}) {
        EXPECT_EQ(statistics.buffered, expected.buffered);
        EXPECT_EQ(statistics.senders, expected.senders);
        EXPECT_EQ(statistics.receivers, expected.receivers);
        EXPECT_EQ(statistics.waiting_to_send, expected.waiting_to_send);
        EXPECT_EQ(statistics.waiting_to_receive, expected.waiting_to_receive);
      }
    };
    expect({0, 1, 1, 0, 0});
    auto clone = sender.Clone();
    auto other = receiver.Clone();
    auto third = other.Clone();
    expect({0, 2, 3, 0, 0});
    nursery.StartSoon(Receive, std::ref(other));
    co_await Checkpoint();
    expect({0, 2, 3, 0, 1});
    sender.SendNow(1);
    sender.SendNow(2);
    clone.SendNow(3);
    expect({2, 2, 3, 0, 0});
    nursery.StartSoon(Send, std::ref(clone), 4);
    co_await Checkpoint();
    expect({2, 2, 3, 1, 0});
    receiver.ReceiveNow();
    expect({2, 2, 3, 0, 0});
    co_await Checkpoint();
    clone.Close();
    expect({2, 1, 3, 0, 0});
  });
}

// ---------------------------------------------------------------- closing

TEST(Channel, AClosedEndIsOfNoUse) {  // S72, S73, S76
  WithChannel(1, {}, [](Nursery&, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
    auto other_sender = sender.Clone();
    auto other_receiver = receiver.Clone();
    EXPECT_FALSE(sender.closed());
    sender.Close();
    receiver.Close();
    EXPECT_TRUE(sender.closed());
    EXPECT_TRUE(receiver.closed());
    EXPECT_THROW(sender.SendNow(1), ClosedResourceError);
    EXPECT_THROW(receiver.ReceiveNow(), ClosedResourceError);
    EXPECT_THROW(sender.Clone(), ClosedResourceError);
    EXPECT_THROW(receiver.Clone(), ClosedResourceError);
    sender.Close();
    receiver.Close();
    EXPECT_EQ(sender.Statistics().senders, 1u) << "the second time it does nothing";
    EXPECT_EQ(sender.Statistics().receivers, 1u);
    other_sender.SendNow(1);
    EXPECT_EQ(other_receiver.ReceiveNow(), 1);
    co_return;
  });
}

TEST(Channel, BeingClosedComesBeforeTheStateOfTheOtherSide) {  // S72, S73
  WithChannel(1, {}, [](Nursery&, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
    auto other = receiver.Clone();
    sender.SendNow(1);
    other.Close();
    EXPECT_THROW(other.ReceiveNow(), ClosedResourceError) << "although there is a value";
    receiver.Close();
    sender.Close();
    EXPECT_THROW(sender.SendNow(1), ClosedResourceError);
    EXPECT_THROW(receiver.ReceiveNow(), ClosedResourceError);
    co_return;
  });
}

TEST(Channel, ClosingAnEndEndsTheWaitsAtIt) {  // S76
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithChannel(0, options, [&](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
      auto other = receiver.Clone();
      nursery.StartSoon([&]() -> Task<> { LogEnding(log, "a", co_await Capture(Receive(receiver))); });
      nursery.StartSoon([&]() -> Task<> { LogEnding(log, "b", co_await Capture(Receive(other))); });
      co_await Sleep(1s);
      receiver.Close();
      EXPECT_EQ(sender.Statistics().waiting_to_receive, 1u);
      co_await Sleep(1s);
      EXPECT_EQ(log, Log{"a closed"});
      sender.SendNow(1);
      co_await Sleep(1s);
      EXPECT_EQ(log, (Log{"a closed", "b done"}));
      log.clear();

      auto clone = sender.Clone();
      nursery.StartSoon([&]() -> Task<> { LogEnding(log, "a", co_await Capture(Send(sender, 1))); });
      nursery.StartSoon([&]() -> Task<> { LogEnding(log, "b", co_await Capture(Send(clone, 2))); });
      co_await Sleep(1s);
      sender.Close();
      co_await Sleep(1s);
      EXPECT_EQ(log, Log{"a closed"});
      EXPECT_EQ(other.ReceiveNow(), 2) << "what the closed end was to send is gone";
      co_await Sleep(1s);
      EXPECT_EQ(log, (Log{"a closed", "b done"}));
    });
  });
}

TEST(Channel, ReceiversGetWhatIsBufferedAndThenTheEnd) {  // S73, S76
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithChannel(3, options, [&](Nursery&, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
      sender.SendNow(1);
      sender.SendNow(2);
      sender.Close();
      EXPECT_EQ(co_await receiver.Receive(), 1);
      EXPECT_EQ(receiver.ReceiveNow(), 2);
      EXPECT_THROW(receiver.ReceiveNow(), EndOfChannel);
      LogEnding(log, "", co_await Capture(Receive(receiver)));
      const std::optional<int> end = co_await receiver.ReceiveOrEnd();
      EXPECT_FALSE(end);
      EXPECT_EQ(log, Log{"end"});
    });
  });
}

TEST(Channel, TheLastSenderThatClosesEndsAllReceives) {  // S76
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithChannel(0, options, [&](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
      auto clone = sender.Clone();
      auto other = receiver.Clone();
      nursery.StartSoon([&]() -> Task<> { LogEnding(log, "", co_await Capture(Receive(receiver))); });
      nursery.StartSoon([&]() -> Task<> { LogEnding(log, "", co_await Capture(Receive(other))); });
      co_await Sleep(1s);
      sender.Close();
      co_await Sleep(1s);
      EXPECT_TRUE(log.empty()) << "another sender is open";
      clone.Close();
      co_await Sleep(1s);
      EXPECT_EQ(log, (Log{"end", "end"}));
    });
  });
}

TEST(Channel, TheLastReceiverThatClosesBreaksAllSends) {  // S72, S76
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithChannel(1, options, [&](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
      auto clone = sender.Clone();
      auto other = receiver.Clone();
      sender.SendNow(0);
      nursery.StartSoon([&]() -> Task<> { LogEnding(log, "", co_await Capture(Send(sender, 1))); });
      nursery.StartSoon([&]() -> Task<> { LogEnding(log, "", co_await Capture(Send(clone, 2))); });
      co_await Sleep(1s);
      receiver.Close();
      co_await Sleep(1s);
      EXPECT_TRUE(log.empty()) << "another receiver is open";
      EXPECT_EQ(sender.Statistics().buffered, 1u);
      other.Close();
      EXPECT_EQ(sender.Statistics().buffered, 0u) << "nobody will ever receive it";
      co_await Sleep(1s);
      EXPECT_EQ(log, (Log{"broken", "broken"}));
      EXPECT_THROW(sender.SendNow(3), BrokenResourceError);
    });
  });
}

TEST(Channel, AnEndClosesWhenItIsDestroyed) {  // S78
  WithChannel(1, {}, [](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
    {
      auto clone = sender.Clone();
      auto other = receiver.Clone();
      EXPECT_EQ(sender.Statistics().senders, 2u);
      EXPECT_EQ(sender.Statistics().receivers, 2u);
    }
    EXPECT_EQ(sender.Statistics().senders, 1u);
    EXPECT_EQ(sender.Statistics().receivers, 1u);
    auto [other_sender, other_receiver] = OpenChannel<int>(0);
    nursery.StartSoon(SendAll, std::move(other_sender), 1, 2);
    EXPECT_EQ(co_await other_receiver.Receive(), 1);
    EXPECT_EQ(co_await other_receiver.Receive(), 2);
    const std::optional<int> end = co_await other_receiver.ReceiveOrEnd();
    EXPECT_FALSE(end) << "the end went with the task that held it";
  });
}

TEST(Channel, DestroyingAnEndEndsTheWaitsAtIt) {  // S76, S78
  Log log;
  RunVirtual([&]() -> Task<> {
    auto [sender, receiver] = OpenChannel<int>(0);
    auto end = std::make_unique<ReceiveChannel<int>>(std::move(receiver));
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { LogEnding(log, "", co_await Capture(Receive(*end))); });
      co_await Checkpoint();
      end.reset();
    });
  });
  EXPECT_EQ(log, Log{"closed"});
}

// ---------------------------------------------------------------- moving

TEST(Channel, AnEndThatWasMovedIsTheSameEnd) {
  Log log;
  WithChannel(0, {}, [&](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
    nursery.StartSoon([&]() -> Task<> { LogEnding(log, "", co_await Capture(Receive(receiver))); });
    co_await Checkpoint();
    ReceiveChannel<int> moved = std::move(receiver);
    EXPECT_TRUE(receiver.closed());
    EXPECT_EQ(sender.Statistics().receivers, 1u);
    receiver.Close();
    co_await Checkpoint();
    EXPECT_TRUE(log.empty()) << "the wait goes on";
    EXPECT_THROW(receiver.ReceiveNow(), ClosedResourceError);
    moved.Close();
    EXPECT_EQ(sender.Statistics().receivers, 0u);
    co_await Checkpoint();
    EXPECT_EQ(log, Log{"closed"}) << "at the end that has moved";
    receiver = std::move(moved);
    EXPECT_TRUE(receiver.closed());
  });
}

TEST(Channel, AssigningClosesWhatWasThere) {
  RunVirtual([]() -> Task<> {
    auto [sender, receiver] = OpenChannel<int>(1);
    auto [other_sender, other_receiver] = OpenChannel<int>(1);
    other_sender.SendNow(1);
    sender = std::move(other_sender);
    EXPECT_THROW(receiver.ReceiveNow(), EndOfChannel);
    receiver = std::move(other_receiver);
    EXPECT_EQ(receiver.ReceiveNow(), 1);
    EXPECT_EQ(receiver.Statistics().senders, 1u);
    EXPECT_EQ(sender.Statistics().receivers, 1u);
    co_return;
  });
}

TEST(Channel, AssigningAnEndToItselfDoesNothing) {
  RunVirtual([]() -> Task<> {
    auto [sender, receiver] = OpenChannel<int>(1);
    SendChannel<int>& self = sender;
    sender = std::move(self);
    EXPECT_FALSE(sender.closed());
    sender.SendNow(1);
    EXPECT_EQ(receiver.ReceiveNow(), 1);
    co_return;
  });
}

TEST(Channel, CarriesValuesThatOnlyMove) {
  UnderEveryPolicy([](const RunOptions& options) {
    for (const std::size_t capacity : {0, 1}) {
      int sum = 0;
      const RunOutcome outcome = RunVirtual(
          [&]() -> Task<> {
            auto ends = OpenChannel<std::unique_ptr<int>>(capacity);
            co_await WithNursery([&](Nursery& nursery) -> Task<> {
              nursery.StartSoon([&]() -> Task<> {
                for (int i = 1; i <= 4; ++i) {
                  auto value = std::make_unique<int>(i);
                  co_await ends.first.Send(std::move(value));
                }
                ends.first.Close();
              });
              for (int i = 0; i < 4; ++i) {
                const std::unique_ptr<int> value = co_await ends.second.Receive();
                sum += *value;
              }
              EXPECT_FALSE(static_cast<bool>(co_await ends.second.ReceiveOrEnd()));
            });
          },
          options);
      EXPECT_TRUE(outcome.completed()) << outcome.ToString();
      EXPECT_EQ(sum, 10);
    }
  });
}

TEST(Channel, CarriesItsOwnEnds) {
  RunVirtual([]() -> Task<> {
    auto [sender, receiver] = OpenChannel<SendChannel<int>>(2);
    auto [inner_sender, inner_receiver] = OpenChannel<int>(1);
    sender.SendNow(inner_sender.Clone());
    inner_sender.Close();
    EXPECT_THROW(inner_receiver.ReceiveNow(), WouldBlock) << "the clone on its way is open";
    receiver.Close();
    EXPECT_THROW(inner_receiver.ReceiveNow(), EndOfChannel) << "what was buffered is dropped, and so closed";
    co_return;
  });
}

TEST(Channel, KeepsNoValueThatNobodyReceives) {  // S76
  UnderEveryPolicy([](const RunOptions& options) {
    const RunOutcome outcome = RunVirtual(
        [&]() -> Task<> {
          auto ends = OpenChannel<std::unique_ptr<Counted>>(2);
          co_await WithNursery([&](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 2; ++i) ends.first.SendNow(std::make_unique<Counted>());
            EXPECT_EQ(Counted::living, 2);
            CancelScope scope;
            nursery.StartSoon([&, scope]() -> Task<> {
              co_await WithScope(scope, [&]() -> Task<> {
                auto value = std::make_unique<Counted>();
                co_await ends.first.Send(std::move(value));
              });
            });
            co_await Sleep(1s);
            EXPECT_EQ(Counted::living, 3);
            scope.Cancel();
            co_await Sleep(1s);
            EXPECT_EQ(Counted::living, 2) << "a cancelled send takes its value along";
            ends.second.ReceiveNow();
            EXPECT_EQ(Counted::living, 1);
            ends.second.Close();
            EXPECT_EQ(Counted::living, 0);
          });
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
    EXPECT_EQ(Counted::living, 0);
  });
}

// ---------------------------------------------------------------- cancellation

TEST(Channel, WhenCancelledAlreadyNothingHappens) {  // S34, S35
  Log log;
  WithChannel(2, {}, [&](Nursery&, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
    sender.SendNow(1);
    auto closed = receiver.Clone();
    closed.Close();
    CancelScope scope;
    scope.Cancel();
    co_await WithScope(scope, [&]() -> Task<> {
      LogEnding(log, "", co_await Capture(Send(sender, 2)));
      LogEnding(log, "", co_await Capture(Receive(receiver)));
      LogEnding(log, "", co_await Capture(Receive(closed)));
    });
    EXPECT_EQ(sender.Statistics().buffered, 1u);
  });
  EXPECT_EQ(log, (Log{"cancelled", "cancelled", "cancelled"}));
}

TEST(Channel, WhatHasHappenedIsNotCancelled) {  // S34
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithChannel(1, options, [&](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
      for (const bool sends : {true, false}) {
        CancelScope scope;
        co_await WithScope(scope, [&]() -> Task<> {
          nursery.StartSoon([scope]() mutable -> Task<> {
            scope.Cancel();
            co_return;
          });
          if (sends) {
            co_await sender.Send(1);
          } else {
            co_await receiver.Receive();
          }
          log.push_back("done");
        });
      }
    });
    EXPECT_EQ(log, (Log{"done", "done"}));
  });
}

TEST(Channel, WhoHasBeenServedIsNotCancelled) {  // S61, S77
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithChannel(0, options, [&](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
      CancelScope scope;
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(scope, [&]() -> Task<> { LogEnding(log, "receive", co_await Capture(Receive(receiver))); });
      });
      co_await Sleep(1s);
      sender.SendNow(1);
      scope.Cancel();
      co_await Sleep(1s);
      CancelScope other;
      nursery.StartSoon([&]() -> Task<> {
        co_await WithScope(other, [&]() -> Task<> { LogEnding(log, "send", co_await Capture(Send(sender, 1))); });
      });
      co_await Sleep(1s);
      EXPECT_EQ(receiver.ReceiveNow(), 1);
      other.Cancel();
      co_await Sleep(1s);
    });
    EXPECT_EQ(log, (Log{"receive done", "send done"}));
  });
}

TEST(Channel, WhoHasBeenToldOfAClosingIsNotCancelled) {  // S61
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithChannel(0, options, [&](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { LogEnding(log, "", co_await Capture(Send(sender, 1))); });
      co_await Sleep(1s);
      receiver.Close();
      nursery.cancel_scope().Cancel();
    });
    EXPECT_EQ(log, Log{"broken"});
  });
}

TEST(Channel, WhoHasBeenCancelledIsNotServed) {  // S61, S77
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithChannel(0, options, [&](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
      co_await WithNursery([&](Nursery& inner) -> Task<> {
        inner.StartSoon([&]() -> Task<> { LogEnding(log, "receive", co_await Capture(Receive(receiver))); });
        co_await Sleep(1s);
        inner.cancel_scope().Cancel();
        EXPECT_THROW(sender.SendNow(1), WouldBlock);
      });
      co_await WithNursery([&](Nursery& inner) -> Task<> {
        inner.StartSoon([&]() -> Task<> { LogEnding(log, "send", co_await Capture(Send(sender, 1))); });
        co_await Sleep(1s);
        inner.cancel_scope().Cancel();
        EXPECT_THROW(receiver.ReceiveNow(), WouldBlock);
        receiver.Close();
      });
      static_cast<void>(nursery);
    });
    EXPECT_EQ(log, (Log{"receive cancelled", "send cancelled"}));
  });
}

TEST(Channel, ACancelledSendLeavesThoseBehindItInOrder) {
  UnderEveryPolicy([](const RunOptions& options) {
    WithChannel(0, options, [](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
      CancelScope scope;
      nursery.StartSoon(Send, std::ref(sender), 1);
      co_await Sleep(1s);
      nursery.StartSoon([&, scope]() -> Task<> { co_await WithScope(scope, [&] { return Send(sender, 2); }); });
      co_await Sleep(1s);
      nursery.StartSoon(Send, std::ref(sender), 3);
      co_await Sleep(1s);
      scope.Cancel();
      EXPECT_EQ(sender.Statistics().waiting_to_send, 2u);
      EXPECT_EQ(receiver.ReceiveNow(), 1);
      EXPECT_EQ(receiver.ReceiveNow(), 3);
    });
  });
}

TEST(Channel, BeginsIfAShieldTakesTheCancellationBack) {  // S32
  for (const bool room : {false, true}) {
    Log log;
    WithChannel(room ? 1 : 0, {},
                [&](Nursery& nursery, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
                  CancelScope outer, inner;
                  nursery.StartSoon([&, outer, inner]() mutable -> Task<> {
                    co_await WithScope(outer, [&]() -> Task<> {
                      co_await WithScope(inner, [&]() -> Task<> {
                        outer.Cancel();
                        LogEnding(log, "", co_await Capture(Send(sender, 1)));
                      });
                    });
                  });
                  co_await Checkpoint();
                  co_await Checkpoint();
                  inner.set_shield(true);
                  co_await Sleep(1s);
                  EXPECT_EQ(log.size(), room ? 1u : 0u);
                  EXPECT_EQ(receiver.ReceiveNow(), 1);
                });
    EXPECT_EQ(log, Log{"done"});
  }
}

// Every value that a send says it has sent is received once or still buffered, and no other one is.
TEST(Channel, LosesAndDoublesNothingByCancellation) {  // S77
  for (const std::size_t capacity : {0, 1, 2}) {
    UnderEveryPolicy(
        [&](const RunOptions& options) {
          Values sent, received;
          WithChannel(capacity, options,
                      [&](Nursery&, SendChannel<int>& sender, ReceiveChannel<int>& receiver) -> Task<> {
                        co_await WithNursery([&](Nursery& nursery) -> Task<> {
                          for (int i = 0; i < 6; ++i) {
                            CancelScope scope, other;
                            const int delay = i % 3;
                            nursery.StartSoon([&, scope, i]() -> Task<> {
                              co_await WithScope(scope, [&]() -> Task<> {
                                co_await sender.Send(i);
                                sent.push_back(i);
                              });
                            });
                            nursery.StartSoon([&, other]() -> Task<> {
                              co_await WithScope(other, [&]() -> Task<> {
                                const int value = co_await receiver.Receive();
                                received.push_back(value);
                              });
                            });
                            nursery.StartSoon([scope, other, delay]() mutable -> Task<> {
                              for (int turn = 0; turn < delay; ++turn) co_await Checkpoint();
                              scope.Cancel();
                              other.Cancel();
                            });
                          }
                          co_return;
                        });
                        while (receiver.Statistics().buffered > 0) received.push_back(receiver.ReceiveNow());
                      });
          std::sort(sent.begin(), sent.end());
          std::sort(received.begin(), received.end());
          EXPECT_EQ(sent, received);
        },
        100);
    if (HasFailure()) return;
  }
}

// ---------------------------------------------------------------- runs that are given up

TEST(Channel, EndsMayGoInAnyOrderWhileTheRunIsGivenUp) {
  for (std::uint64_t limit = 0; limit < 25; ++limit) {
    const RunOutcome outcome = RunVirtual(
        []() -> Task<> {
          auto [sender, receiver] = OpenChannel<Counted>(1);
          co_await WithNursery([&, s = &sender, r = &receiver](Nursery& nursery) -> Task<> {
            for (int i = 0; i < 3; ++i) {
              nursery.StartSoon(
                  [](SendChannel<Counted> own, SendChannel<Counted>* shared) -> Task<> {
                    const AtEnd guard([&] {
                      try {
                        own.SendNow(Counted());
                        shared->SendNow(Counted());
                      } catch (const WouldBlock&) {
                      } catch (const BrokenResourceError&) {
                      }
                      own.Close();
                    });
                    Counted value;
                    for (;;) co_await own.Send(value);
                  },
                  s->Clone(), s);
              nursery.StartSoon(
                  [](ReceiveChannel<Counted> own, ReceiveChannel<Counted>* shared) -> Task<> {
                    const AtEnd guard([&] {
                      try {
                        own.ReceiveNow();
                        shared->ReceiveNow();
                      } catch (const WouldBlock&) {
                      } catch (const EndOfChannel&) {
                      }
                    });
                    co_await own.Receive();
                    co_await SleepForever();
                  },
                  r->Clone(), r);
            }
            co_await SleepForever();
          });
        },
        {.max_steps = limit});
    EXPECT_FALSE(outcome.completed());
    EXPECT_EQ(Counted::living, 0);
  }
}

TEST(Channel, MayOutliveARunThatWasGivenUp) {
  std::optional<SendChannel<int>> sender;
  std::optional<ReceiveChannel<int>> receiver;
  EXPECT_EQ(RunVirtual([&]() -> Task<> {
              auto ends = OpenChannel<int>(0);
              sender = std::move(ends.first);
              receiver = std::move(ends.second);
              co_await WithNursery([&](Nursery& nursery) -> Task<> {
                nursery.StartSoon(Receive, std::ref(*receiver));
                nursery.StartSoon(Receive, std::ref(*receiver));
                co_return;
              });
            }).kind,
            Kind::kDeadlock);
  EXPECT_EQ(sender->Statistics().waiting_to_receive, 0u) << "who waited is gone";
  EXPECT_EQ(RunVirtual([&]() -> Task<> { co_await Send(*sender, 1); }).kind, Kind::kDeadlock);
  EXPECT_EQ(sender->Statistics().waiting_to_send, 0u);
  Values received;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(ReceiveInto, std::ref(*receiver), std::ref(received));
      co_await sender->Send(1);
    });
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(received, Values{1});
  sender->Close();
  EXPECT_EQ(receiver->Statistics().senders, 0u);
  receiver.reset();
  sender.reset();
}

TEST(Channel, BufferedValuesGoWithTheLastReceiverAfterTheRun) {
  std::optional<SendChannel<Counted>> sender;
  {
    std::optional<ReceiveChannel<Counted>> receiver;
    RunVirtual([&]() -> Task<> {
      auto ends = OpenChannel<Counted>(2);
      ends.first.SendNow(Counted());
      sender = std::move(ends.first);
      receiver = std::move(ends.second);
      co_return;
    });
    EXPECT_EQ(Counted::living, 1);
  }
  EXPECT_EQ(Counted::living, 0);
}

TEST(Channel, EndsMayCloseWhileACancellationUnwinds) {  // S76, S78
  UnderEveryPolicy([](const RunOptions& options) {
    Log log;
    WithChannel(0, options, [&](Nursery& nursery, SendChannel<int>&, ReceiveChannel<int>&) -> Task<> {
      auto ends = OpenChannel<int>(0);
      CancelScope scope;
      nursery.StartSoon(
          [scope](SendChannel<int> own) -> Task<> {
            co_await WithScope(scope, [&]() -> Task<> {
              const SendChannel<int> inner = std::move(own);
              co_await SleepForever();
            });
          },
          std::move(ends.first));
      nursery.StartSoon(
          [&log](ReceiveChannel<int> own) -> Task<> { LogEnding(log, "", co_await Capture(Receive(own))); },
          std::move(ends.second));
      co_await Sleep(1s);
      EXPECT_TRUE(log.empty());
      scope.Cancel();
    });
    EXPECT_EQ(log, Log{"end"});
  });
}

}  // namespace
}  // namespace hocket
