#include "harness/report/pair_sentence.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace hocket::testing {

namespace {

// A task that both executions have started by its function, if no other task has the same one; otherwise by its path. A
// trace knows the functions of tasks that have waited in it.
std::string NameOf(const Trace& trace, const Trace& other, std::uint32_t task) {
  const bool known = !trace.functions[task].empty();
  const std::vector<std::string>& functions = known ? trace.functions : other.functions;
  const std::string& function = functions[task];
  if (!function.empty() && std::count(functions.begin(), functions.end(), function) == 1) return "`" + function + "`";
  return trace.tasks[task];
}

// Where the task goes on with the step that is event `index`.
std::string Resumes(const Trace& trace, std::size_t index) {
  const std::uint32_t task = trace.events[index].task;
  const auto end = trace.events.rend();
  const auto park = std::find_if(
      trace.events.rend() - static_cast<std::ptrdiff_t>(index), end,
      [&](const TraceEvent& event) { return event.task == task && event.kind == TraceEvent::Kind::kPark; });
  if (park == end) return " starts";
  const std::string file = park->file.substr(park->file.rfind('/') + 1);
  return " resumes at " + file + ":" + std::to_string(park->line);
}

}  // namespace

std::string PairSentence(const FoundFailure& found) {
  if (!found.pair) {
    if (found.pair_executions == 0) return "";
    return "no schedule next to it passes: all " + std::to_string(found.pair_executions) + " that were tried fail";
  }
  const Trace& passing = found.pair->trace;
  const Trace& failing = found.trace;
  const std::size_t parting = found.pair->parting;
  if (parting >= passing.events.size() || parting >= failing.events.size()) return "";
  const TraceEvent& wanted = passing.events[parting];
  const TraceEvent& unwanted = failing.events[parting];
  std::string text = "passes if ";
  switch (wanted.kind) {
    case TraceEvent::Kind::kJump:
      text += "time passes";
      break;
    case TraceEvent::Kind::kOutside:
      text += wanted.text + " happens";
      break;
    case TraceEvent::Kind::kDraw:
      return text + NameOf(passing, failing, wanted.task) + " draws " + std::to_string(wanted.value) + " instead of " +
             std::to_string(unwanted.value) + " as '" + wanted.text + "'";
    default:
      text += NameOf(passing, failing, wanted.task) + " runs";
      break;
  }
  text += " before ";
  switch (unwanted.kind) {
    case TraceEvent::Kind::kJump:
      return text + "time passes";
    case TraceEvent::Kind::kOutside:
      return text + unwanted.text + " happens";
    default:
      return text + NameOf(failing, passing, unwanted.task) + Resumes(failing, parting);
  }
}

}  // namespace hocket::testing
