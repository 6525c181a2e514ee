#include "harness/report/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace hocket::testing {

namespace {

// Of terminals that do not tell.
constexpr std::size_t kUsualColumns = 80;

std::string_view Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::optional<std::size_t> TerminalColumns(int descriptor) {
  if (isatty(descriptor) != 1) return std::nullopt;
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsualColumns;
}

bool ColourWanted(int descriptor) {
  return isatty(descriptor) == 1 && Variable("NO_COLOR").empty() && Variable("TERM") != "dumb";
}

}  // namespace hocket::testing
