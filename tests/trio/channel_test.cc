// Trio's test_channel.py, but for as_safe_channel.

#include "hocket/channel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "tests/trio/policies.h"

namespace hocket {
namespace {

// Both ends of a channel for integers.
struct Ends {
  explicit Ends(std::size_t capacity) : Ends(OpenChannel<int>(capacity)) {}
  explicit Ends(std::pair<SendChannel<int>, ReceiveChannel<int>> ends)
      : s(std::move(ends.first)), r(std::move(ends.second)) {}
  SendChannel<int> s;
  ReceiveChannel<int> r;
};

// Sends and drops what the send gives; receives and drops the value.
Task<> SendOne(SendChannel<int>& end, int value) { co_await end.Send(value); }
Task<> ReceiveOne(ReceiveChannel<int>& end) { co_await end.Receive(); }

template <class E>
Task<bool> SendThrows(SendChannel<int>& end) {
  co_return co_await Throws<E>([&] { return SendOne(end, 0); });
}
template <class E>
Task<bool> ReceiveThrows(ReceiveChannel<int>& end) {
  co_return co_await Throws<E>([&] { return ReceiveOne(end); });
}

TEST(ChannelTest, PassesValuesOnAndEnds) {  // test_channel.py: channel; S35, S72, S73, S75, S76
  ForEachPolicy([](RunOptions options) {
    Recorder recorder;
    options.observer = &recorder;
    const RunOutcome outcome = hocket::Run(
        [&]() -> Task<> {
          Ends ends(2);
          ends.s.SendNow(1);
          std::uint64_t before = recorder.steps[0];
          co_await ends.s.Send(2);
          EXPECT_EQ(recorder.steps[0] - before, 1u) << "a send that need not wait is a checkpoint";
          EXPECT_THROW(ends.s.SendNow(3), WouldBlock);
          before = recorder.steps[0];
          const int first = co_await ends.r.Receive();
          EXPECT_EQ(recorder.steps[0] - before, 1u) << "and so is a receive";
          EXPECT_EQ(first, 1);
          EXPECT_EQ(ends.r.ReceiveNow(), 2);
          EXPECT_THROW(ends.r.ReceiveNow(), WouldBlock);

          ends.s.SendNow(9);
          ends.s.Close();
          before = recorder.steps[0];
          EXPECT_TRUE(co_await SendThrows<ClosedResourceError>(ends.s));
          EXPECT_EQ(recorder.steps[0] - before, 0u) << "what throws is no checkpoint";
          EXPECT_THROW(ends.s.SendNow(0), ClosedResourceError);
          EXPECT_THROW(ends.s.Clone(), ClosedResourceError);
          ends.s.Close();  // once more, and nothing happens

          EXPECT_EQ(ends.r.ReceiveNow(), 9) << "what was buffered comes before the end";
          before = recorder.steps[0];
          EXPECT_TRUE(co_await ReceiveThrows<EndOfChannel>(ends.r));
          EXPECT_EQ(recorder.steps[0] - before, 0u);
          EXPECT_THROW(ends.r.ReceiveNow(), EndOfChannel);
          ends.r.Close();
          EXPECT_TRUE(co_await ReceiveThrows<ClosedResourceError>(ends.r));
          EXPECT_THROW(ends.r.ReceiveNow(), ClosedResourceError);
          EXPECT_THROW(ends.r.Clone(), ClosedResourceError);
          ends.r.Close();
        },
        options);
    EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  });
}

TEST(ChannelTest, ForgetsACancelledReceiver) {  // test_channel.py: 553; S77
  RunUnderEveryPolicy([]() -> Task<> {
    Ends ends(1);
    // Cancelled before the wait, and during it.
    co_await WithScope(CancelScope(), [&](CancelScope& scope) -> Task<> {
      scope.Cancel();
      EXPECT_TRUE(co_await Unwinds([&] { return ReceiveOne(ends.r); }));
    });
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(ReceiveOne, std::ref(ends.r));
      co_await Settle();
      EXPECT_EQ(ends.r.Statistics().waiting_to_receive, 1u);
      nursery.cancel_scope().Cancel();
      EXPECT_EQ(ends.r.Statistics().waiting_to_receive, 0u);
      ends.s.SendNow(5);  // for nobody who is gone
    });
    EXPECT_EQ(ends.r.Statistics().buffered, 1u);
    EXPECT_EQ(ends.r.ReceiveNow(), 5);
  });
}

TEST(ChannelTest, DoesNothingForWhoIsCancelledAlready) {  // test_channel.py: channel; S34, S35, S77
  RunUnderEveryPolicy([]() -> Task<> {
    Ends ends(2);
    ends.s.SendNow(1);
    co_await WithScope(CancelScope(), [&](CancelScope& scope) -> Task<> {
      scope.Cancel();
      EXPECT_TRUE(co_await Unwinds([&] { return SendOne(ends.s, 2); }));
      EXPECT_TRUE(co_await Unwinds([&] { return ReceiveOne(ends.r); }));
      EXPECT_EQ(ends.s.Statistics().buffered, 1u);
      ends.s.Close();
      EXPECT_TRUE(co_await Unwinds([&] { return SendOne(ends.s, 2); })) << "cancelled before it can fail";
    });
    EXPECT_EQ(ends.r.ReceiveNow(), 1);
  });
}

TEST(ChannelTest, EndsAfterTheLastOfManyProducers) {  // test_channel.py: channel_multiple_producers; S76, S77
  RunUnderEveryPolicy([]() -> Task<> {
    std::vector<int> got;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      Ends ends(0);
      for (int i = 0; i < 10; ++i) {
        nursery.StartSoon(
            [](SendChannel<int> end, int first) -> Task<> {
              for (int j = first; j < first + 3; ++j) co_await end.Send(j);
            },
            ends.s.Clone(), 3 * i);
      }
      ends.s.Close();
      while (const std::optional<int> value = co_await ends.r.ReceiveOrEnd()) got.push_back(*value);
    });
    std::sort(got.begin(), got.end());
    std::vector<int> all(30);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(got, all);
  });
}

TEST(ChannelTest, ServesManyConsumers) {  // test_channel.py: channel_multiple_consumers; S76, S77
  RunUnderEveryPolicy([]() -> Task<> {
    std::set<int> successes;
    std::vector<int> got;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      Ends ends(1);
      for (int i = 0; i < 5; ++i) {
        nursery.StartSoon(
            [&, i](ReceiveChannel<int> end) -> Task<> {
              while (const std::optional<int> value = co_await end.ReceiveOrEnd()) {
                successes.insert(i);
                got.push_back(*value);
              }
            },
            ends.r.Clone());
      }
      ends.r.Close();
      co_await Settle();
      for (int i = 0; i < 10; ++i) co_await ends.s.Send(i);
    });
    std::sort(got.begin(), got.end());
    std::vector<int> all(10);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(got, all);
    EXPECT_EQ(successes.size(), 5u) << "the first five values go to five who wait";
  });
}

TEST(ChannelTest, ClosingReachesWhoWaits) {  // test_channel.py: close_basics, close_sync; S76
  RunUnderEveryPolicy([]() -> Task<> {
    const auto expect_closed_send = [](SendChannel<int>& end, bool& done) -> Task<> {
      done = co_await SendThrows<ClosedResourceError>(end);
    };
    const auto expect_broken_send = [](SendChannel<int>& end, bool& done) -> Task<> {
      done = co_await SendThrows<BrokenResourceError>(end);
    };
    const auto expect_closed_receive = [](ReceiveChannel<int>& end, bool& done) -> Task<> {
      done = co_await ReceiveThrows<ClosedResourceError>(end);
    };
    const auto expect_end = [](ReceiveChannel<int>& end, bool& done) -> Task<> {
      done = co_await ReceiveThrows<EndOfChannel>(end);
    };

    Ends own(0);  // the sender's own end
    bool done = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(expect_closed_send, std::ref(own.s), std::ref(done));
      co_await Settle();
      own.s.Close();
    });
    EXPECT_TRUE(done);
    EXPECT_TRUE(co_await SendThrows<ClosedResourceError>(own.s));
    EXPECT_TRUE(co_await ReceiveThrows<EndOfChannel>(own.r));

    Ends other(0);  // the sender's other end
    done = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(expect_broken_send, std::ref(other.s), std::ref(done));
      co_await Settle();
      other.r.Close();
    });
    EXPECT_TRUE(done);
    EXPECT_TRUE(co_await SendThrows<BrokenResourceError>(other.s));
    EXPECT_THROW(other.s.SendNow(0), BrokenResourceError);
    EXPECT_TRUE(co_await ReceiveThrows<ClosedResourceError>(other.r));

    Ends receiver(0);  // the receiver's own end
    done = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(expect_closed_receive, std::ref(receiver.r), std::ref(done));
      co_await Settle();
      receiver.r.Close();
    });
    EXPECT_TRUE(done);
    EXPECT_TRUE(co_await ReceiveThrows<ClosedResourceError>(receiver.r));

    Ends sender(0);  // the receiver's other end
    done = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(expect_end, std::ref(sender.r), std::ref(done));
      co_await Settle();
      sender.s.Close();
    });
    EXPECT_TRUE(done);

    Ends full(5);  // the last receiver takes along what is buffered
    full.s.SendNow(1);
    full.s.SendNow(2);
    EXPECT_EQ(full.s.Statistics().buffered, 2u);
    full.r.Close();
    EXPECT_EQ(full.s.Statistics().buffered, 0u);
    EXPECT_THROW(full.s.SendNow(3), BrokenResourceError);
  });
}

// A deviation: in Trio an end that is dropped without being closed stays open.
TEST(ChannelTest, DestructorsClose) {  // test_channel.py: close_sync; S76, S78
  RunUnderEveryPolicy([]() -> Task<> {
    Ends ends(1);
    {
      const SendChannel<int> gone = std::move(ends.s);
      EXPECT_TRUE(ends.s.closed());
      EXPECT_FALSE(gone.closed());
      EXPECT_THROW(ends.r.ReceiveNow(), WouldBlock);
    }
    EXPECT_THROW(ends.r.ReceiveNow(), EndOfChannel);
    co_return;
  });
}

TEST(ChannelTest, ClonesOfAReceiverCountOneByOne) {  // test_channel.py: receive_channel_clone_and_close; S76
  RunUnderEveryPolicy([]() -> Task<> {
    Ends ends(10);
    ReceiveChannel<int> second = ends.r.Clone();
    ReceiveChannel<int> third = ends.r.Clone();
    ends.s.SendNow(1);
    ends.r.Close();
    second.Close();
    EXPECT_THROW(ends.r.Clone(), ClosedResourceError);
    EXPECT_THROW(second.Clone(), ClosedResourceError);
    EXPECT_EQ(third.ReceiveNow(), 1);
    ends.s.SendNow(2);
    third.Close();
    EXPECT_THROW(third.Clone(), ClosedResourceError);
    EXPECT_THROW(ends.s.SendNow(3), BrokenResourceError);
    co_return;
  });
}

TEST(ChannelTest, ClosingOneSenderLeavesTheOthers) {  // test_channel.py: close_multiple_send_handles; S76
  RunUnderEveryPolicy([]() -> Task<> {
    Ends ends(0);
    SendChannel<int> second = ends.s.Clone();
    bool closed = false;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { closed = co_await SendThrows<ClosedResourceError>(ends.s); });
      nursery.StartSoon(SendOne, std::ref(second), 7);
      co_await Settle();
      ends.s.Close();
      const int value = co_await ends.r.Receive();
      EXPECT_EQ(value, 7);
    });
    EXPECT_TRUE(closed);
  });
}

TEST(ChannelTest, ClosingOneReceiverLeavesTheOthers) {  // test_channel.py: close_multiple_receive_handles; S76
  RunUnderEveryPolicy([]() -> Task<> {
    Ends ends(0);
    ReceiveChannel<int> second = ends.r.Clone();
    bool closed = false;
    int value = 0;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { closed = co_await ReceiveThrows<ClosedResourceError>(ends.r); });
      nursery.StartSoon([&]() -> Task<> { value = co_await second.Receive(); });
      co_await Settle();
      ends.r.Close();
      co_await ends.s.Send(7);
    });
    EXPECT_TRUE(closed);
    EXPECT_EQ(value, 7);
  });
}

TEST(ChannelTest, MayBeUnbounded) {  // test_channel.py: inf_capacity; S74
  RunUnderEveryPolicy([]() -> Task<> {
    Ends ends(kUnbounded);
    for (int i = 0; i < 10; ++i) ends.s.SendNow(i);
    ends.s.Close();
    std::vector<int> got;
    while (const std::optional<int> value = co_await ends.r.ReceiveOrEnd()) got.push_back(*value);
    std::vector<int> all(10);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(got, all);
  });
}

TEST(ChannelTest, CountsWhatIsInIt) {  // test_channel.py: statistics; S76
  RunUnderEveryPolicy([]() -> Task<> {
    Ends ends(2);
    using Counts = std::vector<std::size_t>;
    const auto counts = [&] {  // from either side the same
      const ChannelStatistics s = ends.s.Statistics();
      const ChannelStatistics r = ends.r.Statistics();
      const Counts of_s = {s.buffered, s.senders, s.receivers, s.waiting_to_send, s.waiting_to_receive};
      const Counts of_r = {r.buffered, r.senders, r.receivers, r.waiting_to_send, r.waiting_to_receive};
      EXPECT_EQ(of_s, of_r);
      return of_s;
    };
    EXPECT_EQ(counts(), (Counts{0, 1, 1, 0, 0}));

    ends.s.SendNow(1);
    EXPECT_EQ(counts(), (Counts{1, 1, 1, 0, 0}));

    std::optional<SendChannel<int>> s2 = ends.s.Clone();
    EXPECT_EQ(counts(), (Counts{1, 2, 1, 0, 0}));
    ReceiveChannel<int> r2 = ends.r.Clone();
    EXPECT_EQ(counts(), (Counts{1, 2, 2, 0, 0}));
    r2.Close();
    EXPECT_EQ(counts(), (Counts{1, 2, 1, 0, 0}));
    s2.reset();
    EXPECT_EQ(counts(), (Counts{1, 1, 1, 0, 0}));

    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      ends.s.SendNow(2);
      EXPECT_EQ(counts(), (Counts{2, 1, 1, 0, 0}));
      nursery.StartSoon(SendOne, std::ref(ends.s), 3);
      co_await Settle();
      EXPECT_EQ(counts(), (Counts{2, 1, 1, 1, 0}));
      nursery.cancel_scope().Cancel();
    });
    EXPECT_EQ(counts(), (Counts{2, 1, 1, 0, 0}));

    EXPECT_EQ(ends.r.ReceiveNow(), 1);
    EXPECT_EQ(ends.r.ReceiveNow(), 2);
    EXPECT_THROW(ends.r.ReceiveNow(), WouldBlock) << "the cancelled send has not happened";
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(ReceiveOne, std::ref(ends.r));
      co_await Settle();
      EXPECT_EQ(counts(), (Counts{0, 1, 1, 0, 1}));
      nursery.cancel_scope().Cancel();
    });
    EXPECT_EQ(counts(), (Counts{0, 1, 1, 0, 0}));
  });
}

TEST(ChannelTest, IsFairToWhoWaits) {  // test_channel.py: channel_fairness; S72, S73
  RunUnderEveryPolicy([]() -> Task<> {
    Ends ends(1);
    // With nobody else around, one may take back what one has sent.
    co_await ends.s.Send(1);
    int value = co_await ends.r.Receive();
    EXPECT_EQ(value, 1);
    co_await ends.s.Send(2);
    value = co_await ends.r.Receive();
    EXPECT_EQ(value, 2);

    // What is sent while somebody waits is his, although he has not run yet.
    int result = 0;
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon([&]() -> Task<> { result = co_await ends.r.Receive(); });
      co_await Settle();
      ends.s.SendNow(2);
      EXPECT_THROW(ends.r.ReceiveNow(), WouldBlock);
    });
    EXPECT_EQ(result, 2);

    // And so is the room that a receive makes.
    ends.s.SendNow(1);
    EXPECT_THROW(ends.s.SendNow(0), WouldBlock);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(SendOne, std::ref(ends.s), 2);
      co_await Settle();
      EXPECT_EQ(ends.r.ReceiveNow(), 1);
      EXPECT_THROW(ends.s.SendNow(3), WouldBlock);
      value = co_await ends.r.Receive();
      EXPECT_EQ(value, 2);
    });
  });
}

TEST(ChannelTest, ServesSendersAndReceiversInOrder) {  // test_channel.py: channel_fairness; S73, S75
  RunUnderEveryPolicy([]() -> Task<> {
    Ends ends(1);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int i = 0; i < 3; ++i) {
        nursery.StartSoon(SendOne, std::ref(ends.s), i);
        co_await Settle();
      }
      for (int i = 0; i < 3; ++i) EXPECT_EQ(ends.r.ReceiveNow(), i) << "the buffer, then who waits longest";
    });
    std::vector<int> got(3);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (std::size_t i = 0; i < 3; ++i) {
        nursery.StartSoon([&, i]() -> Task<> { got[i] = co_await ends.r.Receive(); });
        co_await Settle();
      }
      for (int i = 0; i < 3; ++i) ends.s.SendNow(i);
    });
    EXPECT_EQ(got, (std::vector<int>{0, 1, 2}));
  });
}

TEST(ChannelTest, MayHaveNoBuffer) {  // test_channel.py: unbuffered; S74
  RunUnderEveryPolicy([]() -> Task<> {
    Ends ends(0);
    EXPECT_THROW(ends.r.ReceiveNow(), WouldBlock);
    EXPECT_THROW(ends.s.SendNow(1), WouldBlock);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(SendOne, std::ref(ends.s), 1);
      const int value = co_await ends.r.Receive();
      EXPECT_EQ(value, 1);
    });
    EXPECT_THROW(ends.r.ReceiveNow(), WouldBlock);
  });
}

}  // namespace
}  // namespace hocket
