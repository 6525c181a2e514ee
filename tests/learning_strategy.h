// A strategy that rests on earlier executions in every way that there is, and dies if it has not been given them.
#ifndef HOCKET_TESTS_LEARNING_STRATEGY_H_
#define HOCKET_TESTS_LEARNING_STRATEGY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "harness/random.h"
#include "harness/ready_set.h"
#include "hocket/check.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

struct LearningOptions {
  std::uint64_t profile = 10;        // executions that it learns from
  std::uint64_t search_period = 4;   // of the others, one in so many is of its search; 0: none
  std::uint64_t search_size = 1000;  // executions of the search, after which nothing is left
};

// Picks at random. The executions that it learns from and those of its search move the random numbers of what rests on
// them.
class Learning final : public Strategy {
 public:
  Learning(std::uint64_t seed, const LearningOptions& options) : options_(options), seed_(seed), random_(0) {}

  std::string Name() const override { return name_; }
  void StartExecution(std::uint64_t index) override {
    ready_.Clear();
    picks_ = 0;
    index_ = index;
    if (index < options_.profile) {
      HOCKET_CHECK(index == profiled_) << "executions that are learnt from come first, and in order";
      ++profiled_;
      random_ = Random(MixSeed(seed_, index));
      name_ = "profile";
      return;
    }
    HOCKET_CHECK(profiled_ == options_.profile) << "not all executions that are learnt from have been run";
    if (InSearch(index)) {
      HOCKET_CHECK(index == NextOfSearch()) << "the search is given another execution than its next one";
      last_of_search_ = index;
      ++searched_;
      random_ = Random(MixSeed(learnt_ ^ found_, index));
      name_ = "search";
    } else {
      random_ = Random(MixSeed(learnt_, index));
      name_ = "sample";
    }
  }
  void EndExecution() override {
    if (index_ < options_.profile) learnt_ = MixSeed(learnt_, picks_);
    if (!InSearch(index_)) return;
    found_ = MixSeed(found_, picks_);
    if (IsCut()) ++cut_;
  }
  std::uint64_t ProfileExecutions() const override { return options_.profile; }
  bool InSearch(std::uint64_t index) const override {
    return options_.search_period > 0 && index >= options_.profile &&
           index % options_.search_period == options_.search_period - 1;
  }
  std::optional<Coverage> Covered() const override {
    if (options_.search_period == 0) return std::nullopt;
    return Coverage{.complete = Exhausted(),
                    .explored = static_cast<double>(searched_) / static_cast<double>(options_.search_size),
                    .schedules = searched_ - cut_,
                    .cut = cut_,
                    .what = "classes",
                    .assuming = ""};
  }
  bool Exhausted() const override { return searched_ >= options_.search_size; }

  void Begin(const Executor&) noexcept override {}
  void Added(AlternativeId id) noexcept override { ready_.Add(id); }
  void Removed(AlternativeId id, Removal) noexcept override { ready_.Remove(id); }
  AlternativeId Pick() noexcept override {
    ++picks_;
    if (IsCut() && picks_ == 2) return kStopRun;
    return ready_[random_.Below(ready_.size())];
  }
  std::uint32_t Draw(std::uint32_t n, const char*, DrawKind) noexcept override { return random_.Below(n); }

 private:
  std::uint64_t NextOfSearch() const {
    std::uint64_t index = searched_ == 0 ? options_.profile : last_of_search_ + 1;
    while (!InSearch(index)) ++index;
    return index;
  }
  bool IsCut() const { return InSearch(index_) && searched_ % 5 == 0; }

  LearningOptions options_;
  std::uint64_t seed_;
  Random random_;
  ReadySet ready_;
  std::string name_;
  std::uint64_t index_ = 0;
  std::uint64_t picks_ = 0;
  std::uint64_t profiled_ = 0;
  std::uint64_t learnt_ = 0;  // from the executions that it learns from
  std::uint64_t searched_ = 0;
  std::uint64_t last_of_search_ = 0;
  std::uint64_t found_ = 0;  // in the search
  std::uint64_t cut_ = 0;
};

}  // namespace hocket::testing

#endif  // HOCKET_TESTS_LEARNING_STRATEGY_H_
