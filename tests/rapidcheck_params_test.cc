#include "harness/rapidcheck_params.h"

#include <gtest/gtest.h>

#include <string>

#include "harness/settings.h"

namespace hocket::testing {
namespace {

std::string ErrorIn(const std::string& text) { return MessageOf(ParseRapidCheckParams(text).status()); }

TEST(RapidCheckParams, AreReadAsRapidCheckReadsThem) {
  const absl::StatusOr<RapidCheckParams> params = ParseRapidCheckParams(
      " seed=18446744073709551615  max_success = \"7\" max_size='8'\tmax_discard_ratio=9 noshrink=1 verbose_progress=1 "
      "verbose_shrinking=0 reproduce=abc=");
  ASSERT_TRUE(params.ok()) << MessageOf(params.status());
  EXPECT_EQ(params->seed, 18446744073709551615u);
  EXPECT_EQ(params->max_success, 7u);
  EXPECT_EQ(params->max_size, 8u);
  EXPECT_EQ(params->max_discard_ratio, 9u);
  EXPECT_TRUE(params->noshrink);
  EXPECT_TRUE(params->verbose_progress);
  EXPECT_FALSE(params->verbose_shrinking);
}

TEST(RapidCheckParams, HaveRapidChecksDefaults) {
  const absl::StatusOr<RapidCheckParams> params = ParseRapidCheckParams("");
  ASSERT_TRUE(params.ok());
  EXPECT_FALSE(params->seed);
  EXPECT_FALSE(params->max_success);
  EXPECT_EQ(params->max_size, 100u);
  EXPECT_EQ(params->max_discard_ratio, 10u);
  EXPECT_FALSE(params->noshrink);
}

TEST(RapidCheckParams, AreRefusedWithAPosition) {
  EXPECT_EQ(ErrorIn("seed=1 max_sucess=2"),
            "RC_PARAMS, character 8: expected seed, max_success, max_size, max_discard_ratio, noshrink, "
            "verbose_progress, verbose_shrinking or reproduce, found 'max_sucess'");
  EXPECT_EQ(ErrorIn("seed=-1"), "RC_PARAMS, character 6: expected a number from 0 to 18446744073709551615, found '-1'");
  EXPECT_EQ(ErrorIn("seed=18446744073709551616"),
            "RC_PARAMS, character 6: expected a number from 0 to 18446744073709551615, found '18446744073709551616'");
  EXPECT_EQ(ErrorIn("max_size=2147483648"),
            "RC_PARAMS, character 10: expected a number from 0 to 2147483647, found '2147483648'");
  EXPECT_EQ(ErrorIn("noshrink"), "RC_PARAMS, character 9: expected a number from 0 to 1, found nothing");
  EXPECT_EQ(ErrorIn("noshrink=2"), "RC_PARAMS, character 10: expected a number from 0 to 1, found '2'");
  EXPECT_EQ(ErrorIn("seed='1"), "RC_PARAMS, character 8: expected a closing ', found nothing");
  EXPECT_EQ(ErrorIn("=1"),
            "RC_PARAMS, character 1: expected seed, max_success, max_size, max_discard_ratio, noshrink, "
            "verbose_progress, verbose_shrinking or reproduce, found nothing");
}

}  // namespace
}  // namespace hocket::testing
