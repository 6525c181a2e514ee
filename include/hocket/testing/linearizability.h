// History: what tasks called and what came back, to be judged against a sequential specification.
//
// A history is linearizable if its calls can be put into one order in which each of them takes effect at one moment
// between its call and its return, and in which the specification gives what they have returned. The specification is
// a small struct: its members are the state, and `Apply` says what a call does to it and returns.
//
//     struct QueueSpec {
//       struct Push {
//         int item;
//         std::string ToString() const { return "Push(" + std::to_string(item) + ")"; }
//       };
//       struct Pop {};
//
//       void Apply(const Push& push) { items.push_back(push.item); }
//       std::optional<int> Apply(const Pop&) {  // none: it cannot happen now
//         if (items.empty()) return std::nullopt;
//         const int item = items.front();
//         items.pop_front();
//         return item;
//       }
//       auto operator<=>(const QueueSpec&) const = default;
//
//       std::deque<int> items;
//     };
//
//     HOCKET_TEST(Queue, IsLinearizable) {
//       Queue queue;
//       History<QueueSpec> history;
//       co_await WithNursery([&](Nursery& nursery) -> Task<> {
//         nursery.StartSoon([&]() -> Task<> {
//           co_await history.Call(QueueSpec::Push{1}, [&] { return queue.Push(1); });
//         });
//         nursery.StartSoon([&]() -> Task<> {
//           co_await history.Call(QueueSpec::Pop{}, [&] { return queue.Pop(); });
//         });
//         co_return;
//       });
//       EXPECT_LINEARIZABLE(history);
//     }
//
// `Apply` of a call that returns an R has one of three forms:
//     R Apply(const Op&);                              what it returns
//     std::optional<R> Apply(const Op&);               the same, or none if it cannot happen in this state
//     bool Apply(const Op&, const std::optional<R>&);  whether it may return this, none if that is not known
// and of a call that returns nothing one of two: void Apply(const Op&), or bool Apply(const Op&), false if it cannot
// happen in this state. What the state is after a call that cannot happen does not matter. The state is copyable and
// has operator< or std::hash with operator==. An Op with members has ToString() or operator<<.
//
// If the specification has a type `Key` (with operator<) and `static Key KeyOf(const Op&)`, it is one of the values of
// a key, and a history of all of them is judged key by key: a map as its entries, each with a state of its own.
//
// A call that is cancelled or fails may or may not have taken effect: see Interrupted. One that is under way when the
// history is judged may take effect as well.
//
// What cannot happen: "linearizable" from a search that was given up, which is Verdict::kUndecided, and fails
// EXPECT_LINEARIZABLE; a schedule skipped by a search for which calls and returns come in another order, because the
// history says that they matter.
//
// Threads: the run's. Lifetime: the history outlives its calls.
#ifndef HOCKET_TESTING_LINEARIZABILITY_H_
#define HOCKET_TESTING_LINEARIZABILITY_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hocket/capture.h"
#include "hocket/check.h"
#include "hocket/internal/type_name.h"
#include "hocket/shared.h"
#include "hocket/task.h"

namespace hocket::testing {

// What became of a call that was cancelled or failed.
enum class Interrupted : std::uint8_t {
  kMaybe,     // it took effect before it ended, or never will
  kNever,     // it has no effect: what operations promise that are cancelled as a whole or not at all
  kMaybeYet,  // it may take effect at any time after its call: what it sent may still be on its way
};

enum class Verdict : std::uint8_t {
  kLinearizable,
  kNotLinearizable,
  kUndecided,  // the budget ended before there was an answer
};

// What a judgement found. Calls are named by their number in the history, from 0 on in the order in which they were
// called; events are calls and returns, in the order in which they happened.
struct Judgement {
  Verdict verdict = Verdict::kLinearizable;
  std::uint64_t configurations = 0;  // looked at
  // How many events, from the first one on, can be explained: all of them, or those before the event that cannot.
  std::size_t explained = 0;
  bool explained_is_most = true;  // false: the budget ended before it was known that no more can
  // An order of the calls, key by key, that explains these events. If not all are explained, of the key of the event
  // that is not. Calls that took no effect are not in it.
  std::vector<std::size_t> order;

  friend bool operator==(const Judgement&, const Judgement&) = default;
};

struct JudgementOptions {
  // How many configurations (which calls have taken effect, and in which state that left the specification) are looked
  // at before the answer is "undecided". A million take some tenths of a second.
  std::uint64_t budget = 1'000'000;
};

namespace internal {

// The states of a specification by number, from 0, the first one, on: the engine knows no more of it.
class SpecStates {
 public:
  virtual ~SpecStates() = default;
  // The state after `call` in `state`, if it can happen there and return what it has returned; anything at all without
  // `with_result`.
  virtual std::optional<std::uint32_t> After(std::uint32_t state, std::size_t call, bool with_result) = 0;
};

}  // namespace internal

// The part of a history that does not depend on its specification.
class HistoryBase {
 public:
  HistoryBase(const HistoryBase&) = delete;
  HistoryBase& operator=(const HistoryBase&) = delete;

  // Whether the history is linearizable.
  Judgement Judge() const;

  // The judgement for people: empty if the history is linearizable, and otherwise the calls as lanes, up to the first
  // event that cannot be explained.
  std::string Explain(const Judgement& judgement) const;

  std::size_t size() const { return spans_.size(); }

  // One call: its key's number, and its first and last event.
  struct Span {
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::size_t called = 0;
    std::size_t ended = kNone;  // none yet
    bool interrupted = false;
    Interrupted effect = Interrupted::kMaybe;
    std::uint32_t key = 0;
    std::uint32_t lane = 0;
  };

 protected:
  explicit HistoryBase(const JudgementOptions& options) : options_(options) {}
  virtual ~HistoryBase() = default;

  std::size_t AddCall(std::uint32_t key);
  void AddReturn(std::size_t call);
  void AddInterruption(std::size_t call, Interrupted effect);

  virtual std::unique_ptr<internal::SpecStates> MakeStates() const = 0;
  virtual std::string CallText(std::size_t call) const = 0;
  virtual std::string ResultText(std::size_t call) const = 0;  // empty: there is none
  virtual std::string KeyText(std::uint32_t key) const = 0;    // empty: the specification has no keys

 private:
  Span& Open(std::size_t call);

  const JudgementOptions options_;
  std::vector<Span> spans_;
  std::size_t events_ = 0;
  std::uint32_t keys_ = 0;
  std::vector<std::pair<std::uint64_t, std::string>> lanes_;  // the tasks, by id and path
  SharedObject object_;
};

namespace internal {

template <class Op>
std::string OpText(const Op& op) {
  if constexpr (requires { std::string(op.ToString()); }) {
    return op.ToString();
  } else if constexpr (requires(std::ostream& out) { out << op; }) {
    return ::testing::PrintToString(op);
  } else {
    static_assert(std::is_empty_v<Op>, "an operation with members needs ToString() or operator<<");
    const std::string name = hocket::internal::TypeName(typeid(Op));
    return name.substr(name.rfind(':') + 1);
  }
}

// A call with its operation and result, as far as histories know them.
template <class Spec>
class CallOf {
 public:
  virtual ~CallOf() = default;
  virtual bool Apply(Spec& spec, bool with_result) const = 0;
  virtual std::string Text() const = 0;
  virtual std::string ResultText() const = 0;
};

template <class Spec, class Result>
class CallReturning : public CallOf<Spec> {
 public:
  std::string ResultText() const override { return result ? ::testing::PrintToString(*result) : std::string(); }
  std::optional<Result> result;
};

template <class Spec>
class CallReturning<Spec, void> : public CallOf<Spec> {
 public:
  std::string ResultText() const override { return {}; }
};

template <class Spec, class Op, class Result>
class CallWith final : public CallReturning<Spec, Result> {
 public:
  explicit CallWith(Op op) : op_(std::move(op)) {}

  std::string Text() const override { return OpText(op_); }
  bool Apply(Spec& spec, bool with_result) const override {
    if constexpr (std::is_void_v<Result>) {
      if constexpr (std::is_void_v<decltype(spec.Apply(op_))>) {
        spec.Apply(op_);
        return true;
      } else {
        static_assert(std::is_same_v<decltype(spec.Apply(op_)), bool>,
                      "Apply of a call that returns nothing returns nothing, or whether it can happen");
        return spec.Apply(op_);
      }
    } else if constexpr (requires { spec.Apply(op_, this->result); }) {
      return with_result ? spec.Apply(op_, this->result) : spec.Apply(op_, std::optional<Result>());
    } else if constexpr (std::is_same_v<decltype(spec.Apply(op_)), std::optional<Result>>) {
      const std::optional<Result> expected = spec.Apply(op_);
      return expected && (!with_result || *expected == *this->result);
    } else {
      const auto expected = spec.Apply(op_);
      return !with_result || expected == *this->result;
    }
  }

 private:
  Op op_;
};

template <class Spec>
class StatesOf final : public SpecStates {
 public:
  using Calls = std::vector<std::unique_ptr<CallOf<Spec>>>;

  StatesOf(const Spec& initial, const Calls& calls) : calls_(calls) { NumberOf(initial); }

  std::optional<std::uint32_t> After(std::uint32_t state, std::size_t call, bool with_result) override {
    Spec spec = *states_[state];
    if (!calls_[call]->Apply(spec, with_result)) return std::nullopt;
    return NumberOf(std::move(spec));
  }

 private:
  static constexpr bool kHashed = requires(const Spec& spec) { std::hash<Spec>()(spec); };
  static_assert(
      kHashed || requires(const Spec& a, const Spec& b) { a < b; },
      "the states of a specification need operator<, or std::hash and operator==");
  using Numbers = std::conditional_t<kHashed, std::unordered_map<Spec, std::uint32_t>, std::map<Spec, std::uint32_t>>;

  std::uint32_t NumberOf(Spec spec) {
    const auto [place, is_new] = numbers_.emplace(std::move(spec), static_cast<std::uint32_t>(states_.size()));
    if (is_new) states_.push_back(&place->first);
    return place->second;
  }

  const Calls& calls_;
  Numbers numbers_;  // looked up, never walked through
  std::vector<const Spec*> states_;
};

// The keys of a specification by number.
template <class Spec>
class KeysOf {
 public:
  template <class Op>
  std::uint32_t NumberOf(const Op&) {
    return 0;
  }
  std::string Text(std::uint32_t) const { return {}; }
};

template <class Spec>
  requires requires { typename Spec::Key; }
class KeysOf<Spec> {
 public:
  using Key = typename Spec::Key;

  template <class Op>
  std::uint32_t NumberOf(const Op& op) {
    const auto [place, is_new] = numbers_.emplace(Spec::KeyOf(op), static_cast<std::uint32_t>(keys_.size()));
    if (is_new) keys_.push_back(&place->first);
    return place->second;
  }
  std::string Text(std::uint32_t key) const { return ::testing::PrintToString(*keys_[key]); }

 private:
  std::map<Key, std::uint32_t> numbers_;
  std::vector<const Key*> keys_;
};

}  // namespace internal

template <class Spec>
class History final : public HistoryBase {
 public:
  explicit History(Spec initial = {}, const JudgementOptions& options = {})
      : HistoryBase(options), initial_(std::move(initial)) {}

  // Runs `call`, a callable `() -> Task<R>`, and records it as `op` of the task that awaits this. Ends as the call
  // does. `interrupted` says what it means if that is cancelled or fails.
  template <class Op, class Callable>
  auto Call(Op op, Callable call, Interrupted interrupted = Interrupted::kMaybe) -> decltype(call()) {
    using Result = typename decltype(call())::value_type;
    const std::size_t number = Called<Result>(std::move(op));
    auto outcome = co_await hocket::internal::CaptureCall([&] { return call(); });
    if (!outcome.has_value()) CutOff(number, interrupted);
    co_await hocket::internal::LeaveAwaiter(outcome.failure());
    if constexpr (std::is_void_v<Result>) {
      Returned(number);
    } else {
      Returned(number, outcome.value());
      co_return std::move(outcome.value());
    }
  }

  // The same by hand, for calls that are no coroutines: the current task calls, and later the call returns a Result,
  // or is cut off. Each call ends at most once.
  template <class Result = void, class Op>
  std::size_t Called(Op op) {
    const std::uint32_t key = keys_.NumberOf(op);
    calls_.push_back(std::make_unique<internal::CallWith<Spec, Op, Result>>(std::move(op)));
    return AddCall(key);
  }
  template <class Result>
  void Returned(std::size_t call, Result result) {
    AddReturn(call);
    auto* returning = dynamic_cast<internal::CallReturning<Spec, Result>*>(calls_[call].get());
    HOCKET_CHECK(returning != nullptr) << "a call returns what it was said to return: Called<Result>(op)";
    returning->result = std::move(result);
  }
  void Returned(std::size_t call) {
    AddReturn(call);
    HOCKET_CHECK((dynamic_cast<internal::CallReturning<Spec, void>*>(calls_[call].get()) != nullptr))
        << "this call was said to return something";
  }
  void CutOff(std::size_t call, Interrupted interrupted) { AddInterruption(call, interrupted); }

 private:
  std::unique_ptr<internal::SpecStates> MakeStates() const override {
    return std::make_unique<internal::StatesOf<Spec>>(initial_, calls_);
  }
  std::string CallText(std::size_t call) const override { return calls_[call]->Text(); }
  std::string ResultText(std::size_t call) const override { return calls_[call]->ResultText(); }
  std::string KeyText(std::uint32_t key) const override { return keys_.Text(key); }

  Spec initial_;
  internal::KeysOf<Spec> keys_;
  std::vector<std::unique_ptr<internal::CallOf<Spec>>> calls_;
};

namespace internal {
::testing::AssertionResult IsLinearizable(const char* text, const HistoryBase& history);
}  // namespace internal

}  // namespace hocket::testing

// Fails, with the history as lanes, unless it is linearizable. May stand in any task.
#define EXPECT_LINEARIZABLE(history) EXPECT_PRED_FORMAT1(::hocket::testing::internal::IsLinearizable, history)

#endif  // HOCKET_TESTING_LINEARIZABILITY_H_
