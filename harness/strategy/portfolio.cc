// Portfolio: urw, surw and swarm in turn, because each of them misses what another one finds: urw wants everybody to
// get on evenly, swarm leaves some behind, surw looks at one object at a time. They share one profile.
// tests/strategies/portfolio_test.cc
#include <array>
#include <memory>
#include <string>

#include "harness/profile.h"
#include "harness/strategy/strategies.h"

namespace hocket::testing {

namespace {

class Portfolio final : public Strategy {
 public:
  explicit Portfolio(std::uint64_t seed) {
    const auto profile = std::make_shared<Profile>();
    members_ = {MakeUrw(seed, profile), MakeSurw(seed, profile), MakeSwarm(seed, profile)};
    turn_ = members_[0].get();
  }

  std::string Name() const override { return turn_->Name(); }
  std::uint64_t ProfileExecutions() const override { return Profile::kExecutions; }
  void StartExecution(std::uint64_t index) override {
    turn_ = members_[index % members_.size()].get();
    turn_->StartExecution(index);
  }
  void EndExecution() override { turn_->EndExecution(); }
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
  std::array<std::unique_ptr<Strategy>, 3> members_;
  Strategy* turn_;
};

}  // namespace

std::unique_ptr<Strategy> MakePortfolio(std::uint64_t seed) { return std::make_unique<Portfolio>(seed); }

}  // namespace hocket::testing
