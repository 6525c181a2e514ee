// Bytes as decisions: what a fuzzer mutates. Every byte string is a valid input. docs/fuzz_format.md has the format.
#ifndef HOCKET_HARNESS_BYTES_H_
#define HOCKET_HARNESS_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/base_order.h"
#include "harness/random.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/schedule.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

// Decides as an input says, and by the input's tail when it is used up.
class BytesStrategy final : public Strategy {
 public:
  BytesStrategy() : tail_(0), order_(Base::kStay) {}

  // Takes the next input. Lifetime: `data` outlives the execution.
  void SetInput(const std::uint8_t* data, std::size_t size);

  std::string Name() const override { return "bytes"; }
  void StartExecution(std::uint64_t) override {}
  void Begin(const Executor& executor) noexcept override { order_.Begin(executor); }
  bool WantsAccesses() const noexcept override { return false; }
  void Added(AlternativeId id) noexcept override { order_.Added(id); }
  void Removed(AlternativeId id, Removal why) noexcept override { order_.Removed(id, why); }
  AlternativeId Pick() noexcept override;
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override;

 private:
  bool Used() const { return next_ >= size_; }
  std::uint8_t NextByte() { return Used() ? 0 : data_[next_++]; }
  std::uint32_t TailIndex(std::uint32_t n, bool goes_on);

  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t next_ = 0;
  std::uint32_t switch_256ths_ = 0;  // of the tail's decisions, how many of 256 switch; 0: the tail is the base
  Random tail_;
  BaseOrder order_;
};

// Runs the execution that `bytes` stand for.
ReplayResult ReplayBytes(const Body& body, const std::string& bytes, const ExploreOptions& options);

// The bytes that stand for the execution that `schedule` stands for, without what a base tail says anyway.
std::string EncodeBytes(const Body& body, const Schedule& schedule, const ExploreOptions& options);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_BYTES_H_
