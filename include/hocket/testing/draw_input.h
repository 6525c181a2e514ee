// Inputs from the decision stream: what a test is given is drawn like its schedule, so a fuzzer's bytes, a seed and a
// token stand for both at once.
//
//     HOCKET_TEST(Buffer, GivesBackWhatItTook) {
//       const auto capacity = DrawBetween<std::size_t>(0, 8, "capacity");
//       const std::string bytes = DrawBytes(20, "bytes");
//       auto [sender, receiver] = OpenChannel<char>(capacity);
//       co_await WithNursery([&](Nursery& nursery) -> Task<> {
//         nursery.StartSoon([&]() -> Task<> {
//           for (const char byte : bytes) co_await sender.Send(byte);
//         });
//         for (const char byte : bytes) EXPECT_EQ(co_await receiver.Receive(), byte);
//       });
//     }
//
// Each function makes ordinary draws (hocket/draw.h): they are recorded, replayed, and shrunk towards the first and the
// shortest. They may stand anywhere in a task, also between two steps of others; draw inputs first where the schedule
// is not to change them. With HOCKET_PROPERTY inputs are RapidCheck's instead, made before the run.
//
// `label` names the draws in schedules: a string that outlives the run. What is drawn under one label is told apart by
// its number, so that a label for each input lets one of them shrink without moving the others.
//
// Threads: the run's. REQUIRES, of all: called by a task.
#ifndef HOCKET_TESTING_DRAW_INPUT_H_
#define HOCKET_TESTING_DRAW_INPUT_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "hocket/check.h"
#include "hocket/draw.h"

namespace hocket::testing {

namespace internal {
// One of 0 .. last. Up to 2^32 - 2 that is one draw; beyond, digits of 16 bits, the highest first, each of which
// shrinks by itself.
std::uint64_t DrawUpTo(std::uint64_t last, const char* label);
}  // namespace internal

// One of first .. last, each as likely as the others where there are fewer than 2^32. `first` is the simplest.
// REQUIRES: first <= last.
template <std::integral Int>
Int DrawBetween(Int first, Int last, const char* label) {
  HOCKET_CHECK(first <= last) << "DrawBetween needs at least one value for '" << label << "'";
  const std::uint64_t offset = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
  return static_cast<Int>(static_cast<std::uint64_t>(first) + internal::DrawUpTo(offset, label));
}

// One of the values, the first of which is the simplest. REQUIRES: there is one.
template <class T>
T DrawFrom(std::initializer_list<T> values, const char* label) {
  HOCKET_CHECK(values.size() > 0) << "DrawFrom needs at least one value for '" << label << "'";
  return values.begin()[internal::DrawUpTo(values.size() - 1, label)];
}
template <class T>
const T& DrawFrom(const std::vector<T>& values, const char* label) {
  HOCKET_CHECK(!values.empty()) << "DrawFrom needs at least one value for '" << label << "'";
  return values[internal::DrawUpTo(values.size() - 1, label)];
}

// An index into `weights`, each as likely as its weight says: {8, 1, 0} gives 0 eight times as often as 1, and never 2.
// REQUIRES: a weight is not 0; their sum is below 2^32.
std::size_t DrawWeighted(std::initializer_list<std::uint32_t> weights, const char* label);
std::size_t DrawWeighted(const std::vector<std::uint32_t>& weights, const char* label);

// True `times` out of `of` times. False is simpler. REQUIRES: times <= of, of >= 1.
bool DrawChance(std::uint32_t times, std::uint32_t of, const char* label);

// Any bytes, at most `max_size` of them. First their number is drawn, so each length is as likely as the others.
std::string DrawBytes(std::size_t max_size, const char* label);

// The same for text: one byte after another is drawn, and a 0 ends it (unless one more draw says that it is a part of
// it). So in a fuzzer's input the text stands in one piece, backwards as all values do (docs/fuzz_format.md), and with
// the tail `stay` it ends where the input does: dictionaries and seeds can be written for it. Random draws make it
// `max_size` long, mostly.
std::string DrawText(std::size_t max_size, const char* label);

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_DRAW_INPUT_H_
