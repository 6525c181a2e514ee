// Histories: the record of calls, and their judgement key by key.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "harness/linearizability.h"
#include "hocket/check.h"
#include "hocket/task_ref.h"
#include "hocket/testing/linearizability.h"

namespace hocket::testing {

namespace {

using Span = HistoryBase::Span;

// The calls of `key` as they stood before the event `end`.
std::vector<PlacedCall> CallsBefore(std::size_t end, std::uint32_t key, const std::vector<Span>& spans) {
  std::vector<PlacedCall> calls;
  for (std::size_t number = 0; number < spans.size() && spans[number].called < end; ++number) {
    const Span& span = spans[number];
    if (span.key != key || (span.interrupted && span.effect == Interrupted::kNever)) continue;
    PlacedCall call{.number = number, .called = span.called};
    if (span.ended < end) {
      call.returned = !span.interrupted;
      if (call.returned || span.effect == Interrupted::kMaybe) call.ended = span.ended;
    }
    calls.push_back(call);
  }
  return calls;
}

// The longest part of the calls of `key`, from the first event on, that has an order. Linearizability is closed under
// prefixes, so halving finds it; but the search through the whole has mostly come as far as one can, and is asked
// first. REQUIRES: `whole` says that the whole has no order.
void JudgePrefixes(std::uint32_t key, const std::vector<Span>& spans, internal::SpecStates& states,
                   std::uint64_t budget, const Placement& whole, Judgement& judgement) {
  std::vector<std::size_t> returns;
  for (const Span& span : spans) {
    if (span.key == key && span.ended != Span::kNone && !span.interrupted) returns.push_back(span.ended);
  }
  std::sort(returns.begin(), returns.end());
  // `judgement.order` explains what comes before returns[low]; nothing is known to explain what goes up to
  // returns[high].
  std::size_t low =
      static_cast<std::size_t>(std::lower_bound(returns.begin(), returns.end(), whole.furthest) - returns.begin());
  std::size_t high = returns.size() - 1;
  judgement.order = whole.order;
  for (std::size_t middle = low; low < high; middle = low + (high - low) / 2) {
    Placement part = Place(CallsBefore(returns[middle] + 1, key, spans), states, budget);
    judgement.configurations += part.configurations;
    if (part.verdict == Verdict::kUndecided) judgement.explained_is_most = false;
    if (part.verdict == Verdict::kLinearizable) {
      low = middle + 1;
      judgement.order = std::move(part.order);
    } else {
      high = middle;
    }
  }
  judgement.explained = returns[low];
}

}  // namespace

std::size_t HistoryBase::AddCall(std::uint32_t key) {
  object_.Read();  // of calls alone the order does not matter
  const TaskRef task = CurrentTask();
  std::size_t lane = 0;
  while (lane < lanes_.size() && lanes_[lane].first != task.id()) ++lane;
  if (lane == lanes_.size()) lanes_.emplace_back(task.id(), task.path());
  spans_.push_back({.called = events_++, .key = key, .lane = static_cast<std::uint32_t>(lane)});
  keys_ = std::max(keys_, key + 1);
  return spans_.size() - 1;
}

void HistoryBase::AddReturn(std::size_t call) { Open(call).ended = events_++; }

void HistoryBase::AddInterruption(std::size_t call, Interrupted effect) {
  Span& span = Open(call);
  span.ended = events_++;
  span.interrupted = true;
  span.effect = effect;
}

HistoryBase::Span& HistoryBase::Open(std::size_t call) {
  HOCKET_CHECK(call < spans_.size()) << "there is no call with the number " << static_cast<std::uint64_t>(call);
  HOCKET_CHECK(spans_[call].ended == Span::kNone) << "a call ends at most once";
  object_.Write();
  return spans_[call];
}

Judgement HistoryBase::Judge() const {
  object_.Read();
  Judgement all{.explained = events_};
  for (std::uint32_t key = 0; key < keys_; ++key) {
    const std::unique_ptr<internal::SpecStates> states = MakeStates();
    const Placement placement = Place(CallsBefore(events_, key, spans_), *states, options_.budget);
    all.configurations += placement.configurations;
    switch (placement.verdict) {
      case Verdict::kLinearizable:
        if (all.verdict == Verdict::kLinearizable)
          all.order.insert(all.order.end(), placement.order.begin(), placement.order.end());
        break;
      case Verdict::kUndecided:
        if (all.verdict == Verdict::kLinearizable)
          all = {.verdict = Verdict::kUndecided, .configurations = all.configurations, .explained_is_most = false};
        break;
      case Verdict::kNotLinearizable: {
        Judgement found{.verdict = Verdict::kNotLinearizable};
        JudgePrefixes(key, spans_, *states, options_.budget, placement, found);
        found.configurations += all.configurations;
        // The first event that cannot be explained, whichever key it is of.
        if (all.verdict != Verdict::kNotLinearizable || found.explained < all.explained) {
          all = std::move(found);
        } else {
          all.configurations = found.configurations;
        }
        break;
      }
    }
  }
  return all;
}

}  // namespace hocket::testing
