// The programs of the gallery are what they claim to be: each has its bug, its twin has none, and the marks are right.
#include "tests/bugs/gallery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "harness/random.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/strategy.h"

namespace hocket::bugs {

// How GoogleTest names a program in its messages.
void PrintTo(const Program& program, std::ostream* out) { *out << program.name; }

namespace {

constexpr std::uint64_t kPadding = 1;

std::unique_ptr<testing::Strategy> Fifo(std::uint64_t) { return testing::MakeBaseStrategy(testing::Base::kFifo); }

// Random, but stays with a task for stints whose mean length is drawn for each execution: a random walk seldom lets one
// task stand still while another one goes through its padding.
class Stints final : public testing::Strategy {
 public:
  explicit Stints(std::uint64_t seed) : seed_(seed) {}

  std::string Name() const override { return "stints"; }
  void StartExecution(std::uint64_t index) override {
    random_ = testing::Random(testing::MixSeed(seed_, index));
    mean_ = 1u << random_.Below(6);
    ready_.clear();
  }
  void Begin(const Executor&) noexcept override {}
  void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
  void Removed(AlternativeId id, Removal why) noexcept override {
    std::erase(ready_, id);
    if (why == Removal::kPicked) last_ = id;
  }
  AlternativeId Pick() noexcept override {
    const bool stays = std::find(ready_.begin(), ready_.end(), last_) != ready_.end() && random_.Below(mean_) > 0;
    return stays ? last_ : ready_[random_.Below(static_cast<std::uint32_t>(ready_.size()))];
  }
  std::uint32_t Draw(std::uint32_t n, const char*, DrawKind) noexcept override { return random_.Below(n); }

 private:
  const std::uint64_t seed_;
  testing::Random random_{0};
  std::uint32_t mean_ = 1;
  std::vector<AlternativeId> ready_;
  AlternativeId last_ = 0;
};

class EachProgram : public ::testing::TestWithParam<Program> {};

INSTANTIATE_TEST_SUITE_P(Gallery, EachProgram, ::testing::ValuesIn(Gallery()),
                         [](const auto& program) { return std::string(program.param.name); });

testing::Exploration ExploreBug(const Program& program, Regime regime,
                                const std::function<std::unique_ptr<testing::Strategy>(std::uint64_t)>& strategy,
                                std::uint64_t executions) {
  return testing::Explore(BodyOf(program, /*fixed=*/false, regime, kPadding),
                          {.executions = executions, .shrink_executions = 0, .strategy = strategy});
}

TEST_P(EachProgram, FailsUnderARandomWalk) {
  const testing::Exploration exploration =
      ExploreBug(GetParam(), Regime::kPlain, testing::MakeRandomWalk, /*executions=*/20'000);
  EXPECT_TRUE(exploration.failure) << exploration.Statement();
}

TEST_P(EachProgram, FailsWithPaddingToo) {
  const testing::Exploration exploration = ExploreBug(
      GetParam(), Regime::kPadded, [](std::uint64_t seed) { return std::make_unique<Stints>(seed); },
      /*executions=*/20'000);
  EXPECT_TRUE(exploration.failure) << exploration.Statement();
}

TEST_P(EachProgram, HasATwinThatPasses) {
  for (const Regime regime : {Regime::kPlain, Regime::kPadded, Regime::kNoisy}) {
    const testing::Exploration exploration = testing::Explore(BodyOf(GetParam(), /*fixed=*/true, regime, kPadding),
                                                              {.executions = regime == Regime::kPlain ? 2000u : 200u});
    EXPECT_FALSE(exploration.failure) << ToString(regime) << ": " << exploration.failure->failure.message;
    EXPECT_FALSE(exploration.nondeterminism) << *exploration.nondeterminism;
  }
}

TEST_P(EachProgram, FailsUnderFifoIfItIsMarked) {
  const testing::Exploration exploration = ExploreBug(GetParam(), Regime::kPlain, Fifo, /*executions=*/1);
  EXPECT_EQ(exploration.failure.has_value(), GetParam().fifo_shows) << exploration.Statement();
}

// Whoever compares outcomes reads them here.
TEST(Gallery, TellsWhatAnExecutionObserved) {
  const Program* program = FindProgram("counter3");
  ASSERT_NE(program, nullptr);
  std::string observed;
  const testing::Exploration exploration =
      testing::Explore(BodyOf(*program, /*fixed=*/false, Regime::kPlain, kPadding, &observed),
                       {.executions = 1, .shrink_executions = 0, .strategy = Fifo});
  EXPECT_TRUE(exploration.failure);
  EXPECT_EQ(observed, "1\n");
}

TEST(Gallery, NamesItsProgramsApart) {
  std::set<std::string> names;
  for (const Program& program : Gallery()) EXPECT_TRUE(names.insert(program.name).second) << program.name;
  for (const std::string& name : names) EXPECT_EQ(FindProgram(name)->name, name);
  EXPECT_EQ(FindProgram("no such program"), nullptr);
}

TEST(Gallery, HoldsWhatItPromises) {
  const auto count = [](bool Program::* mark) {
    return std::count_if(Gallery().begin(), Gallery().end(), [&](const Program& program) { return program.*mark; });
  };
  EXPECT_GE(Gallery().size(), 50u);
  EXPECT_GE(count(&Program::cancels), 22);
  EXPECT_LE(2 * count(&Program::declares), static_cast<std::ptrdiff_t>(Gallery().size()));
  EXPECT_EQ(count(&Program::study), 28);
}

}  // namespace
}  // namespace hocket::bugs
