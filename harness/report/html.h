// A failure as one HTML file: timelines of the failing execution and of a similar one that passes, step by step, with
// everything that is known about each step. The file needs no network and no other file.
//
//     const std::string page = HtmlReport({.test = found.schedule.test,
//                                          .message = found.failure.message,
//                                          .failing = {found.schedule, RecordSchedule(body, found.schedule,
//                                          options)}});
//
// What cannot happen: that a name, a message or a label becomes markup. They are data, which the page's script only
// sets as text.
//
// Threads: any.
#ifndef HOCKET_HARNESS_REPORT_HTML_H_
#define HOCKET_HARNESS_REPORT_HTML_H_

#include <optional>
#include <string>

#include "harness/report/recording.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

struct HtmlSide {
  Schedule schedule;
  Recording recording;
};

struct HtmlInput {
  std::string test;     // its full name
  std::string message;  // of the failure
  std::string found;    // one sentence: how it was found
  std::string replay;   // the command that shows it again
  HtmlSide failing;
  std::optional<HtmlSide> passing;  // the nearest schedule that passes
};

std::string HtmlReport(const HtmlInput& input);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_HTML_H_
