#include "tests/search/comparison.h"

#include "harness/execution.h"
#include "hocket/check.h"
#include "tests/search/class_of_schedule.h"

namespace hocket::testing {

Seen SeenBy(const std::string& strategy, const Body& body, const ExploreOptions& options, std::uint64_t executions,
            const std::function<std::string()>& observed) {
  auto made = ParseStrategy(strategy, {.seed = options.seed, .memory = options.memory, .budget = executions});
  HOCKET_CHECK(made.ok()) << std::string(made.status().message());
  Strategy& search = **made;
  ClassOfSchedule classes(search, options.memory);
  Execution execution(body, options);
  Seen seen;
  std::uint64_t complete = 0;
  for (std::uint64_t i = 0; i < executions && !seen.complete; ++i) {
    search.StartExecution(i);
    const Record& record = execution.Run(classes);
    search.EndExecution();
    seen.complete = search.Exhausted();
    const Coverage coverage = *search.Covered();
    seen.cut = coverage.cut;
    if (coverage.schedules == complete) continue;  // it was cut
    complete = coverage.schedules;
    ++seen.schedules;
    seen.classes.insert(classes.Hash());
    std::string outcome = record.failure ? record.failure->message : "passes";
    if (observed) outcome += "\n" + observed();
    seen.outcomes.insert(outcome);
  }
  return seen;
}

}  // namespace hocket::testing
