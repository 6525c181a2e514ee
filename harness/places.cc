#include "harness/places.h"

#if HOCKET_OBSERVE
#include "observe/observation.h"
#endif

namespace hocket::testing {

#if HOCKET_OBSERVE

KeptPlaces::KeptPlaces() { observe::Observation::OfThisThread().KeepCalls(true); }
KeptPlaces::~KeptPlaces() { observe::Observation::OfThisThread().KeepCalls(false); }

CallChain KeptPlaces::Calls() const { return observe::Observation::OfThisThread().calls(); }

std::optional<SourceLine> KeptPlaces::LineOf(const CallChain& calls, bool* is_own) {
  std::optional<SourceLine> line = observe::ProgramLine(calls);
  *is_own = line.has_value();
  return line;
}

#else

KeptPlaces::KeptPlaces() = default;
KeptPlaces::~KeptPlaces() = default;

CallChain KeptPlaces::Calls() const { return {}; }

std::optional<SourceLine> KeptPlaces::LineOf(const CallChain&, bool* is_own) {
  *is_own = true;
  return std::nullopt;
}

#endif

}  // namespace hocket::testing
