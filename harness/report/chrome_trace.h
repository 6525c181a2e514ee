// A recording in the Trace Event Format, which Perfetto (ui.perfetto.dev) and chrome://tracing open: for executions
// with more steps than a page can show.
//
//     std::ofstream("failure.trace.json") << ChromeTrace(recording, "Bank.AuditSeesAllTheMoney");
//
// A thread stands for a task, and one for the clock; ten microseconds stand for a step, because most steps take no
// virtual time, which is a counter. Steps, waits and lives are slices, scopes and nurseries are asynchronous ones;
// starts, wake-ups and values sent are flows.
//
// The format: docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU. Threads: any.
#ifndef HOCKET_HARNESS_REPORT_CHROME_TRACE_H_
#define HOCKET_HARNESS_REPORT_CHROME_TRACE_H_

#include <string>

#include "harness/report/recording.h"

namespace hocket::testing {

// JSON. `name` is what the process is called.
std::string ChromeTrace(const Recording& recording, const std::string& name);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_CHROME_TRACE_H_
