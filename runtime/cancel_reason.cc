#include "hocket/cancel_reason.h"

#include <utility>

namespace hocket {

const char* ToString(CancelSource source) noexcept {
  switch (source) {
    case CancelSource::kExplicit:
      return "explicit";
    case CancelSource::kDeadline:
      return "deadline";
    case CancelSource::kNursery:
      return "nursery";
    case CancelSource::kShutdown:
      return "shutdown";
    case CancelSource::kTest:
      return "test";
  }
  return "";
}

std::string CancelReason::ToString() const {
  std::string line = hocket::ToString(source);
  if (!text.empty()) line += ": " + text;
  if (cause) line += ": " + cause.ToString();
  std::string who;
  if (task) who = "task " + std::to_string(*task);
  if (where.line() != 0) {
    who += std::string(who.empty() ? "at " : ", at ") + where.file_name() + ":" + std::to_string(where.line());
  }
  return who.empty() ? line : line + " (" + who + ")";
}

}  // namespace hocket
