#include "harness/interleaving_coverage.h"

#include <algorithm>

#include "harness/position_tracker.h"
#include "harness/random.h"

// AFL++'s runtime, if that is linked.
extern "C" {
__attribute__((weak)) void __afl_coverage_interesting(std::uint8_t value, std::uint32_t id);
__attribute__((weak)) void __sanitizer_cov_trace_pc_guard_init(std::uint32_t* begin, std::uint32_t* end);
}

namespace hocket::testing {

namespace {

constexpr std::size_t kCounters = InterleavingCoverage::kCounters;
constexpr std::size_t kMostFeatures = 2048;  // of an execution; what comes after them is dropped

// libFuzzer finds the counters of a program by this section, and clears them before each input.
alignas(64) __attribute__((section("__libfuzzer_extra_counters"), used)) std::uint8_t counters[kCounters];

// Centipede finds features by this one: the upper half of each is a domain, the lower half a number other than 0. They
// are the list of the counters that are set.
__attribute__((section("__centipede_extra_features"), used)) std::uint64_t features[kMostFeatures];
std::size_t features_used = 0;

// AFL++ knows numbers that its runtime has given to instrumented code. These are given before main, because its map is
// made when the engine starts.
class AflNumbers {
 public:
  AflNumbers() {
    if (__afl_coverage_interesting == nullptr || __sanitizer_cov_trace_pc_guard_init == nullptr) return;
    __sanitizer_cov_trace_pc_guard_init(numbers_, numbers_ + kCounters);
  }
  std::uint32_t operator[](std::size_t feature) const { return numbers_[feature]; }

 private:
  std::uint32_t numbers_[kCounters] = {};
};
const AflNumbers afl_numbers;

void Note(std::uint64_t hash) {
  const std::size_t feature = hash % kCounters;
  if (counters[feature] != 0 || features_used == kMostFeatures) return;
  counters[feature] = 1;
  features[features_used++] = feature + 1;
  if (__afl_coverage_interesting != nullptr) __afl_coverage_interesting(1, afl_numbers[feature]);
}

void ForgetAll() {
  while (features_used > 0) {
    std::uint64_t& feature = features[--features_used];
    counters[feature - 1] = 0;
    feature = 0;
  }
}

}  // namespace

std::vector<std::uint32_t> InterleavingCoverage::Features() {
  std::vector<std::uint32_t> numbers;
  for (std::size_t i = 0; i < features_used; ++i) numbers.push_back(static_cast<std::uint32_t>(features[i] - 1));
  return numbers;
}

void InterleavingCoverage::Begin(const Executor& executor) noexcept {
  executor_ = &executor;
  ForgetAll();
  ++execution_;
  steps_ = false;
  // Objects that an execution makes have other names than the next one's, if what it did was different.
  if (objects_.size() > kMostObjects) {
    objects_.Clear();
    writes_.clear();
  }
  inner_->Begin(executor);
  inner_wants_accesses_ = inner_->WantsAccesses();
}

void InterleavingCoverage::Removed(AlternativeId id, Removal why) noexcept {
  if (why == Removal::kPicked) {
    const Standing standing = executor_->Describe(id).standing;
    steps_ = true;
    task_ = standing.task;
    site_ = MixSeed(standing.task, HashOperation(standing.operation));
    pair_ = 0;
  }
  inner_->Removed(id, why);
}

void InterleavingCoverage::Touched(const Access& access) noexcept {
  if (inner_wants_accesses_) inner_->Touched(access);
  const bool touches = access.kind != AccessKind::kNone && access.kind != AccessKind::kYield;
  if (!steps_ || !touches || access.kind == AccessKind::kOpaque || access.object == 0) return;
  if (access.size == 0) {
    Touch(access.object, access.kind);
    return;
  }
  // Words are told apart, the first few of what is touched at once.
  constexpr std::uint32_t kWord = 8;
  constexpr std::uint32_t kMostWords = 8;
  const std::uint32_t first = access.offset / kWord;
  const std::uint32_t last = std::min((access.offset + access.size - 1) / kWord, first + kMostWords - 1);
  for (std::uint32_t word = first; word <= last; ++word) Touch(MixSeed(access.object, word) | 1, access.kind);
}

void InterleavingCoverage::Touch(ObjectId object, AccessKind kind) {
  const std::uint32_t index = objects_.Of(object);
  if (index >= writes_.size()) writes_.resize(index + 1);
  Write& write = writes_[index];
  const std::uint64_t site = MixSeed(site_, static_cast<std::uint64_t>(kind));
  const bool only_reads = kind == AccessKind::kRead || kind == AccessKind::kWait;
  const bool only_writes = kind == AccessKind::kWrite || kind == AccessKind::kSignal || kind == AccessKind::kExit;
  if (!only_writes && write.execution == execution_ && write.task != task_) {
    const std::uint64_t pair = MixSeed(write.site, site);
    Note(pair);
    if (write.pair != 0) Note(MixSeed(write.pair, pair));
    pair_ = pair;
  }
  if (!only_reads) write = {.execution = execution_, .site = site, .pair = pair_, .task = task_};
}

}  // namespace hocket::testing
