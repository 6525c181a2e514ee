#include "hocket/except.h"

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>

#include "tests/runtime/support.h"

namespace hocket {
namespace {

template <class E>
Failure Error(const char* what) {
  return Failure::FromException(std::make_exception_ptr(E(what)));
}

Task<> Fail(Failure failure) {
  co_await Checkpoint();
  if (failure.is_cancelled()) co_await internal::LeaveAwaiter(failure);
  failure.Throw();
}

template <class E>
ExceptHandler Collect(Log& log, const std::string& name) {
  return On<E>([&log, name](const Caught<E>& caught) -> Task<> {
    for (const E& error : caught.errors()) {
      co_await Checkpoint();
      log.push_back(name + ": " + error.what());
    }
  });
}

Failure Group(const char* message, std::vector<Failure> members) {
  return Failure::FromGroup(ExceptionGroup(message, std::move(members)));
}

// outer: [out_of_range a, invalid_argument b, inner: [out_of_range c, runtime_error d]]
Failure Mixed() {
  return Group("outer", {Error<std::out_of_range>("a"), Error<std::invalid_argument>("b"),
                         Group("inner", {Error<std::out_of_range>("c"), Error<std::runtime_error>("d")})});
}

TEST(Except, GivesEachHandlerTheErrorsOfItsTypeFromHoweverDeep) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await Except([&] { return Fail(Mixed()); }, Collect<std::out_of_range>(log, "range"),
                    Collect<std::invalid_argument>(log, "argument"), Collect<std::runtime_error>(log, "runtime"));
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{"range: a", "range: c", "argument: b", "runtime: d"}));
}

TEST(Except, LetsWhatNobodyTakesGoOnInItsStructure) {
  Log log;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> { co_await Except([&] { return Fail(Mixed()); }, Collect<std::out_of_range>(log, "range")); });
  EXPECT_EQ(Shape(outcome.failure), "[b, [d]]");
  EXPECT_EQ(outcome.failure.group().message(), "outer");
  EXPECT_EQ(outcome.failure.group().members()[1].group().message(), "inner");
}

TEST(Except, TakesBaseClassesToo) {
  Log log;
  const RunOutcome outcome = RunVirtual(
      [&]() -> Task<> { co_await Except([&] { return Fail(Mixed()); }, Collect<std::exception>(log, "any")); });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, (Log{"any: a", "any: b", "any: c", "any: d"}));
}

TEST(Except, TheFirstHandlerOfATypeTakesIt) {
  Log log;
  RunVirtual([&]() -> Task<> {
    co_await Except([&] { return Fail(Mixed()); }, Collect<std::logic_error>(log, "logic"),
                    Collect<std::out_of_range>(log, "range"), Collect<std::exception>(log, "rest"));
  });
  EXPECT_EQ(log, (Log{"logic: a", "logic: b", "logic: c", "rest: d"}));
}

TEST(Except, HandlesAnErrorThatCameAlone) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await Except([&] { return Fail(Error<std::out_of_range>("a")); }, Collect<std::out_of_range>(log, "range"));
    co_await Except([&] { return Fail(Error<std::runtime_error>("b")); }, Collect<std::out_of_range>(log, "range"));
  });
  EXPECT_EQ(log, Log{"range: a"});
  EXPECT_TRUE(Says(outcome.failure, "b"));
}

TEST(Except, DoesNothingForABodyThatSucceeds) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    const auto body = []() -> Task<> { co_await Checkpoint(); };
    co_await Except([&] { return body(); }, Collect<std::exception>(log, "any"));
  });
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  EXPECT_EQ(log, Log{});
}

TEST(Except, NeverTakesACancellation) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await Except([&] { return Fail(Group("g", {Failure::Cancelled(), Error<std::runtime_error>("a")})); },
                    Collect<std::exception>(log, "any"));
  });
  EXPECT_EQ(log, Log{"any: a"});
  EXPECT_EQ(outcome.kind, RunOutcome::Kind::kCancelled);
}

TEST(Except, GroupsTheFailuresOfHandlersWithTheRest) {
  Log log;
  const RunOutcome outcome = RunVirtual([&]() -> Task<> {
    co_await Except([&] { return Fail(Mixed()); },
                    On<std::out_of_range>([](const Caught<std::out_of_range>&) -> Task<> {
                      co_await Checkpoint();
                      Throw("handler");
                    }),
                    Collect<std::invalid_argument>(log, "argument"));
  });
  EXPECT_EQ(log, Log{"argument: b"});
  EXPECT_EQ(Shape(outcome.failure), "[handler, [[d]]]");
}

TEST(Except, AHandlerThatFailsAloneFailsAsItIs) {
  const RunOutcome outcome = RunVirtual([]() -> Task<> {
    co_await Except([&] { return Fail(Error<std::out_of_range>("a")); },
                    On<std::out_of_range>([](const Caught<std::out_of_range>& caught) -> Task<> {
                      EXPECT_EQ(caught.errors().size(), 1u);
                      caught.failure().Throw();
                      co_return;
                    }));
  });
  EXPECT_EQ(Shape(outcome.failure), "a");
}

TEST(Except, KeepsTheOriginalObjects) {
  const std::exception_ptr original = std::make_exception_ptr(std::out_of_range("a"));
  RunVirtual([&]() -> Task<> {
    const auto body = [&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(Fail, Failure::FromException(original));
      co_return;
    };
    co_await Except([&] { return WithNursery(body); },
                    On<std::out_of_range>([&](const Caught<std::out_of_range>& caught) -> Task<> {
                      EXPECT_TRUE(caught.failure().is_group());
                      EXPECT_EQ(caught.failure().group().members().front().error(), original);
                      EXPECT_EQ(&caught.errors().front().get(),
                                caught.failure().group().members()[0].As<std::exception>());
                      co_return;
                    }));
  });
}

TEST(Failure, AsGivesTheErrorIfItIsOfTheType) {
  const Failure error = Error<std::out_of_range>("a");
  EXPECT_STREQ(error.As<std::out_of_range>()->what(), "a");
  EXPECT_STREQ(error.As<std::logic_error>()->what(), "a");
  EXPECT_EQ(error.As<std::runtime_error>(), nullptr);
  EXPECT_EQ(*Failure::FromException(std::make_exception_ptr(3)).As<int>(), 3);
  EXPECT_EQ(Failure().As<std::exception>(), nullptr);
  EXPECT_EQ(Failure::Cancelled().As<std::exception>(), nullptr);
  EXPECT_EQ(Group("g", {error}).As<std::exception>(), nullptr);
}

TEST(ExceptionGroup, SubgroupKeepsStructureAndLeavesAreInOrder) {
  const ExceptionGroup group = Mixed().group();
  const auto in_range = [](const Failure& leaf) { return leaf.As<std::out_of_range>() != nullptr; };
  EXPECT_EQ(Shape(group.Subgroup(in_range)), "[a, [c]]");
  EXPECT_FALSE(group.Subgroup([](const Failure&) { return false; }));
  std::string leaves;
  for (const Failure& leaf : group.Leaves()) leaves += Shape(leaf);
  EXPECT_EQ(leaves, "abcd");
}

}  // namespace
}  // namespace hocket
