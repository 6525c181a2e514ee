// aba: a stack without locks, whose pop swaps the top for its successor if the top is still what it was. If meanwhile
// another task pops two nodes and pushes the first one again, the top is what it was and its successor is not: the
// second node is on the stack and with the other task. The fix: a version beside the top.
#include <array>
#include <cstddef>

#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {
namespace {

constexpr int kNodes = 2;
constexpr int kNone = -1;

struct State {
  std::array<int, kNodes> next{1, kNone};
  int top = 0;
  int version = 0;
  std::array<int, kNodes> holders{};  // of each node, apart from the stack
};

int& NextOf(State& state, int node) { return state.next[static_cast<std::size_t>(node)]; }
int& HoldersOf(State& state, int node) { return state.holders[static_cast<std::size_t>(node)]; }

bool CompareAndSwap(const Setting& setting, State& state, int top, int version, int desired) {
  if (state.top != top || (setting.fixed() && state.version != version)) return false;
  state.top = desired;
  ++state.version;
  return true;
}

Task<int> Pop(Setting& setting, State& state) {
  for (;;) {
    co_await setting.Pad();
    co_await Checkpoint();
    const int top = state.top;
    const int version = state.version;
    if (top == kNone) co_return kNone;
    co_await setting.Pad();
    co_await Checkpoint();
    const int next = NextOf(state, top);
    co_await setting.Pad();
    co_await Checkpoint();
    if (CompareAndSwap(setting, state, top, version, next)) {
      ++HoldersOf(state, top);
      co_return top;
    }
  }
}

Task<> Push(Setting& setting, State& state, int node) {
  --HoldersOf(state, node);
  for (;;) {
    co_await setting.Pad();
    co_await Checkpoint();
    const int top = state.top;
    const int version = state.version;
    NextOf(state, node) = top;
    co_await setting.Pad();
    co_await Checkpoint();
    if (CompareAndSwap(setting, state, top, version, node)) co_return;
  }
}

Task<> PopOne(Setting& setting, State& state) {
  const int node = co_await Pop(setting, state);
  static_cast<void>(node);
}

Task<> PopTwoAndPushOne(Setting& setting, State& state) {
  const int first = co_await Pop(setting, state);
  const int second = co_await Pop(setting, state);
  static_cast<void>(second);
  if (first != kNone) co_await Push(setting, state, first);
}

Task<> Body(Setting& setting) {
  State state;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("one"), PopOne, std::ref(setting), std::ref(state));
    nursery.StartSoon(TaskName("two"), PopTwoAndPushOne, std::ref(setting), std::ref(state));
    co_return;
  });
  setting.Observe(std::to_string(state.top));
  for (int left = kNodes, node = state.top; node != kNone && left > 0; node = NextOf(state, node), --left) {
    ++HoldersOf(state, node);
  }
  for (const int holders : state.holders) Require(holders == 1, "a node is in two places, or in none");
}

}  // namespace

Program Aba() {
  return {.name = "aba",
          .essence = "a stack's top is what it was, and its successor is not",
          .source = "the ABA problem of compare-and-swap",
          .body = Body};
}

}  // namespace hocket::bugs
