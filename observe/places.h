// Where in the program an access was made: the calls that led to it, and the source line of the program's own.
//
// Off unless somebody wants it, because it costs more than the access itself. Threads: of the thread's run.
#ifndef OBSERVE_PLACES_H_
#define OBSERVE_PLACES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace hocket::observe {

// Return addresses, innermost first; 0 behind the last one.
using CallChain = std::array<std::uintptr_t, 10>;

// The calls that `frame` stands at the end of, up to `end`, the place on the stack where the run begins.
CallChain CallsBelow(const void* frame, std::uintptr_t end) noexcept;

struct SourceLine {
  std::string file;
  int line = 0;
};

// The innermost line of `calls` that is the program's: not of a library, not of hocket's. None if there is no debug
// information, and none if the innermost one that is not of a standard library is hocket's own doing: a primitive reads
// its own state.
std::optional<SourceLine> ProgramLine(const CallChain& calls);

}  // namespace hocket::observe

#endif  // OBSERVE_PLACES_H_
