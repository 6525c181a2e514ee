#include "hocket/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace hocket {

namespace {
std::atomic<DeathNote> death_note{nullptr};
}

DeathNote SetDeathNote(DeathNote note) noexcept { return death_note.exchange(note); }

namespace internal {

CheckFailure::CheckFailure(const char* file, int line, const char* condition)
    : text_(std::string(file) + ":" + std::to_string(line) + ": HOCKET_CHECK(" + condition + ") failed: ") {}

CheckFailure::~CheckFailure() {
  std::fprintf(stderr, "%s\n", text_.c_str());
  if (const DeathNote note = death_note.exchange(nullptr)) note();
  std::fflush(stderr);
  std::abort();
}

CheckFailure& CheckFailure::operator<<(std::string_view text) {
  text_ += text;
  return *this;
}
CheckFailure& CheckFailure::operator<<(std::int64_t value) {
  text_ += std::to_string(value);
  return *this;
}
CheckFailure& CheckFailure::operator<<(std::uint64_t value) {
  text_ += std::to_string(value);
  return *this;
}

}  // namespace internal
}  // namespace hocket
