#include "harness/places.h"

#if HOCKET_OBSERVE
#include "harness/random.h"
#include "observe/observation.h"
#endif

namespace hocket::testing {

#if HOCKET_OBSERVE

KeptPlaces::KeptPlaces() { observe::Observation::OfThisThread().KeepCalls(true); }
KeptPlaces::~KeptPlaces() { observe::Observation::OfThisThread().KeepCalls(false); }

CallChain KeptPlaces::Calls() const { return observe::Observation::OfThisThread().calls(); }

std::optional<SourceLine> KeptPlaces::LineOf(const CallChain& calls) { return observe::ProgramLine(calls); }

std::uint64_t KeptPlaces::HashOf(const CallChain& calls) {
  std::uint64_t hash = 0;
  for (const std::uintptr_t call : calls) hash = MixSeed(hash, call);
  return hash;
}

#else

KeptPlaces::KeptPlaces() = default;
KeptPlaces::~KeptPlaces() = default;

CallChain KeptPlaces::Calls() const { return {}; }

std::optional<SourceLine> KeptPlaces::LineOf(const CallChain&) { return std::nullopt; }

std::uint64_t KeptPlaces::HashOf(const CallChain&) { return 0; }

#endif

}  // namespace hocket::testing
