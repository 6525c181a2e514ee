// The base schedules themselves: what production runs (fifo), what stored schedules deviate from.
#include <memory>

#include "harness/base_order.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

namespace {

class BaseStrategy final : public Strategy {
 public:
  explicit BaseStrategy(Base base) : base_(base), order_(base) {}

  std::string Name() const override { return ToString(base_); }
  void StartExecution(std::uint64_t) override {}
  void Begin(const Executor& executor) noexcept override { order_.Begin(executor); }
  bool WantsAccesses() const noexcept override { return false; }
  void Added(AlternativeId id) noexcept override { order_.Added(id); }
  void Removed(AlternativeId id, Removal why) noexcept override { order_.Removed(id, why); }
  AlternativeId Pick() noexcept override { return order_.First(); }
  std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }

 private:
  Base base_;
  BaseOrder order_;
};

}  // namespace

std::unique_ptr<Strategy> MakeBaseStrategy(Base base) { return std::make_unique<BaseStrategy>(base); }

}  // namespace hocket::testing
