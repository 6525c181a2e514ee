// HOCKET_PROPERTY: a property of generated inputs under generated schedules.
//
//     HOCKET_PROPERTY(Queue, GivesBackWhatItGot, std::vector<int> items) {
//       Queue queue;
//       ...
//       EXPECT_EQ(received, items);
//     }
//
// The inputs are RapidCheck's: rc::Arbitrary generates and shrinks them. For each input a number of schedules is tried;
// a failure is shrunk in input and schedule together, and replays from one token that holds both. Besides EXPECT_*,
// RC_ASSERT and RC_PRE may stand in any task.
//
// As in HOCKET_TEST the body runs many times: HOCKET_EXECUTIONS bounds how often in all, ten schedules to an input.
//
// Needs //:testing_rapidcheck.
#ifndef HOCKET_TESTING_PROPERTY_H_
#define HOCKET_TESTING_PROPERTY_H_

#include <gtest/gtest.h>
// RapidCheck's show functions must be seen before anything that prints with them.
#include <rapidcheck.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "hocket/capture.h"
#include "hocket/exception_group.h"
#include "hocket/task.h"
#include "hocket/testing/property_input.h"

namespace hocket::testing {

// What a failed RC_ASSERT becomes on its way out of the body.
class PropertyFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace internal {

// RapidCheck speaks by throwing CaseResults, which nurseries put into groups. Finds the first one that is a failure, or
// else a discard.
inline const rc::detail::CaseResult* WorstResult(const Failure& failure, rc::detail::CaseResult& storage) {
  using Type = rc::detail::CaseResult::Type;
  if (failure.is_group()) {
    const rc::detail::CaseResult* worst = nullptr;
    for (const Failure& member : failure.group().members()) {
      rc::detail::CaseResult found;
      if (WorstResult(member, found) == nullptr || (worst != nullptr && found.type != Type::Failure)) continue;
      storage = found;
      worst = &storage;
      if (found.type == Type::Failure) break;
    }
    return worst;
  }
  if (failure.is_cancelled()) return nullptr;
  try {
    failure.Throw();
  } catch (const rc::detail::CaseResult& result) {
    storage = result;
    return &storage;
  } catch (...) {
    return nullptr;
  }
}

// Runs the body; a discard counts as passed, a failed assertion fails with its own words.
template <class Input>
Task<> CheckBody(const Input& input) {
  Outcome<> outcome = co_await Capture(input.Call());
  if (outcome.has_error()) {
    rc::detail::CaseResult result;
    if (WorstResult(outcome.failure(), result) != nullptr) {
      if (result.type == rc::detail::CaseResult::Type::Failure) throw PropertyFailed(result.description);
      co_return;
    }
  }
  co_await Resolve(std::move(outcome));
}

template <class... Args>
class RapidCheckInput final : public PropertyInput {
 public:
  using Values = std::tuple<std::decay_t<Args>...>;
  using Property = Task<> (*)(Args...);

  RapidCheckInput(Property property, std::uint64_t seed, int size)
      : RapidCheckInput(property, rc::gen::arbitrary<Values>()(rc::Random(seed), size)) {}

  std::unique_ptr<PropertyInput> Smaller(std::size_t index) const override {
    rc::Seq<rc::Shrinkable<Values>> smaller = shrinkable_.shrinks();
    for (std::size_t i = 0;; ++i) {
      rc::Maybe<rc::Shrinkable<Values>> next = smaller.next();
      if (!next) return nullptr;
      if (i == index) return std::unique_ptr<PropertyInput>(new RapidCheckInput(property_, std::move(*next)));
    }
  }
  Body MakeBody() const override {
    return [this] { return CheckBody(*this); };
  }
  std::string ToString() const override { return rc::toString(values_); }

  Task<> Call() const {
    return std::apply([this](const auto&... values) { return property_(values...); }, values_);
  }

 private:
  RapidCheckInput(Property property, rc::Shrinkable<Values> shrinkable)
      : property_(property), shrinkable_(std::move(shrinkable)), values_(shrinkable_.value()) {}

  Property property_;
  rc::Shrinkable<Values> shrinkable_;
  Values values_;
};

}  // namespace internal

// Checks `property` for the current GoogleTest test.
template <class... Args>
void RunProperty(Task<> (*property)(Args...), const char* file, int line) {
  RunPropertyTest(
      [property](std::uint64_t seed, int size) -> std::unique_ptr<PropertyInput> {
        return std::make_unique<internal::RapidCheckInput<Args...>>(property, seed, size);
      },
      file, line);
}

}  // namespace hocket::testing

#define HOCKET_PROPERTY(suite, name, ...)                                                                     \
  static ::hocket::Task<> HocketProperty_##suite##_##name(__VA_ARGS__);                                       \
  [[maybe_unused]] static const bool kHocketProperty_##suite##_##name =                                       \
      ::hocket::testing::RegisterProperty(#suite "." #name);                                                  \
  TEST(suite, name) { ::hocket::testing::RunProperty(&HocketProperty_##suite##_##name, __FILE__, __LINE__); } \
  static ::hocket::Task<> HocketProperty_##suite##_##name(__VA_ARGS__)

#endif  // HOCKET_TESTING_PROPERTY_H_
