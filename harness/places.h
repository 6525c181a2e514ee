// Where accesses are made, in builds that observe memory; unknown in others.
#ifndef HOCKET_HARNESS_PLACES_H_
#define HOCKET_HARNESS_PLACES_H_

#include <cstdint>
#include <optional>
#include <string>

#if HOCKET_OBSERVE
#include "observe/places.h"
#endif

namespace hocket::testing {

#if HOCKET_OBSERVE
using observe::CallChain;
using observe::SourceLine;
#else
struct CallChain {};
struct SourceLine {
  std::string file;
  int line = 0;
};
#endif

// While it lives, the calls that lead to accesses are kept.
class KeptPlaces {
 public:
  KeptPlaces();
  KeptPlaces(const KeptPlaces&) = delete;
  KeptPlaces& operator=(const KeptPlaces&) = delete;
  ~KeptPlaces();

  // Of the access that Chooser::Touched hears of now.
  CallChain Calls() const;
  // The line of the program that `calls` came from. None if a primitive did it, and none without instrumentation.
  static std::optional<SourceLine> LineOf(const CallChain& calls);
  // The same for the same code within a process: to be looked up, not to be ordered by.
  static std::uint64_t HashOf(const CallChain& calls);
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_PLACES_H_
