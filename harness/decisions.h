// The decisions of an execution by handle, as words of a schedule's `input`: exact for the same program, useless for
// any other. A process that dies can write them without running anything, which it could not do with names.
//
// The words are "decisions", the picks and the draws: runs of equal numbers with dots between them ("0x5.2" is 0 five
// times and 2), or "-" for none. They follow on those of a property's input.
//
// Test: tests/decisions_test.cc.
#ifndef HOCKET_HARNESS_DECISIONS_H_
#define HOCKET_HARNESS_DECISIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hocket/chooser.h"

namespace hocket::testing {

inline constexpr char kDecisions[] = "decisions";

struct Decisions {
  std::vector<AlternativeId> picks;
  std::vector<std::uint32_t> draws;
};

// Takes the decisions from the end of `input`. None if it holds none; or what is wrong with which word.
absl::StatusOr<std::optional<Decisions>> TakeDecisions(std::vector<std::string>& input);

// Writes numbers as a word, piece by piece: takes no memory, so that it can be done by a process that dies. `put` is
// called with the pieces.
void FormatRuns(const std::uint32_t* numbers, std::size_t count,
                void (*put)(void* to, const char* text, std::size_t size), void* to) noexcept;

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DECISIONS_H_
