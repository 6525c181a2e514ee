// Prefix: a stored schedule as far as it goes, then another strategy: explores around what is known.
//
// The other strategy is called all along, so that it knows what can run and what has happened, but not asked before the
// schedule's last deviation and drawn value have been met. Until then values that the schedule does not list are 0. If
// the program no longer meets all of them, the execution is the schedule's base to its end.
// tests/strategies/prefix_test.cc
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "harness/strategy/replay.h"
#include "hocket/check.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

namespace {

class Prefix final : public Strategy {
 public:
  Prefix(const Schedule& schedule, std::unique_ptr<Strategy> rest) : replay_(schedule), rest_(std::move(rest)) {}

  std::string Name() const override { return "prefix, " + rest_->Name(); }
  std::uint64_t ProfileExecutions() const override { return rest_->ProfileExecutions(); }
  bool InSearch(std::uint64_t index) const override { return rest_->InSearch(index); }
  std::optional<Coverage> Covered() const override {
    std::optional<Coverage> coverage = rest_->Covered();
    if (coverage) coverage->assuming += coverage->assuming.empty() ? "the prefix" : ", the prefix";
    return coverage;
  }

  void StartExecution(std::uint64_t index) override {
    replay_.StartExecution(index);
    rest_->StartExecution(index);
    follows_ = replay_.left() > 0;
  }
  void EndExecution() override { rest_->EndExecution(); }
  void Begin(const Executor& executor) noexcept override {
    replay_.Begin(executor);
    rest_->Begin(executor);
  }
  void Added(AlternativeId id) noexcept override {
    if (follows_) replay_.Added(id);
    rest_->Added(id);
  }
  void Removed(AlternativeId id, Removal why) noexcept override {
    if (follows_) replay_.Removed(id, why);
    rest_->Removed(id, why);
  }
  void Touched(const Access& access) noexcept override { rest_->Touched(access); }
  AlternativeId Pick() noexcept override {
    if (!follows_) return rest_->Pick();
    const AlternativeId id = replay_.Pick();
    follows_ = replay_.left() > 0;
    return id;
  }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    if (!follows_) return rest_->Draw(n, label, kind);
    const std::uint32_t value = replay_.Draw(n, label, kind);
    follows_ = replay_.left() > 0;
    return value;
  }
  void End() noexcept override { rest_->End(); }

 private:
  Replay replay_;
  std::unique_ptr<Strategy> rest_;
  bool follows_ = false;  // the schedule
};

}  // namespace

std::unique_ptr<Strategy> MakePrefix(const Schedule& schedule, std::unique_ptr<Strategy> rest) {
  HOCKET_CHECK(rest != nullptr) << "a prefix needs a strategy to go on with";
  return std::make_unique<Prefix>(schedule, std::move(rest));
}

}  // namespace hocket::testing
