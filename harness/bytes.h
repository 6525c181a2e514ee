// Bytes as decisions: what a fuzzer mutates. Every byte string is a valid input. docs/fuzz_format.md has the format.
#ifndef HOCKET_HARNESS_BYTES_H_
#define HOCKET_HARNESS_BYTES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/base_order.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/schedule.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

// Decides as an input says, and by the input's tail when it is used up.
class BytesStrategy final : public Strategy {
 public:
  BytesStrategy();

  // Takes the next input. Lifetime: `data` outlives the execution.
  void SetInput(const std::uint8_t* data, std::size_t size);

  std::string Name() const override { return "bytes"; }
  void StartExecution(std::uint64_t) override {}
  void Begin(const Executor& executor) noexcept override;
  bool WantsAccesses() const noexcept override { return tail_ != nullptr && tail_->WantsAccesses(); }
  void Added(AlternativeId id) noexcept override {
    if (in_tail_) {
      tail_->Added(id);
    } else {
      order_.Added(id);
    }
  }
  void Removed(AlternativeId id, Removal why) noexcept override {
    if (in_tail_) {
      tail_->Removed(id, why);
    } else {
      order_.Removed(id, why);
    }
  }
  void Touched(const Access& access) noexcept override {
    if (in_tail_) tail_->Touched(access);
  }
  AlternativeId Pick() noexcept override;
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override;

 private:
  static constexpr std::size_t kTails = 8;

  bool Used() const { return next_ >= end_; }
  std::uint8_t NextByte() { return Used() ? 0 : data_[next_++]; }
  std::uint8_t LastByte() { return Used() ? 0 : data_[--end_]; }
  void EnterTail();

  const std::uint8_t* data_ = nullptr;
  std::size_t next_ = 0;  // in `data_`: decisions are taken from here on,
  std::size_t end_ = 0;   // and values from below here
  std::array<std::unique_ptr<Strategy>, kTails> tails_;
  Strategy* tail_ = nullptr;  // the input's; none: the base
  bool in_tail_ = false;      // it decides, and knows what can run
  const Executor* executor_ = nullptr;
  BaseOrder order_;
  std::vector<AlternativeId> ready_;
};

// Runs the execution that `bytes` stand for.
ReplayResult ReplayBytes(const Body& body, const std::string& bytes, const ExploreOptions& options);

// The bytes that stand for the execution that `schedule` stands for, without what a base tail says anyway.
std::string EncodeBytes(const Body& body, const Schedule& schedule, const ExploreOptions& options);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_BYTES_H_
