// HOCKET_CHECK(condition) << "what to do next";
//
// An always-on assertion for a caller's bug or our own. A failing check writes file, line, condition and message to
// standard error, then the notes of whoever asked to be heard on a death (the test harness adds the replay line of the
// execution under way), and aborts.
//
// It cannot be used for bad input (a schedule, a flag, a file): that is an absl::Status with a position. It cannot be
// caught: a program that went on after a broken precondition would report schedules that do not exist.
//
// Threads: any. Modelled on ABSL_CHECK, which Debian's abseil does not have yet.
#ifndef HOCKET_CHECK_H_
#define HOCKET_CHECK_H_

#if __cplusplus < 202002L
#error "hocket needs C++20: compile with -std=c++20"
#endif

#include <cstdint>
#include <string>
#include <string_view>

namespace hocket {

// Called once, on the dying thread, after a failed check has been printed and before the process aborts. Must not
// allocate from the run.
using DeathNote = void (*)() noexcept;

// Registers `note` (or nothing, with nullptr) and returns the one before it.
DeathNote SetDeathNote(DeathNote note) noexcept;

namespace internal {

// Collects the message of a failing check; its destructor prints it and aborts.
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition);
  CheckFailure(const CheckFailure&) = delete;
  [[noreturn]] ~CheckFailure();

  CheckFailure& operator<<(std::string_view text);
  CheckFailure& operator<<(const char* text) { return *this << std::string_view(text); }
  CheckFailure& operator<<(const std::string& text) { return *this << std::string_view(text); }
  CheckFailure& operator<<(std::int64_t value);
  CheckFailure& operator<<(std::uint64_t value);
  CheckFailure& operator<<(int value) { return *this << static_cast<std::int64_t>(value); }
  CheckFailure& operator<<(unsigned value) { return *this << static_cast<std::uint64_t>(value); }

 private:
  std::string text_;
};

// Lets the macro be an expression of type void on both branches.
struct Voidify {
  void operator&(const CheckFailure&) const {}
};

}  // namespace internal
}  // namespace hocket

#define HOCKET_CHECK(condition)      \
  (condition) ? static_cast<void>(0) \
              : ::hocket::internal::Voidify() & ::hocket::internal::CheckFailure(__FILE__, __LINE__, #condition)

#endif  // HOCKET_CHECK_H_
