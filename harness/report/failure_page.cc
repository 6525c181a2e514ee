#include "harness/report/failure_page.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "harness/report/counts.h"
#include "harness/report/recording.h"

namespace hocket::testing {

HtmlInput FailurePage(const Body& body, const FoundFailure& found, const ExploreOptions& options) {
  HtmlInput input;
  input.test = found.schedule.test;
  input.message = found.failure.message;
  // A stored schedule was not found here.
  input.found = found.strategy == "replay"
                    ? "replayed"
                    : absl::StrCat("found by execution ", Thousands(found.execution), " (", found.strategy, ", seed ",
                                   options.seed, "); shrunk from ", Count(found.deviations_found, "deviation"), " to ",
                                   Thousands(found.schedule.deviations.size()), " in ",
                                   Count(found.shrink_executions, "execution"));
  input.failing = {found.schedule, RecordSchedule(body, found.schedule, options)};
  if (found.pair) input.passing = {found.pair->schedule, RecordSchedule(body, found.pair->schedule, options)};
  return input;
}

}  // namespace hocket::testing
