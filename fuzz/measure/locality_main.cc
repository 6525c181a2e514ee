// Measures how much of a run a byte that is changed or inserted leaves alone (docs/fuzz_format.md):
//
//   bazel run --config=libfuzzer //fuzz/measure:locality
//
// Random inputs, each so long that its bytes decide about the first half of its run, and for each of them changes of
// one byte. Of the decisions that the run makes after the first one that the change affects, it counts those that the
// changed run makes in the same way. Decisions are compared by name, as stored schedules have them: who stands where
// for the n-th time, or draws under which label.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "fuzz/measure/large_programs.h"
#include "harness/bytes.h"
#include "harness/execution.h"
#include "harness/position_tracker.h"
#include "harness/random.h"
#include "hocket/hocket.h"
#include "hocket/testing/explore.h"
#include "tests/bugs/gallery.h"

namespace hocket::bugs {
namespace {

using testing::PositionKey;

struct Named {
  PositionKey name;
  bool draws = false;
  std::uint64_t choice = 0;  // a task or a value

  friend bool operator==(const Named&, const Named&) = default;
};

// Decides as bytes say, and notes what.
class Noter final : public Chooser {
 public:
  const std::vector<Named>& decisions() const { return decisions_; }
  void SetInput(const std::string& input) {
    bytes_.SetInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  }

  void Begin(const Executor& executor) noexcept override {
    executor_ = &executor;
    decisions_.clear();
    positions_.Begin(executor);
    bytes_.Begin(executor);
  }
  bool WantsAccesses() const noexcept override { return bytes_.WantsAccesses(); }
  void Added(AlternativeId id) noexcept override { bytes_.Added(id); }
  void Removed(AlternativeId id, Removal why) noexcept override {
    if (why == Removal::kPicked) positions_.StepBegins(id);
    bytes_.Removed(id, why);
  }
  void Touched(const Access& access) noexcept override { bytes_.Touched(access); }
  AlternativeId Pick() noexcept override {
    const AlternativeId id = bytes_.Pick();
    decisions_.push_back({positions_.Last(), false, executor_->Owner(id).task});
    return id;
  }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    const std::uint32_t value = bytes_.Draw(n, label, kind);
    decisions_.push_back({positions_.NextDraw(label), true, value});
    return value;
  }

 private:
  testing::BytesStrategy bytes_;
  testing::PositionTracker positions_;
  const Executor* executor_ = nullptr;
  std::vector<Named> decisions_;
};

// A program with inputs: how many orders there are and what they are is drawn first, what clients do with them as they
// go along.
Task<> Orders() {
  Lock lock;
  int stock = 500;
  std::vector<int> orders(4 + Choose(16, "orders"));
  for (int& order : orders) order = static_cast<int>(Choose(100, "amount"));
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (std::size_t client = 0; client < 4; ++client) {
      nursery.StartSoon([&, client]() -> Task<> {
        for (std::size_t i = client; i < orders.size(); i += 4) {
          co_await lock.Acquire();
          const LockGuard guard(lock);
          stock -= orders[i];
          for (std::uint32_t left = Choose(4, "steps"); left > 0; --left) co_await Checkpoint();
          if (Choose(8, "returned") == 1) stock += orders[i];
        }
      });
    }
    co_return;
  });
}

enum Class : std::size_t { kTailKind, kTailSeed, kDecision, kValue, kClasses };
constexpr std::array<const char*, kClasses> kClassNames = {"byte 0", "bytes 1-4", "a decision", "a drawn value"};

struct Share {
  double sum = 0;
  int changes = 0;
};

constexpr int kInputs = 200;
constexpr int kMutations = 40;  // of each

enum class Mutation { kChange, kInsertion };

std::array<Share, kClasses> Measure(const testing::Body& body, Mutation mutation) {
  const testing::ExploreOptions options;
  testing::Execution execution(body, options);
  Noter noter;
  testing::Random random(1);
  std::array<Share, kClasses> shares;
  const auto run = [&](const std::string& input) {
    noter.SetInput(input);
    execution.Run(noter);
    return noter.decisions();
  };
  for (int i = 0; i < kInputs; ++i) {
    std::string input(2000, '\0');
    for (char& byte : input) byte = static_cast<char>(random.Below(256));
    input.resize(5 + run(input).size() / 2);
    const std::vector<Named> before = run(input);
    for (int nth = 0; nth < kMutations; ++nth) {
      std::string changed = input;
      // The header is hit as often as what is behind it.
      const std::size_t place = nth % 2 == 0 ? random.Below(5) : random.Below(static_cast<std::uint32_t>(input.size()));
      if (mutation == Mutation::kInsertion) changed.insert(place, 1, '\0');
      changed[place] = static_cast<char>(random.Below(256));
      const std::vector<Named> after = run(changed);
      std::size_t first = 0;
      while (first < before.size() && first < after.size() && before[first] == after[first]) ++first;
      if (first + 1 >= before.size()) continue;  // nothing has changed, or nothing comes after it
      const Class changes = place == 0 ? kTailKind : place < 5 ? kTailSeed : before[first].draws ? kValue : kDecision;
      absl::flat_hash_map<std::pair<PositionKey, bool>, std::uint64_t> choices;
      for (const Named& decision : after) choices[{decision.name, decision.draws}] = decision.choice;
      int same = 0;
      for (std::size_t later = first + 1; later < before.size(); ++later) {
        const auto found = choices.find({before[later].name, before[later].draws});
        if (found != choices.end() && found->second == before[later].choice) ++same;
      }
      shares[changes].sum += same / static_cast<double>(before.size() - first - 1);
      ++shares[changes].changes;
    }
  }
  return shares;
}

void Print(const char* name, const testing::Body& body, Mutation mutation) {
  const std::array<Share, kClasses> shares = Measure(body, mutation);
  std::printf("%-18s", name);
  for (const Share& share : shares) {
    if (share.changes == 0) {
      std::printf("%16s", "-");
    } else {
      std::printf("%15.0f%%", 100 * share.sum / share.changes);
    }
  }
  std::printf("\n");
}

void PrintTable(const char* title, Mutation mutation) {
  std::printf("%-18s", title);
  for (const char* name : kClassNames) std::printf("%16s", name);
  std::printf("\n");
  const auto fixed = [](const Program& program) { return BodyOf(program, true, Regime::kPlain, 1); };
  for (const char* name : {"philo6", "reorder10", "account", "lock_wake_lost", "pool_of_two"}) {
    Print(name, fixed(*FindProgram(name)), mutation);
  }
  for (const Program& program : LargePrograms()) Print(program.name, fixed(program), mutation);
  Print("orders", Orders, mutation);
}

}  // namespace
}  // namespace hocket::bugs

int main() {
  hocket::bugs::PrintTable("changed", hocket::bugs::Mutation::kChange);
  hocket::bugs::PrintTable("inserted", hocket::bugs::Mutation::kInsertion);
}
