// What is at the other end of a stream.
#ifndef HOCKET_HARNESS_REPORT_TERMINAL_H_
#define HOCKET_HARNESS_REPORT_TERMINAL_H_

#include <cstddef>
#include <optional>

namespace hocket::testing {

// The columns of the terminal that the file descriptor writes to; none if it writes to something else.
std::optional<std::size_t> TerminalColumns(int descriptor);

// Whether text on the file descriptor may be coloured: on a terminal that is not dumb, unless NO_COLOR
// (https://no-color.org) is set and not empty.
bool ColourWanted(int descriptor);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_TERMINAL_H_
