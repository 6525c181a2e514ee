#include "harness/bytes.h"

#include <array>
#include <utility>

#include "harness/execution.h"
#include "harness/strategy/replay.h"

namespace hocket::testing {

namespace {

// The numbers of docs/fuzz_format.md.
constexpr std::size_t kHeaderBytes = 5;
constexpr std::uint32_t kGoOn = 192;
constexpr std::array<std::uint32_t, 4> kSwitch256ths = {179, 77, 26, 5};
constexpr std::uint8_t kBaseTail = 4;

// Writes down, byte by byte, what a chooser decides.
class BytesRecorder final : public Chooser {
 public:
  explicit BytesRecorder(Chooser& inner) : inner_(inner), order_(Base::kStay) {
    bytes_ = {static_cast<char>(kBaseTail), 0, 0, 0, 0};
  }

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
    if (index != 0) kept_ = bytes_.size();
    return id;
  }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    const std::uint32_t value = inner_.Draw(n, label, kind);
    for (int shift = 24; shift >= 0; shift -= 8) {
      if (shift == 0 || (n - 1) >> shift != 0) Append(value >> shift);
    }
    // With a base tail, a value that is left out is 0.
    if (value != 0) kept_ = bytes_.size();
    return value;
  }

  std::string Bytes() const { return bytes_.substr(0, kept_); }

 private:
  void Append(std::uint32_t byte) { bytes_ += static_cast<char>(byte & 255); }

  Chooser& inner_;
  BaseOrder order_;
  std::string bytes_;
  std::size_t kept_ = kHeaderBytes;
};

}  // namespace

void BytesStrategy::SetInput(const std::uint8_t* data, std::size_t size) {
  data_ = data;
  size_ = size;
  next_ = 0;
  const std::uint8_t header = NextByte();
  std::uint64_t seed = header;
  for (int shift = 8; shift <= 32; shift += 8) seed |= static_cast<std::uint64_t>(NextByte()) << shift;
  switch_256ths_ = (header & kBaseTail) != 0 ? 0 : kSwitch256ths[header & 3];
  tail_ = Random(seed);
}

AlternativeId BytesStrategy::Pick() noexcept {
  const std::uint32_t n = order_.size();
  const bool goes_on = order_.GoesOn();
  if (Used()) return order_.At(TailIndex(n, goes_on));
  const std::uint32_t byte = NextByte();
  if (goes_on) {
    if (byte < kGoOn) return order_.At(0);
    std::uint32_t other = byte - kGoOn;
    if (n - 1 > 256 - kGoOn) other = other << 8 | NextByte();
    return order_.At(1 + other % (n - 1));
  }
  return order_.At((n > 256 ? byte << 8 | NextByte() : byte) % n);
}

std::uint32_t BytesStrategy::TailIndex(std::uint32_t n, bool goes_on) {
  if (switch_256ths_ == 0) return 0;
  if (!goes_on) return tail_.Below(n);
  return tail_.Below(256) < switch_256ths_ ? 1 + tail_.Below(n - 1) : 0;
}

std::uint32_t BytesStrategy::Draw(std::uint32_t n, const char*, DrawKind) noexcept {
  if (Used()) return switch_256ths_ == 0 ? 0 : tail_.Below(n);
  std::uint32_t value = 0;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (shift == 0 || (n - 1) >> shift != 0) value = value << 8 | NextByte();
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
