// Tests that fail on purpose, one for each way to fail: process_test runs them in processes of their own, and knows the
// lines on which they fail.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <list>
#include <stdexcept>
#include <string>

#include "hocket/hocket.h"
#include "hocket/testing/test.h"

namespace {

using hocket::Checkpoint;
using hocket::Nursery;
using hocket::Task;

// Says that a body ran at all. To standard error, where GoogleTest says nothing.
void SayThatABodyRuns() {
  static bool said = false;
  if (!said) std::fprintf(stderr, "a body runs\n");
  said = true;
}

// Two tasks that write down when they did what. In 2 of their 6 schedules, and under none of the bases, the second one
// comes between the two steps of the first one.
Task<> Outer(int& now, int& first, int& last) {
  first = now++;
  co_await Checkpoint();
  last = now++;
}

Task<> Inner(int& now, int& first, int& last) {
  co_await Checkpoint();
  first = now++;
  last = now++;
}

// Whether Inner ran inside of Outer.
Task<bool> InnerRanInside() {
  SayThatABodyRuns();
  int now = 0;
  int outer_first = 0;
  int outer_last = 0;
  int inner_first = 0;
  int inner_last = 0;
  co_await hocket::WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(Outer, std::ref(now), std::ref(outer_first), std::ref(outer_last));
    nursery.StartSoon(Inner, std::ref(now), std::ref(inner_first), std::ref(inner_last));
    co_return;
  });
  const bool inside = (outer_first < inner_first) && (inner_last < outer_last);
  co_return inside;
}

HOCKET_TEST(Failing, Expectation) {
  const bool inside = co_await InnerRanInside();
  EXPECT_FALSE(inside);
}

HOCKET_TEST(Failing, Exception) {
  const bool inside = co_await InnerRanInside();
  if (inside) throw std::runtime_error("inside");
}

HOCKET_TEST(Failing, Deadlock) {
  hocket::Event never;
  const bool inside = co_await InnerRanInside();
  if (inside) co_await never.Wait();
}

HOCKET_TEST(Failing, StepLimit) {
  const bool inside = co_await InnerRanInside();
  while (inside) co_await Checkpoint();
}

HOCKET_TEST(Failing, Check) {
  const bool inside = co_await InnerRanInside();
  HOCKET_CHECK(!inside) << "this dies";
}

HOCKET_TEST(Failing, DrawnValue) {
  SayThatABodyRuns();
  const std::uint32_t fault = hocket::Choose(4, "fault");
  EXPECT_NE(fault, 3u);
  co_return;
}

int executions_in_this_process = 0;

HOCKET_TEST(Failing, Nondeterminism) {
  SayThatABodyRuns();
  EXPECT_NE(++executions_in_this_process, 5);
  co_return;
}

Task<> Forgotten() { co_return; }

HOCKET_TEST(Failing, NeverAwaited) {
  const bool inside = co_await InnerRanInside();
  if (inside) static_cast<void>(Forgotten());
}

HOCKET_TEST(Passing, Always) {
  const bool inside = co_await InnerRanInside();
  static_cast<void>(inside);
}

TEST(Passing, WithoutHocket) { std::fprintf(stderr, "a body runs\n"); }

// ---- Ways to die.

HOCKET_TEST(Dying, Abort) {
  const bool inside = co_await InnerRanInside();
  if (inside) std::abort();
}

HOCKET_TEST(Dying, Segv) {
  const bool inside = co_await InnerRanInside();
  int* volatile nowhere = nullptr;
  if (inside) *nowhere = 1;
}

// Not to be seen through by a compiler.
int Deep(int volatile* above, int depth) {  // NOLINT(misc-no-recursion)
  int volatile here[64] = {depth};
  if (depth == -1) return here[0];
  return Deep(here, depth + 1) + *above + here[1];
}

HOCKET_TEST(Dying, StackOverflow) {
  const bool inside = co_await InnerRanInside();
  int volatile top = 0;
  if (inside) top = Deep(&top, 0);
}

HOCKET_TEST(Dying, Exit) {
  const bool inside = co_await InnerRanInside();
  if (inside) std::exit(0);
}

HOCKET_TEST(Dying, QuietExit) {  // runs no handlers
  const bool inside = co_await InnerRanInside();
  if (inside) _exit(7);
}

HOCKET_TEST(Dying, Terminate) {
  const bool inside = co_await InnerRanInside();
  if (inside) std::terminate();
}

HOCKET_TEST(Dying, Terminated) {  // as by Bazel, when the time of the test is over
  const bool inside = co_await InnerRanInside();
  if (inside) raise(SIGTERM);
}

HOCKET_TEST(Dying, Hang) {
  const bool inside = co_await InnerRanInside();
  bool volatile spins = inside;
  while (spins) {
  }
}

HOCKET_TEST(Dying, Memory) {
  const bool inside = co_await InnerRanInside();
  std::list<std::string> eaten;
  while (inside) eaten.emplace_back(1 << 20, 'x');
}

HOCKET_TEST(Dying, Allocation) {  // of more than there is
  const bool inside = co_await InnerRanInside();
  const std::size_t size = std::size_t{1} << (inside ? 40 : 4);
  const std::string eaten(size, 'x');
  EXPECT_EQ(eaten.size(), size);
}

HOCKET_TEST(Dying, UseAfterFree) {  // dies under AddressSanitizer only
  const bool inside = co_await InnerRanInside();
  int* volatile freed = new int(1);
  delete freed;
  if (inside) *freed = 2;
}

}  // namespace
