// Idea: take effects in some order, first those of calls that could be first, and go back when a call has returned
// before it could take effect; never come twice to the same set of calls done with the specification in the same state.
//
// Source: Wing and Gong, "Testing and verifying concurrent objects" (J. Parallel Distrib. Comput., 1993), the search on
// a list of events from which calls are lifted out and put back; Lowe, "Testing for linearizability" (Concurrency
// Computat.: Pract. Exper., 2017), sections 3 and 4, the cache of configurations, as a bit set and a state; Horn and
// Kroening, "Faster linearizability checking via P-compositionality" (FORTE 2015), the judgement key by key.
//
// This variant adds calls that were interrupted: they can be dropped where they ended. It leaves out Lowe's
// just-in-time linearization, which helps where configurations are many because calls overlap in large numbers, and the
// race of several algorithms.
//
// Tests: tests/linearizability_test.cc compares all verdicts, prefixes and orders with those of a search through all
// permutations.
#include "harness/linearizability.h"

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/types/span.h"

namespace hocket::testing {

namespace {

// Sets of calls, each with a state. One block for all: a configuration is `words_` words and the state.
class Configurations {
 public:
  explicit Configurations(std::size_t calls) : words_((calls + 63) / 64), known_(0, HashOf{this}, SameAs{this}) {}
  Configurations(const Configurations&) = delete;
  Configurations& operator=(const Configurations&) = delete;

  // Whether the configuration is a new one.
  bool Add(const std::vector<std::uint64_t>& done, std::uint32_t state) {
    const std::uint64_t place = count_;
    block_.insert(block_.end(), done.begin(), done.end());
    block_.push_back(state);
    if (known_.insert(place).second) {
      ++count_;
      return true;
    }
    block_.resize(block_.size() - words_ - 1);
    return false;
  }
  std::uint64_t count() const { return count_; }

 private:
  struct HashOf {
    const Configurations* all;
    std::size_t operator()(std::uint64_t place) const {
      return absl::Hash<absl::Span<const std::uint64_t>>()(all->At(place));
    }
  };
  struct SameAs {
    const Configurations* all;
    bool operator()(std::uint64_t a, std::uint64_t b) const { return all->At(a) == all->At(b); }
  };

  absl::Span<const std::uint64_t> At(std::uint64_t place) const {
    return absl::MakeConstSpan(block_).subspan(place * (words_ + 1), words_ + 1);
  }

  const std::size_t words_;
  std::vector<std::uint64_t> block_;
  std::uint64_t count_ = 0;
  absl::flat_hash_set<std::uint64_t, HashOf, SameAs> known_;
};

class Search {
 public:
  Search(const std::vector<PlacedCall>& calls, internal::SpecStates& states, std::uint64_t budget)
      : calls_(calls),
        states_(states),
        budget_(budget),
        configurations_(calls.size()),
        done_((calls.size() + 63) / 64) {
    std::vector<std::pair<std::size_t, std::uint32_t>> events;
    for (std::uint32_t call = 0; call < calls.size(); ++call) {
      events.emplace_back(calls[call].called, CallEvent(call));
      if (calls[call].ended != HistoryBase::Span::kNone) events.emplace_back(calls[call].ended, EndEvent(call));
      if (calls[call].returned) ++missing_;
    }
    std::sort(events.begin(), events.end());
    next_.resize(2 * calls.size() + 1);
    previous_.resize(next_.size());
    std::uint32_t last = head();
    for (const auto& [unused, event] : events) {
      next_[last] = event;
      previous_[event] = last;
      last = event;
    }
    next_[last] = head();
    previous_[head()] = last;
  }

  Placement Run() {
    Placement placement;
    std::uint32_t event = next_[head()];
    while (missing_ > 0) {
      if (configurations_.count() >= budget_) {
        placement.verdict = Verdict::kUndecided;
        break;
      }
      if (Do(event)) {
        event = next_[head()];
        continue;
      }
      if (IsCall(event) && !is_stuck_) {
        event = next_[event];
        continue;
      }
      // Nothing more can come before this return: something that was done must be done otherwise.
      if (!IsCall(event) && calls_[CallOf(event)].ended > placement.furthest) {
        placement.furthest = calls_[CallOf(event)].ended;
        placement.order = Order();
      }
      if (!Undo(event)) {
        placement.verdict = Verdict::kNotLinearizable;
        break;
      }
    }
    placement.configurations = configurations_.count();
    if (placement.verdict == Verdict::kLinearizable) placement.order = Order();
    return placement;
  }

 private:
  // A call taken out of the list: it took effect, if `event` is its call, or was dropped, if it is its end.
  struct Doing {
    std::uint32_t event;
    std::uint32_t state;  // before it
    bool is_only;         // nothing else needs to be tried in its place
  };

  // Events are numbered so that a call and its end are neighbours; the head of the list comes last.
  static std::uint32_t CallEvent(std::uint32_t call) { return 2 * call; }
  static std::uint32_t EndEvent(std::uint32_t call) { return 2 * call + 1; }
  static bool IsCall(std::uint32_t event) { return event % 2 == 0; }
  static std::uint32_t CallOf(std::uint32_t event) { return event / 2; }
  std::uint32_t head() const { return static_cast<std::uint32_t>(2 * calls_.size()); }

  std::optional<std::uint32_t> After(std::uint32_t call) {
    const std::uint64_t key = (std::uint64_t{state_} << 32) | call;
    const auto [place, is_new] = after_.try_emplace(key);
    if (is_new) place->second = states_.After(state_, calls_[call].number, calls_[call].returned);
    return place->second;
  }

  // Lets the call of `event` take effect, if it can and that is of use, or drops it at its end, if it can go without.
  // False if not; `is_stuck_` then says whether other calls need not be tried either.
  bool Do(std::uint32_t event) {
    is_stuck_ = false;
    const std::uint32_t call = CallOf(event);
    const bool must = calls_[call].returned;
    if (!IsCall(event)) return !must && Take({event, state_, /*is_only=*/true}, state_);
    const std::optional<std::uint32_t> state = After(call);
    if (!state) return false;
    if (*state != state_) return Take({event, state_, /*is_only=*/false}, *state);
    // It changes nothing. If it must take effect some time, then now, because what comes later can come later all the
    // same; if it need not, it does not.
    if (!must) return false;
    is_stuck_ = !Take({event, state_, /*is_only=*/true}, state_);
    return !is_stuck_;
  }

  // False if that leads to a configuration that is known, and so to nothing.
  bool Take(const Doing& doing, std::uint32_t state) {
    const std::uint32_t call = CallOf(doing.event);
    const std::uint64_t bit = std::uint64_t{1} << (call % 64);
    done_[call / 64] |= bit;
    if (!configurations_.Add(done_, state)) {
      done_[call / 64] &= ~bit;
      return false;
    }
    doings_.push_back(doing);
    state_ = state;
    if (calls_[call].returned) --missing_;
    TakeOut(CallEvent(call));
    if (HasEnd(call)) TakeOut(EndEvent(call));
    return true;
  }

  // Takes back what was done last and could have been done otherwise, and moves to what comes next. False if there is
  // nothing.
  bool Undo(std::uint32_t& event) {
    while (!doings_.empty()) {
      const Doing doing = doings_.back();
      doings_.pop_back();
      const std::uint32_t call = CallOf(doing.event);
      if (HasEnd(call)) PutBack(EndEvent(call));
      PutBack(CallEvent(call));
      if (calls_[call].returned) ++missing_;
      done_[call / 64] &= ~(std::uint64_t{1} << (call % 64));
      state_ = doing.state;
      if (doing.is_only) continue;
      event = next_[doing.event];
      return true;
    }
    return false;
  }

  std::vector<std::size_t> Order() const {
    std::vector<std::size_t> order;
    for (const Doing& doing : doings_) {
      if (IsCall(doing.event)) order.push_back(calls_[CallOf(doing.event)].number);
    }
    return order;
  }

  bool HasEnd(std::uint32_t call) const { return calls_[call].ended != HistoryBase::Span::kNone; }
  void TakeOut(std::uint32_t event) {
    next_[previous_[event]] = next_[event];
    previous_[next_[event]] = previous_[event];
  }
  void PutBack(std::uint32_t event) {
    next_[previous_[event]] = event;
    previous_[next_[event]] = event;
  }

  const std::vector<PlacedCall>& calls_;
  internal::SpecStates& states_;
  const std::uint64_t budget_;
  Configurations configurations_;
  absl::flat_hash_map<std::uint64_t, std::optional<std::uint32_t>> after_;
  std::vector<std::uint64_t> done_;
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> previous_;
  std::vector<Doing> doings_;
  std::uint32_t state_ = 0;
  bool is_stuck_ = false;
  std::size_t missing_ = 0;  // calls that have returned and not taken effect
};

}  // namespace

Placement Place(const std::vector<PlacedCall>& calls, internal::SpecStates& states, std::uint64_t budget) {
  return Search(calls, states, budget).Run();
}

}  // namespace hocket::testing
