// What the HTML report says about a failure that an exploration has found.
#ifndef HOCKET_HARNESS_REPORT_FAILURE_PAGE_H_
#define HOCKET_HARNESS_REPORT_FAILURE_PAGE_H_

#include "harness/report/html.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

// All but the command that replays it. Runs the shrunk schedule once more, and the nearest one that passes, so that it
// belongs where expectations are held, as Explore does. `options`: those of the exploration.
HtmlInput FailurePage(const Body& body, const FoundFailure& found, const ExploreOptions& options);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_FAILURE_PAGE_H_
