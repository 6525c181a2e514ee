#include "harness/sharding.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "harness/number.h"
#include "harness/registry.h"

namespace hocket::testing {

namespace {

constexpr std::uint64_t kMaxShards = 1'000'000;

// Bazel says it in variables of its own; its wrapper of tests repeats them in GoogleTest's, which may also be set by
// hand.
struct Names {
  const char* total;
  const char* index;
};
constexpr Names kBazel = {"TEST_TOTAL_SHARDS", "TEST_SHARD_INDEX"};
constexpr Names kGoogleTest = {"GTEST_TOTAL_SHARDS", "GTEST_SHARD_INDEX"};

absl::StatusOr<Shard> ReadShard() {
  // Bazel sets its total to 0 where a test is not sharded.
  const char* total = std::getenv(kBazel.total);
  const bool by_bazel = total != nullptr && std::string(total) != "0";
  const Names names = by_bazel ? kBazel : kGoogleTest;
  if (std::getenv(names.total) == nullptr) return Shard();
  Shard shard;
  if (absl::Status status = ReadNumber(names.total, 1, shard.total, kMaxShards); !status.ok()) return status;
  if (absl::Status status = ReadNumber(names.index, 0, shard.index, shard.total - 1); !status.ok()) return status;
  return shard;
}

// Skips the tests that are not ours, and belong to other shards.
class PlainTests final : public ::testing::EmptyTestEventListener {
 public:
  explicit PlainTests(const Shard& shard) : shard_(shard) {}

  void OnTestIterationStart(const ::testing::UnitTest&, int) override { next_ = 0; }
  void OnTestStart(const ::testing::TestInfo& info) override {
    if (IsRegistered(std::string(info.test_suite_name()) + "." + info.name())) return;
    const std::uint64_t runs_in = next_++ % shard_.total;
    if (runs_in == shard_.index) return;
    GTEST_MESSAGE_AT_(info.file(), info.line(), "", ::testing::TestPartResult::kSkip)
        << "runs in shard " << runs_in << " of " << shard_.total;
  }

 private:
  const Shard shard_;
  std::uint64_t next_ = 0;
};

// Before main, because GoogleTest looks at its variables from there on.
absl::StatusOr<Shard> TakeShard() {
  absl::StatusOr<Shard> shard = ReadShard();
  // Bazel wants to see that the test knows about shards, or else runs nothing in parallel.
  if (const char* file = std::getenv("TEST_SHARD_STATUS_FILE")) std::ofstream(file, std::ios::app).flush();
  if (!shard.ok()) return shard;
  unsetenv(kGoogleTest.total);
  unsetenv(kGoogleTest.index);
  if (shard->total > 1) ::testing::UnitTest::GetInstance()->listeners().Append(new PlainTests(*shard));
  return shard;
}

[[maybe_unused]] const absl::StatusOr<Shard>& this_shard = ThisShard();

}  // namespace

const absl::StatusOr<Shard>& ThisShard() {
  static const auto* const shard = new absl::StatusOr<Shard>(TakeShard());
  return *shard;
}

}  // namespace hocket::testing
