// The fuzzer's bytes over the whole gallery: bytes, tokens and bytes again mean the same run, whether it fails or not.
#include "harness/bytes.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "harness/random.h"
#include "hocket/testing/explore.h"
#include "hocket/testing/schedule.h"
#include "tests/bugs/gallery.h"

namespace hocket::bugs {
namespace {

using testing::ReplayResult;

// Empty, shorter than a header, of all tails, and longer than most runs.
std::string RandomBytes(testing::Random& random, std::uint32_t nth) {
  std::string bytes(nth < 7 ? nth : random.Below(80), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Below(256));
  return bytes;
}

TEST(Bytes, RunTokenAndBytesAgainAreTheSame) {
  testing::Random random(1);
  int failures = 0;
  for (const Program& program : Gallery()) {
    const testing::Body body = BodyOf(program, /*fixed=*/false, Regime::kPlain, 1);
    for (std::uint32_t nth = 0; nth < 16; ++nth) {
      const std::string bytes = RandomBytes(random, nth);
      const ReplayResult run = testing::ReplayBytes(body, bytes, {});
      if (run.failure) ++failures;
      const std::string token = testing::FormatToken(run.schedule);
      const absl::StatusOr<testing::Schedule> schedule = testing::ParseToken(token);
      ASSERT_TRUE(schedule.ok()) << program.name << ": " << schedule.status();
      const std::string encoded = testing::EncodeBytes(body, *schedule, {});
      const ReplayResult again = testing::ReplayBytes(body, encoded, {});
      EXPECT_TRUE(again.trace == run.trace) << program.name << ": " << token;
      EXPECT_EQ(testing::FormatToken(again.schedule), token) << program.name;
      EXPECT_EQ(testing::EncodeBytes(body, again.schedule, {}), encoded) << program.name << ": " << token;
    }
  }
  EXPECT_GT(failures, 50);  // so that runs that fail are among them
}

}  // namespace
}  // namespace hocket::bugs
