// Exploration::Statement: what came out, then in brackets what was explored.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "harness/report/counts.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

namespace {

// "classes" and "schedules with at most 2 delays", taken apart.
struct What {
  std::string plural;
  std::string limits;  // " with at most 2 delays", or empty
};

What WhatOf(const Coverage& coverage) {
  const std::size_t end = std::min(coverage.what.find(' '), coverage.what.size());
  return {coverage.what.substr(0, end), coverage.what.substr(end)};
}

std::string Singular(const std::string& plural) {
  return plural.substr(0, plural.size() - (plural.ends_with("sses") ? 2 : 1));
}

std::string Proof(const Coverage& coverage) {
  return coverage.assuming.empty() ? ", proved" : ", assuming " + coverage.assuming;
}

std::string Complete(const Coverage& coverage) {
  const What what = WhatOf(coverage);
  const bool one = coverage.schedules == 1;
  const std::string how_many = Thousands(coverage.schedules) + " " + (one ? Singular(what.plural) : what.plural);
  if (!what.limits.empty()) return "no violation" + what.limits + " (" + how_many + ")" + Proof(coverage);
  return (one ? "explored the only " + Singular(what.plural) : "explored all " + how_many) + ": no violation" +
         Proof(coverage);
}

std::string Milliseconds(std::uint64_t ms) {
  return ms % 1000 == 0 ? Thousands(ms / 1000) + " s" : Thousands(ms) + " ms";
}

std::string WhenItEnded(const Exploration& exploration) {
  switch (exploration.ended) {
    case Ended::kFailure:
      return "";
    case Ended::kExhausted:
      return " when nothing was left to explore";
    case Ended::kExecutions:
      return " when the budget of " + Count(exploration.budget, "execution") + " ended";
    case Ended::kSteps:
      return " when the budget of " + Count(exploration.budget, "step") + " ended";
    case Ended::kTime:
      return " when the budget of " + Milliseconds(exploration.budget) + " ended";
    case Ended::kDeadline:
      return " when the time limit of the test came near";
  }
  return "";
}

std::string Counts(const Exploration& exploration) {
  std::string text = Count(exploration.executions, "execution") + ", " + Thousands(exploration.distinct) + " distinct";
  if (exploration.cut > 0) text += ", " + Thousands(exploration.cut) + " cut";
  text += ", " + Count(exploration.steps, "step");
  const bool stopped_early =
      exploration.ended == Ended::kSteps || exploration.ended == Ended::kTime || exploration.ended == Ended::kDeadline;
  if (stopped_early) text += "; left: " + Count(exploration.left, "execution");
  return " (" + text + ")";
}

std::string Outcome(const Exploration& exploration) {
  if (exploration.nondeterminism) return "not deterministic: " + *exploration.nondeterminism;
  if (exploration.failure) {
    const std::string& strategy = exploration.failure->strategy;
    return "execution " + Thousands(exploration.failure->execution) + (strategy.empty() ? "" : " (" + strategy + ")") +
           " fails";
  }
  const std::optional<Coverage>& coverage = exploration.coverage;
  if (coverage && coverage->complete) return Complete(*coverage);
  const std::string ended = WhenItEnded(exploration);
  if (coverage && coverage->explored > 0) {
    return "about " + Percent(coverage->explored) +
           (WhatOf(*coverage).limits.empty() ? "" : " of the " + coverage->what) + " explored" + ended +
           ": no violation";
  }
  return "no violation" + ended;
}

}  // namespace

std::string Exploration::Statement() const { return Outcome(*this) + Counts(*this); }

}  // namespace hocket::testing
