// The default: a ladder of searches, which proves something, and between its rungs the portfolio, which finds what is
// out of their reach. Of four executions one is the ladder's: the bases `stay` and `fifo`, every schedule with one
// delay, with two, and then all of them if an estimate says that they fit into what is left of the budget. A delay
// bound of one contains "cancelled at every point once" (section 2.5 of Emmi et al. calls the costs; see search.h).
//
// The estimate is the one of Kilby, Slaney, Thiebaux, Walsh (Estimating search tree size, AAAI 2006, section 3): the
// schedules seen over the share of the tree that they make up if all branches of a node weighed the same. It is taken
// again and again, because a depth-first walk sees the tree from one side. Test: tests/search/default_test.cc.
#include <cstdint>
#include <memory>
#include <utility>

#include "harness/strategy/search.h"
#include "harness/strategy/strategies.h"

namespace hocket::testing {

namespace {

constexpr std::uint64_t kLadderShare = 4;  // one in so many
constexpr std::uint32_t kMaxDelays = 2;
constexpr std::uint64_t kFirstEstimate = 64;  // executions of the exhaustive search before it is first asked

class Default final : public Strategy {
 public:
  explicit Default(const StrategyOptions& options)
      : budget_(options.budget),
        stay_(MakeBaseStrategy(Base::kStay)),
        fifo_(MakeBaseStrategy(Base::kFifo)),
        one_delay_({.kind = SearchOptions::Kind::kDelays, .bound = 1}),
        two_delays_({.kind = SearchOptions::Kind::kDelays, .bound = kMaxDelays}),
        exhaustive_({.kind = SearchOptions::Kind::kReduced, .memory = options.memory}),
        portfolio_(MakePortfolio(options.seed)),
        turn_(stay_.get()) {}

  std::string Name() const override { return turn_->Name(); }

  void StartExecution(std::uint64_t index) override {
    climbs_ = InSearch(index) && rung_ != Rung::kDone;
    if (climbs_) {
      turn_ = &Climb(index);
      turn_->StartExecution(index);
    } else {
      turn_ = portfolio_.get();
      turn_->StartExecution(PortfolioIndex(index));
    }
  }
  void EndExecution() override {
    turn_->EndExecution();
    if (climbs_) Look();
  }

  std::uint64_t ProfileExecutions() const override {
    std::uint64_t index = 0;
    while (InSearch(index) || PortfolioIndex(index) < portfolio_->ProfileExecutions()) ++index;
    return index;
  }
  bool InSearch(std::uint64_t index) const override { return index % kLadderShare == 0; }
  bool Exhausted() const override { return exhaustive_.Exhausted(); }

  // What the highest rung has proved that was climbed to its end; nothing before there is one.
  std::optional<Coverage> Covered() const override {
    if (exhaustive_.Exhausted()) return exhaustive_.Covered();
    if (two_delays_.Exhausted()) return two_delays_.Covered();
    if (one_delay_.Exhausted()) return one_delay_.Covered();
    return std::nullopt;
  }

  void Begin(const Executor& executor) noexcept override { turn_->Begin(executor); }
  bool WantsAccesses() const noexcept override { return turn_->WantsAccesses(); }
  void Added(AlternativeId id) noexcept override { turn_->Added(id); }
  void Removed(AlternativeId id, Removal why) noexcept override { turn_->Removed(id, why); }
  void Touched(const Access& access) noexcept override { turn_->Touched(access); }
  AlternativeId Pick() noexcept override { return turn_->Pick(); }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    return turn_->Draw(n, label, kind);
  }
  void End() noexcept override { turn_->End(); }

 private:
  enum class Rung : std::uint8_t { kStay, kFifo, kOneDelay, kTwoDelays, kExhaustive, kDone };

  // The portfolio's own count, without gaps; far from it what it runs in the place of a ladder that has ended.
  std::uint64_t PortfolioIndex(std::uint64_t index) const {
    constexpr std::uint64_t kFarAway = std::uint64_t{1} << 62;
    return InSearch(index) ? kFarAway + index / kLadderShare : index - index / kLadderShare - 1;
  }

  Strategy& Climb(std::uint64_t index) {
    index_ = index;
    switch (rung_) {
      case Rung::kStay:
        return *stay_;
      case Rung::kFifo:
        return *fifo_;
      case Rung::kOneDelay:
        return one_delay_;
      case Rung::kTwoDelays:
        return two_delays_;
      case Rung::kExhaustive:
      case Rung::kDone:
        break;
    }
    return exhaustive_;
  }

  // After an execution of the ladder: is there a next one on this rung?
  void Look() {
    const bool ended =
        turn_ == &one_delay_ || turn_ == &two_delays_ || turn_ == &exhaustive_ ? turn_->Exhausted() : true;
    if (ended) {
      rung_ = static_cast<Rung>(static_cast<int>(rung_) + 1);
    } else if (rung_ == Rung::kExhaustive && !Fits()) {
      rung_ = Rung::kDone;
    }
  }

  bool Fits() {
    const std::uint64_t run = exhaustive_.schedules();
    if (run < next_estimate_) return true;
    next_estimate_ = 2 * run;
    const std::uint64_t left = (budget_ > index_ ? budget_ - index_ : 0) / kLadderShare;
    return exhaustive_.EstimatedSchedules() <= static_cast<double>(run + left);
  }

  const std::uint64_t budget_;
  const std::unique_ptr<Strategy> stay_;
  const std::unique_ptr<Strategy> fifo_;
  Search one_delay_;
  Search two_delays_;
  Search exhaustive_;
  const std::unique_ptr<Strategy> portfolio_;
  Strategy* turn_;
  bool climbs_ = false;  // the execution under way is the ladder's
  Rung rung_ = Rung::kStay;
  std::uint64_t index_ = 0;  // of the last execution of the ladder
  std::uint64_t next_estimate_ = kFirstEstimate;
};

}  // namespace

std::unique_ptr<Strategy> MakeDefault(const StrategyOptions& options) { return std::make_unique<Default>(options); }

}  // namespace hocket::testing
