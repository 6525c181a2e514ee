// Makes strategies from their spellings: one row each.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "harness/profile.h"
#include "harness/strategy/search.h"
#include "harness/strategy/strategies.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

namespace {

using Made = std::unique_ptr<Strategy>;

// A parameter that is a number, or none.
struct Parameter {
  enum class Use : std::uint8_t { kNone, kOptional, kRequired };

  Use use = Use::kNone;
  const char* what = "";
  std::uint32_t least = 0;
  std::uint32_t most = 0;
  std::uint32_t otherwise = 0;  // what it is unless given
};

struct Spelling {
  const char* name;
  Parameter parameter;
  Made (*make)(std::uint32_t parameter, const StrategyOptions& options);
};

constexpr Parameter kNoParameter = {};
constexpr Parameter kPercent = {Parameter::Use::kOptional, "a probability in percent", 0, 100, 10};
constexpr Parameter kDepth = {Parameter::Use::kOptional, "a depth", 1, 100, 3};
constexpr Parameter kInjections = {Parameter::Use::kOptional, "a bound", 0, 100, 1};
constexpr Parameter kBound = {Parameter::Use::kRequired, "a bound", 0, 100, 0};

Made MakeSearch(SearchOptions::Kind kind, std::uint32_t bound, const StrategyOptions& options) {
  return std::make_unique<Search>(SearchOptions{.kind = kind, .bound = bound, .memory = options.memory});
}

const std::vector<Spelling>& Spellings() {
  using Options = StrategyOptions;
  static const std::vector<Spelling> spellings = {
      {"stay", kNoParameter, [](std::uint32_t, const Options&) -> Made { return MakeBaseStrategy(Base::kStay); }},
      {"fifo", kNoParameter, [](std::uint32_t, const Options&) -> Made { return MakeBaseStrategy(Base::kFifo); }},
      {"spawn", kNoParameter, [](std::uint32_t, const Options&) -> Made { return MakeBaseStrategy(Base::kSpawn); }},
      {"round-robin", kNoParameter,
       [](std::uint32_t, const Options& options) -> Made { return MakeRoundRobin(options.seed); }},
      {"trio-batch", kNoParameter,
       [](std::uint32_t, const Options& options) -> Made { return MakeTrioBatch(options.seed); }},
      {"random", kNoParameter,
       [](std::uint32_t, const Options& options) -> Made { return MakeRandomWalk(options.seed); }},
      {"sticky", kPercent,
       [](std::uint32_t percent, const Options& options) -> Made { return MakeSticky(options.seed, percent); }},
      {"swarm", kNoParameter,
       [](std::uint32_t, const Options& options) -> Made { return MakeSwarm(options.seed, nullptr); }},
      {"pct", kDepth, [](std::uint32_t depth, const Options& options) -> Made { return MakePct(options.seed, depth); }},
      {"pos", kNoParameter, [](std::uint32_t, const Options& options) -> Made { return MakePos(options.seed); }},
      {"urw", kNoParameter,
       [](std::uint32_t, const Options& options) -> Made {
         return MakeUrw(options.seed, std::make_shared<Profile>());
       }},
      {"surw", kNoParameter,
       [](std::uint32_t, const Options& options) -> Made {
         return MakeSurw(options.seed, std::make_shared<Profile>());
       }},
      {"portfolio", kNoParameter,
       [](std::uint32_t, const Options& options) -> Made { return MakePortfolio(options.seed); }},

      // The searches, and what interleaves them with sampling.
      {"delay", kBound,
       [](std::uint32_t bound, const Options& options) -> Made {
         return MakeSearch(SearchOptions::Kind::kDelays, bound, options);
       }},
      {"preemption", kBound,
       [](std::uint32_t bound, const Options& options) -> Made {
         return MakeSearch(SearchOptions::Kind::kPreemptions, bound, options);
       }},
      {"sweep", kInjections,
       [](std::uint32_t bound, const Options& options) -> Made {
         return MakeSearch(SearchOptions::Kind::kSweep, bound, options);
       }},
      {"exhaustive", kNoParameter,
       [](std::uint32_t, const Options& options) -> Made {
         return MakeSearch(SearchOptions::Kind::kReduced, 0, options);
       }},
      {"dfs", kNoParameter,
       [](std::uint32_t, const Options& options) -> Made { return MakeSearch(SearchOptions::Kind::kAll, 0, options); }},
      {"default", kNoParameter, [](std::uint32_t, const Options& options) -> Made { return MakeDefault(options); }},
  };
  return spellings;
}

std::string Names() {
  std::string names;
  for (const Spelling& spelling : Spellings()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", spelling.name,
                    spelling.parameter.use == Parameter::Use::kRequired ? ":N" : "");
  }
  return names;
}

// What is wrong with `spelling` at its character with this index.
absl::Status Wrong(const std::string& spelling, std::size_t index, const std::string& expected) {
  const std::string rest = spelling.substr(index);
  return absl::InvalidArgumentError(absl::StrCat("strategy, character ", index + 1, ": expected ", expected, ", found ",
                                                 rest.empty() ? "the end" : absl::StrCat("'", rest, "'")));
}

absl::StatusOr<std::uint32_t> ParseParameter(const std::string& spelling, std::size_t start,
                                             const Parameter& parameter) {
  std::uint64_t value = 0;
  std::size_t i = start;
  for (; i < spelling.size() && spelling[i] >= '0' && spelling[i] <= '9' && value <= parameter.most; ++i) {
    value = 10 * value + static_cast<std::uint64_t>(spelling[i] - '0');
  }
  if (i == start || i < spelling.size() || value < parameter.least || value > parameter.most) {
    return Wrong(spelling, start, absl::StrCat(parameter.what, " from ", parameter.least, " to ", parameter.most));
  }
  return static_cast<std::uint32_t>(value);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Strategy>> ParseStrategy(const std::string& spelling, const StrategyOptions& options) {
  const std::size_t colon = spelling.find(':');
  const std::string name = spelling.substr(0, colon);
  for (const Spelling& known : Spellings()) {
    if (name != known.name) continue;
    const Parameter& parameter = known.parameter;
    if (colon == std::string::npos) {
      if (parameter.use == Parameter::Use::kRequired) {
        return Wrong(spelling, spelling.size(),
                     absl::StrCat("':' and ", parameter.what, " from ", parameter.least, " to ", parameter.most));
      }
      return known.make(parameter.otherwise, options);
    }
    if (parameter.use == Parameter::Use::kNone) return Wrong(spelling, colon, "the end");
    const absl::StatusOr<std::uint32_t> value = ParseParameter(spelling, colon + 1, parameter);
    if (!value.ok()) return value.status();
    return known.make(*value, options);
  }
  return Wrong(spelling, 0, absl::StrCat("one of ", Names()));
}

const std::vector<std::string>& StrategyNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Spelling& spelling : Spellings()) {
      if (spelling.parameter.use != Parameter::Use::kRequired) all.push_back(spelling.name);
    }
    return all;
  }();
  return names;
}

}  // namespace hocket::testing
