// HOCKET_PROPERTY: a property of generated inputs under generated schedules.
//
//     HOCKET_PROPERTY(Queue, GivesBackWhatItGot, std::vector<int> items) {
//       Queue queue;
//       ...
//       EXPECT_EQ(received, items);
//     }
//
//     HOCKET_PROPERTY_FROM(Queue, TakesFewItemsAtATime,                     // generators, in brackets, for each input
//                          (rc::gen::inRange(1, 4), rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 9))),
//                          int consumers, std::vector<int> items) {
//       RC_PRE(!items.empty());
//       RC_CLASSIFY(items.size() > 10, "many");
//       ...
//       RC_ASSERT(received == items);
//     }
//
// The inputs are RapidCheck's: rc::Arbitrary, or the generators, make and shrink them. For each input a number of
// schedules is tried; a failure is shrunk in input and schedule together, and replays from one token that holds both,
// in HOCKET_REPLAY.
//
// EXPECT_*, RC_ASSERT, RC_PRE, RC_TAG, RC_CLASSIFY and RC_LOG may stand in any task. A failure wins over an RC_PRE that
// does not hold in the same execution. An input is discarded if all of its executions are; tags are counted by
// execution, because they may depend on the schedule. (RC_ASSERT(a || b) evaluates both: RapidCheck overloads the
// operator. Put brackets around the whole.)
//
// Draw inputs first and use them then: `*gen` inside of the body is an error, because what it gives would depend on the
// schedule.
//
// As in HOCKET_TEST the body runs many times: HOCKET_EXECUTIONS bounds how often in all, ten schedules to an input.
// RC_PARAMS means what it means to RapidCheck: seed (of inputs), max_success (inputs; without HOCKET_EXECUTIONS it says
// how many executions there are), max_size, max_discard_ratio, noshrink (of the input), verbose_progress,
// verbose_shrinking. Anything else in it fails the property.
//
// Needs //:testing_rapidcheck.
#ifndef HOCKET_TESTING_PROPERTY_H_
#define HOCKET_TESTING_PROPERTY_H_

#include <gtest/gtest.h>
// RapidCheck's show functions must be seen before anything that prints with them.
#include <rapidcheck.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <ostream>
#include <streambuf>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "hocket/capture.h"
#include "hocket/exception_group.h"
#include "hocket/task.h"
#include "hocket/testing/property_input.h"

namespace hocket::testing {

namespace internal {

// RapidCheck speaks by throwing CaseResults, which nurseries put into groups. Gives what a failure says in its words:
// the first result that is a failure, or else the first one. None if there is anything else in it, which then counts.
inline std::optional<rc::detail::CaseResult> ResultIn(const Failure& failure) {
  std::optional<rc::detail::CaseResult> result;
  if (failure.is_group()) {
    const ExceptionGroup group = failure.group();
    for (const Failure& member : group.members()) {
      if (member.is_cancelled()) continue;
      std::optional<rc::detail::CaseResult> found = ResultIn(member);
      if (!found) return std::nullopt;
      const bool is_worse = found->type == rc::detail::CaseResult::Type::Failure &&
                            (!result || result->type != rc::detail::CaseResult::Type::Failure);
      if (!result || is_worse) result = std::move(found);
    }
    return result;
  }
  try {
    failure.Throw();
  } catch (const rc::detail::CaseResult& thrown) {
    result = thrown;
  } catch (const rc::GenerationFailure& thrown) {
    result.emplace(rc::detail::CaseResult::Type::Discard, thrown.what());
  } catch (...) {
  }
  return result;
}

// An input with its property.
class CalledInput : public PropertyInput {
 public:
  virtual Task<> Call() const = 0;
};

// Runs the body, and reports how it ended if it ended in RapidCheck's words.
inline Task<> CheckBody(const CalledInput& input, PropertyRecord& record) {
  using Type = rc::detail::CaseResult::Type;
  record.BeginExecution();
  Outcome<> outcome = co_await Capture(input.Call());
  const std::optional<rc::detail::CaseResult> result = outcome.has_error() ? ResultIn(outcome.failure()) : std::nullopt;
  if (!result) {
    co_await Resolve(std::move(outcome));
    co_return;
  }
  if (result->type == Type::Failure) FailWithMessage(result->description);
  if (result->type == Type::Discard) record.Discard(result->description);
}

// What RC_TAG, RC_CLASSIFY and RC_LOG speak to.
class RecordContext final : public rc::detail::PropertyContext {
 public:
  explicit RecordContext(PropertyRecord& record) : record_(record), buffer_(record), stream_(&buffer_) {}

  bool reportResult(const rc::detail::CaseResult&) override { return false; }
  std::ostream& logStream() override { return stream_; }
  void addTag(std::string tag) override { record_.AddTag(std::move(tag)); }

 private:
  class Buffer final : public std::streambuf {
   public:
    explicit Buffer(PropertyRecord& record) : record_(record) {}

   private:
    int_type overflow(int_type c) override {
      if (!traits_type::eq_int_type(c, traits_type::eof())) record_.Log({traits_type::to_char_type(c)});
      return traits_type::not_eof(c);
    }
    std::streamsize xsputn(const char* text, std::streamsize size) override {
      record_.Log(std::string(text, static_cast<std::size_t>(size)));
      return size;
    }
    PropertyRecord& record_;
  };

  PropertyRecord& record_;
  Buffer buffer_;
  std::ostream stream_;
};

template <class... Args>
class RapidCheckInput final : public CalledInput {
 public:
  using Values = std::tuple<std::decay_t<Args>...>;
  using Property = Task<> (*)(Args...);

  RapidCheckInput(Property property, PropertyRecord& record, rc::Shrinkable<Values> shrinkable)
      : property_(property), record_(record), shrinkable_(std::move(shrinkable)), values_(shrinkable_.value()) {}

  std::unique_ptr<PropertyInput> Smaller(std::size_t index) const override {
    return Made([&]() -> std::unique_ptr<PropertyInput> {
      rc::Seq<rc::Shrinkable<Values>> smaller = shrinkable_.shrinks();
      for (std::size_t i = 0;; ++i) {
        rc::Maybe<rc::Shrinkable<Values>> next = smaller.next();
        if (!next) return nullptr;
        if (i == index) return std::make_unique<RapidCheckInput>(property_, record_, std::move(*next));
      }
    });
  }
  Body MakeBody() const override {
    return [this] { return CheckBody(*this, record_); };
  }
  std::string ToString() const override { return rc::toString(values_); }

  Task<> Call() const override {
    return std::apply([this](const auto&... values) { return property_(values...); }, values_);
  }

  // What `make` gives; NoInput where RapidCheck gives up.
  template <class Make>
  static std::unique_ptr<PropertyInput> Made(const Make& make) {
    try {
      return make();
    } catch (const rc::GenerationFailure& failure) {
      throw NoInput(std::string("Generation failed with message:\n") + failure.what());
    } catch (const rc::detail::CaseResult& result) {
      throw NoInput(result.description);
    }
  }

 private:
  Property property_;
  PropertyRecord& record_;
  rc::Shrinkable<Values> shrinkable_;
  Values values_;
};

}  // namespace internal

// Checks `property`, with inputs from `generator`, for the current GoogleTest test.
template <class... Args>
void RunProperty(Task<> (*property)(Args...), const rc::Gen<std::tuple<std::decay_t<Args>...>>& generator,
                 const char* file, int line) {
  using Input = internal::RapidCheckInput<Args...>;
  PropertyRecord record;
  internal::RecordContext context(record);
  const rc::detail::ImplicitParam<rc::detail::param::CurrentPropertyContext> in_context(&context);
  RunPropertyTest(
      [&](std::uint64_t seed, int size) {
        return Input::Made([&]() -> std::unique_ptr<PropertyInput> {
          return std::make_unique<Input>(property, record, generator(rc::Random(seed), size));
        });
      },
      record, file, line);
}

// The same with inputs that rc::Arbitrary makes.
template <class... Args>
void RunProperty(Task<> (*property)(Args...), const char* file, int line) {
  RunProperty(property, rc::gen::arbitrary<std::tuple<std::decay_t<Args>...>>(), file, line);
}

}  // namespace hocket::testing

#define HOCKET_PROPERTY(suite, name, ...)                                                                     \
  static ::hocket::Task<> HocketProperty_##suite##_##name(__VA_ARGS__);                                       \
  [[maybe_unused]] static const bool kHocketProperty_##suite##_##name =                                       \
      ::hocket::testing::RegisterProperty(#suite "." #name);                                                  \
  TEST(suite, name) { ::hocket::testing::RunProperty(&HocketProperty_##suite##_##name, __FILE__, __LINE__); } \
  static ::hocket::Task<> HocketProperty_##suite##_##name(__VA_ARGS__)

// `generators`: in brackets, one for each parameter.
#define HOCKET_PROPERTY_FROM(suite, name, generators, ...)                                                             \
  static ::hocket::Task<> HocketProperty_##suite##_##name(__VA_ARGS__);                                                \
  [[maybe_unused]] static const bool kHocketProperty_##suite##_##name =                                                \
      ::hocket::testing::RegisterProperty(#suite "." #name);                                                           \
  TEST(suite, name) {                                                                                                  \
    ::hocket::testing::RunProperty(&HocketProperty_##suite##_##name, ::rc::gen::tuple generators, __FILE__, __LINE__); \
  }                                                                                                                    \
  static ::hocket::Task<> HocketProperty_##suite##_##name(__VA_ARGS__)

#endif  // HOCKET_TESTING_PROPERTY_H_
