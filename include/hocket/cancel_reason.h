// Why a cancellation came: who cancelled the scope, or what did.
//
//     Outcome<> outcome = co_await Capture(Work());
//     if (outcome.is_cancelled()) Log(outcome.failure().cancel_reason()->ToString());
//
// The first cause wins: a scope that is cancelled twice keeps the reason of the first time, and a scope without one of
// its own has that of the scope around it.
#ifndef HOCKET_CANCEL_REASON_H_
#define HOCKET_CANCEL_REASON_H_

#include <cstdint>
#include <optional>
#include <source_location>
#include <string>

#include "hocket/failure.h"

namespace hocket {

enum class CancelSource : std::uint8_t {
  kExplicit,  // a call of Cancel
  kDeadline,  // time
  kNursery,   // something in the nursery failed
  kShutdown,  // the main task has ended
  kTest,      // a test, which may cancel the scope at any time (OfferCancellation)
};

// "explicit", "deadline", "nursery", "shutdown" or "test".
const char* ToString(CancelSource source) noexcept;

struct CancelReason {
  CancelSource source = CancelSource::kExplicit;
  std::string text;                   // what Cancel was given
  std::optional<std::uint32_t> task;  // the spawn number of the task that called Cancel or failed
  std::source_location where;         // of the call of Cancel: an annotation, differs between compilers
  Failure cause;                      // kNursery: what failed. Scopes forget it when they are left.

  // One line: "explicit: user pressed stop (task 3, at ui.cc:40)".
  std::string ToString() const;
};

}  // namespace hocket

#endif  // HOCKET_CANCEL_REASON_H_
