// Histories of a queue, and an oracle that judges them by trying all orders of their calls.
#ifndef HOCKET_TESTS_QUEUE_HISTORIES_H_
#define HOCKET_TESTS_QUEUE_HISTORIES_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hocket/testing/linearizability.h"

namespace hocket::testing {

struct QueueSpec {
  struct Push {
    int item;
    std::string ToString() const { return "Push(" + std::to_string(item) + ")"; }
  };
  struct Pop {};

  void Apply(const Push& push) { items.push_back(push.item); }
  std::optional<int> Apply(const Pop&) {
    if (items.empty()) return std::nullopt;
    const int item = items.front();
    items.pop_front();
    return item;
  }
  auto operator<=>(const QueueSpec&) const = default;

  std::deque<int> items;
};

// A call of a queue, as the oracle keeps it.
struct Noted {
  bool is_push = false;
  int item = 0;  // pushed, or popped
  std::size_t called = 0;
  std::size_t ended = HistoryBase::Span::kNone;
  bool interrupted = false;
  Interrupted effect = Interrupted::kMaybe;
};

// Whether the calls have an order, by trying all orders of all subsets that hold those that have returned.
class Oracle {
 public:
  // The events before `end`.
  Oracle(const std::vector<Noted>& calls, std::size_t end) {
    for (const Noted& call : calls) {
      if (call.called >= end || (call.interrupted && call.effect == Interrupted::kNever)) continue;
      Noted cut = call;
      if (call.ended >= end) {
        cut.ended = HistoryBase::Span::kNone;
        cut.interrupted = false;
      }
      calls_.push_back(cut);
    }
    used_.resize(calls_.size());
  }
  bool HasOrder() { return Extend({}); }

 private:
  static bool HasReturned(const Noted& call) { return call.ended != HistoryBase::Span::kNone && !call.interrupted; }
  // `a` must come before `b` if both take effect.
  static bool Precedes(const Noted& a, const Noted& b) {
    if (a.ended == HistoryBase::Span::kNone) return false;
    return (HasReturned(a) || a.effect == Interrupted::kMaybe) && a.ended < b.called;
  }
  bool Extend(const std::vector<std::size_t>& order) {
    if (IsComplete() && IsRight(order)) return true;
    for (std::size_t next = 0; next < calls_.size(); ++next) {
      if (used_[next]) continue;
      used_[next] = true;
      std::vector<std::size_t> longer = order;
      longer.push_back(next);
      const bool found = Extend(longer);
      used_[next] = false;
      if (found) return true;
    }
    return false;
  }
  bool IsComplete() const {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (HasReturned(calls_[i]) && !used_[i]) return false;
    }
    return true;
  }
  bool IsRight(const std::vector<std::size_t>& order) const {
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = i + 1; j < order.size(); ++j) {
        if (Precedes(calls_[order[j]], calls_[order[i]])) return false;
      }
    }
    std::deque<int> items;
    for (const std::size_t i : order) {
      if (calls_[i].is_push) {
        items.push_back(calls_[i].item);
      } else {
        if (items.empty() || (HasReturned(calls_[i]) && items.front() != calls_[i].item)) return false;
        items.pop_front();
      }
    }
    return true;
  }

  std::vector<Noted> calls_;
  std::vector<bool> used_;
};

// Up to five calls of a queue, of which one result or none is wrong, recorded in `history` as well. `below(n)` decides
// between n possibilities.
inline std::vector<Noted> DrawCalls(const std::function<std::uint32_t(std::uint32_t)>& below,
                                    History<QueueSpec>& history) {
  std::vector<Noted> calls;
  std::deque<int> items;  // as they would be
  std::vector<std::size_t> open;
  std::size_t event = 0;
  const std::uint32_t most = 2 + below(4);
  const bool spoils = below(2) == 0;
  while (calls.size() < most || !open.empty()) {
    if (calls.size() < most && (open.size() < 2 || below(2) == 0)) {
      Noted call{.is_push = below(2) == 0, .item = static_cast<int>(below(3)), .called = event++};
      if (call.is_push) {
        history.Called(QueueSpec::Push{call.item});
      } else {
        history.Called<int>(QueueSpec::Pop{});
      }
      open.push_back(calls.size());
      calls.push_back(call);
      continue;
    }
    const std::size_t place = below(static_cast<std::uint32_t>(open.size()));
    const std::size_t number = open[place];
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(place));
    Noted& call = calls[number];
    const bool can_happen = call.is_push || !items.empty();
    const bool is_spoilt = spoils && !call.is_push && below(2) == 0;
    const bool happens = can_happen && below(4) != 0;
    if (happens && call.is_push) items.push_back(call.item);
    if (happens && !call.is_push) {
      call.item = items.front();
      items.pop_front();
    }
    if (is_spoilt) call.item = static_cast<int>(below(3));
    if (!happens && !is_spoilt && below(5) == 0) continue;  // stays under way
    call.ended = event++;
    if (happens || is_spoilt) {
      if (call.is_push) {
        history.Returned(number);
      } else {
        history.Returned(number, call.item);
      }
    } else {
      call.interrupted = true;
      call.effect = static_cast<Interrupted>(below(3));
      history.CutOff(number, call.effect);
    }
  }
  return calls;
}

// Expects that the judgement of `history` agrees with the oracle, and gives it.
inline Judgement CheckAgainstOracle(const std::vector<Noted>& calls, const History<QueueSpec>& history) {
  std::size_t events = 0;
  for (const Noted& call : calls) {
    events = std::max(events, call.called + 1);
    if (call.ended != HistoryBase::Span::kNone) events = std::max(events, call.ended + 1);
  }
  const Judgement judgement = history.Judge();
  EXPECT_EQ(judgement.verdict == Verdict::kLinearizable, Oracle(calls, events).HasOrder());
  std::size_t explained = events;
  while (!Oracle(calls, explained).HasOrder()) --explained;
  EXPECT_EQ(judgement.explained, explained);
  EXPECT_TRUE(judgement.explained_is_most);
  // The order that it gives explains what it says.
  std::deque<int> items;
  for (const std::size_t number : judgement.order) {
    const Noted& call = calls[number];
    if (call.is_push) {
      items.push_back(call.item);
      continue;
    }
    if (items.empty()) {
      ADD_FAILURE() << "a value comes out of nothing";
      break;
    }
    if (!call.interrupted && call.ended < explained) {
      EXPECT_EQ(items.front(), call.item);
    }
    items.pop_front();
  }
  return judgement;
}

}  // namespace hocket::testing

#endif  // HOCKET_TESTS_QUEUE_HISTORIES_H_
