// Shards: the processes among which Bazel, or whoever sets GoogleTest's variables, divides a test program.
//
// GoogleTest would give each test to one shard. What takes time here is not the number of tests but that of the
// executions of each, so these are divided instead (ExploreOptions::shard), and every shard runs every HOCKET_TEST and
// HOCKET_PROPERTY. A test that is neither runs in one shard, and is skipped in the others.
//
// Left out: a search, whose executions follow from each other, is run by the first shard alone.
//
// Test: tests/front_end_test.cc.
#ifndef HOCKET_HARNESS_SHARDING_H_
#define HOCKET_HARNESS_SHARDING_H_

#include <cstdint>

#include "absl/status/statusor.h"

namespace hocket::testing {

struct Shard {
  std::uint64_t index = 0;
  std::uint64_t total = 1;
};

// What this process was started as: the variables are read once, before main, and taken away from GoogleTest. Or what
// is wrong with which of them.
const absl::StatusOr<Shard>& ThisShard();

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_SHARDING_H_
