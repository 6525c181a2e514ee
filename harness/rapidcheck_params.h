// RC_PARAMS: what users of RapidCheck set for all properties of a process.
#ifndef HOCKET_HARNESS_RAPIDCHECK_PARAMS_H_
#define HOCKET_HARNESS_RAPIDCHECK_PARAMS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace hocket::testing {

struct RapidCheckParams {
  std::optional<std::uint64_t> seed;         // of the inputs
  std::optional<std::uint64_t> max_success;  // inputs
  std::uint64_t max_size = 100;
  std::uint64_t max_discard_ratio = 10;
  bool noshrink = false;
  bool verbose_progress = false;
  bool verbose_shrinking = false;
};

// Reads text like "seed=7 max_size='20'", or says what is wrong with it at which character. `reproduce`, which names
// failures of RapidCheck's own, says nothing about ours, and is passed over.
absl::StatusOr<RapidCheckParams> ParseRapidCheckParams(const std::string& text);

// Of the environment.
absl::StatusOr<RapidCheckParams> ReadRapidCheckParams();

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_RAPIDCHECK_PARAMS_H_
