// Schedules as inputs: well-formed ones, and texts that are nearly right.
#ifndef HOCKET_FUZZ_DRAWN_SCHEDULE_H_
#define HOCKET_FUZZ_DRAWN_SCHEDULE_H_

#include <string>

#include "absl/status/status.h"
#include "hocket/testing/schedule.h"

namespace hocket::testing {

// Any well-formed schedule of a few fields (schedule.h says what that is).
Schedule DrawSchedule();

// A well-formed schedule but for at most one flaw, which is drawn as well. Says whether it has one.
struct FlawedSchedule {
  Schedule schedule;
  bool has_flaw = false;
};
FlawedSchedule DrawFlawedSchedule();

// `text` after a few edits: cut off, bytes changed, words of the format put in, pieces doubled or taken out.
std::string DrawEdits(std::string text);

// What is wrong with the answer to a text that was refused: it must name a place in the text, and what was expected and
// found there, in a line that a terminal can show. Empty if nothing is.
std::string WrongAboutRefusal(const absl::Status& status, const std::string& text, bool is_file);

}  // namespace hocket::testing

#endif  // HOCKET_FUZZ_DRAWN_SCHEDULE_H_
