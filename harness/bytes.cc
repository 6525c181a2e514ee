#include "harness/bytes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "harness/execution.h"
#include "harness/strategy/replay.h"
#include "harness/strategy/strategies.h"

namespace hocket::testing {

namespace {

// The numbers of docs/fuzz_format.md.
constexpr std::uint32_t kGoOn = 192;
constexpr std::uint8_t kBaseTail = 7;
constexpr std::uint32_t kPctDepth = 10;
constexpr std::uint64_t kPctDecisions = 64;

// Writes down, byte by byte, what a chooser decides.
class BytesRecorder final : public Chooser {
 public:
  explicit BytesRecorder(Chooser& inner) : inner_(inner), order_(Base::kStay) {}

  void Begin(const Executor& executor) noexcept override {
    order_.Begin(executor);
    inner_.Begin(executor);
  }
  void Added(AlternativeId id) noexcept override {
    order_.Added(id);
    inner_.Added(id);
  }
  void Removed(AlternativeId id, Removal why) noexcept override {
    order_.Removed(id, why);
    inner_.Removed(id, why);
  }
  AlternativeId Pick() noexcept override {
    const AlternativeId id = inner_.Pick();
    const std::uint32_t index = order_.IndexOf(id);
    const std::uint32_t n = order_.size();
    if (order_.GoesOn()) {
      if (index == 0) {
        Append(0);
      } else if (n - 1 <= 256 - kGoOn) {
        Append(kGoOn + index - 1);
      } else {
        Append(kGoOn + ((index - 1) >> 8));
        Append(index - 1);
      }
    } else {
      if (n > 256) Append(index >> 8);
      Append(index);
    }
    if (index != 0) Keep();
    return id;
  }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    const std::uint32_t value = inner_.Draw(n, label, kind);
    std::string& bytes = kind == DrawKind::kValue ? values_ : decisions_;
    for (int shift = 24; shift >= 0; shift -= 8) {
      if (shift == 0 || (n - 1) >> shift != 0) bytes += static_cast<char>(value >> shift & 255);
    }
    if (value != 0) Keep();
    return value;
  }

  std::string Bytes() const {
    std::string bytes = Header() + decisions_.substr(0, kept_decisions_) + values_.substr(0, kept_values_);
    std::reverse(bytes.end() - static_cast<std::ptrdiff_t>(kept_values_), bytes.end());
    return bytes;
  }

 private:
  static std::string Header() { return {static_cast<char>(kBaseTail), 0, 0, 0, 0}; }
  void Append(std::uint32_t byte) { decisions_ += static_cast<char>(byte & 255); }
  // Up to here there is something that the base would not have decided: what is left out says the same as the base.
  void Keep() {
    kept_decisions_ = decisions_.size();
    kept_values_ = values_.size();
  }

  Chooser& inner_;
  BaseOrder order_;
  std::string decisions_;
  std::string values_;  // in the order of being drawn
  std::size_t kept_decisions_ = 0;
  std::size_t kept_values_ = 0;
};

}  // namespace

BytesStrategy::BytesStrategy() : order_(Base::kStay) {
  constexpr std::uint64_t kSeed = 0;  // the execution's index is the input's seed
  tails_[0] = MakeRandomWalk(kSeed);
  tails_[1] = MakeSticky(kSeed, 30);
  tails_[2] = MakeSticky(kSeed, 10);
  tails_[3] = MakeSticky(kSeed, 3);
  tails_[4] = MakePos(kSeed);
  tails_[5] = MakePctOfLength(kSeed, kPctDepth, kPctDecisions);
  tails_[6] = MakeRandomWalk(kSeed);
  static_assert(kBaseTail == kTails - 1, "the one that is left");
}

void BytesStrategy::SetInput(const std::uint8_t* data, std::size_t size) {
  data_ = data;
  next_ = 0;
  end_ = size;
  const std::uint8_t header = NextByte();
  std::uint64_t seed = 0;
  for (int shift = 0; shift < 32; shift += 8) seed |= static_cast<std::uint64_t>(NextByte()) << shift;
  tail_ = tails_[header % kTails].get();
  if (tail_ != nullptr) tail_->StartExecution(seed);
}

void BytesStrategy::Begin(const Executor& executor) noexcept {
  executor_ = &executor;
  order_.Begin(executor);
  in_tail_ = tail_ != nullptr && Used();
  if (in_tail_) tail_->Begin(executor);
}

void BytesStrategy::EnterTail() {
  in_tail_ = true;
  tail_->Begin(*executor_);
  order_.CopyTo(ready_);
  if (order_.GoesOn()) {
    // So that the tail knows who stepped last.
    tail_->Added(ready_.front());
    tail_->Removed(ready_.front(), Removal::kPicked);
  }
  for (const AlternativeId id : ready_) tail_->Added(id);
}

AlternativeId BytesStrategy::Pick() noexcept {
  if (in_tail_) return tail_->Pick();
  if (Used()) {
    if (tail_ == nullptr) return order_.First();
    EnterTail();
    return tail_->Pick();
  }
  const std::uint32_t n = order_.size();
  const std::uint32_t byte = NextByte();
  if (order_.GoesOn()) {
    if (byte < kGoOn) return order_.First();
    std::uint32_t other = byte - kGoOn;
    if (n - 1 > 256 - kGoOn) other = other << 8 | NextByte();
    return order_.At(1 + other % (n - 1));
  }
  return order_.At((n > 256 ? byte << 8 | NextByte() : byte) % n);
}

std::uint32_t BytesStrategy::Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept {
  if (Used()) return tail_ == nullptr ? 0 : tail_->Draw(n, label, kind);
  std::uint32_t value = 0;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (shift == 0 || (n - 1) >> shift != 0) value = value << 8 | (kind == DrawKind::kValue ? LastByte() : NextByte());
  }
  return value % n;
}

ReplayResult ReplayBytes(const Body& body, const std::string& bytes, const ExploreOptions& options) {
  BytesStrategy strategy;
  strategy.SetInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return RunStrategy(body, strategy, 0, options);
}

std::string EncodeBytes(const Body& body, const Schedule& schedule, const ExploreOptions& options) {
  Replay replay(schedule);
  replay.StartExecution(0);
  BytesRecorder recorder(replay);
  Execution execution(body, options);
  execution.Run(recorder);
  return recorder.Bytes();
}

}  // namespace hocket::testing
