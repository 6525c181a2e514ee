// staged: a writer moves a record through five levels of a store. At each level it looks for space, and takes it two
// steps later; whoever takes the space in between makes it overflow to the next level, and without that the rest of its
// way is harmless. The record is lost if it overflows at all five. The fix: space is taken where it is found.
//
// In `staged` each level's overflow is code of its own, which an engine's coverage sees; in `staged_data` the level is
// a number, which it does not.
#include <array>
#include <cstddef>

#include "fuzz/measure/large_programs.h"

namespace hocket::bugs {
namespace {

constexpr std::size_t kLevels = 5;
constexpr int kApproach = 7;  // steps before each look for space
constexpr int kTenants = 2;
constexpr int kBystanderSteps = 40;

struct Store {
  std::array<Shared<int>, kLevels> space;  // whose it is; 0: free
  Shared<int> depth{0};                    // levels that have overflowed
};

void OverflowOneByOne(Store& store, std::size_t level) {
  switch (level) {
    case 0:
      if (store.depth == 0) store.depth = 1;
      break;
    case 1:
      if (store.depth == 1) store.depth = 2;
      break;
    case 2:
      if (store.depth == 2) store.depth = 3;
      break;
    case 3:
      if (store.depth == 3) store.depth = 4;
      break;
    case 4:
      if (store.depth == 4) store.depth = 5;
      break;
    default:
      break;
  }
}

void OverflowByNumber(Store& store, std::size_t level) {
  const int depth = store.depth;
  store.depth = depth + (depth == static_cast<int>(level) ? 1 : 0);
}

using Overflow = void (*)(Store& store, std::size_t level);

Task<> Write(Setting& setting, Store& store, Overflow overflow) {
  for (std::size_t level = 0; level < kLevels; ++level) {
    for (int step = 0; step < kApproach; ++step) co_await Checkpoint({.kind = AccessKind::kYield});
    Shared<int>& space = store.space[level];
    if (space != 0) continue;
    if (setting.fixed()) space = 1;
    co_await Checkpoint(space.Will(AccessKind::kRead));
    co_await Checkpoint(space.Will(AccessKind::kRead));
    if (space > 1) overflow(store, level);
    space = 1;
  }
}

// Takes one space at each level, at a pace of its own.
Task<> Rent(Store& store, int tenant) {
  for (std::size_t level = 0; level < kLevels; ++level) {
    for (int step = 0; step < kApproach + tenant; ++step) co_await Checkpoint({.kind = AccessKind::kYield});
    Shared<int>& space = store.space[level];
    if (space == 0) space = 2 + tenant;
    co_await Checkpoint(space.Will(AccessKind::kUpdate));
  }
}

Task<> Bystand() {
  for (int step = 0; step < kBystanderSteps; ++step) co_await Checkpoint({.kind = AccessKind::kYield});
}

Task<> Body(Setting& setting, Overflow overflow) {
  Store store;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("writer"), Write, std::ref(setting), std::ref(store), overflow);
    for (int tenant = 0; tenant < kTenants; ++tenant) {
      nursery.StartSoon(TaskName("tenant"), Rent, std::ref(store), tenant);
    }
    nursery.StartSoon(TaskName("bystander"), Bystand);
    co_return;
  });
  setting.Observe(std::to_string(store.depth.Get()));
  Require(store.depth < static_cast<int>(kLevels), "the record has fallen through all levels");
}

Task<> BodyByCode(Setting& setting) { return Body(setting, OverflowOneByOne); }
Task<> BodyByNumber(Setting& setting) { return Body(setting, OverflowByNumber); }

constexpr char kSource[] = "nested windows: a bug of depth five";

}  // namespace

Program Staged() {
  return {.name = "staged",
          .essence = "space is looked for at five levels, and each time taken two steps later",
          .source = kSource,
          .body = BodyByCode,
          .declares = true};
}

Program StagedData() {
  return {.name = "staged_data",
          .essence = "the same, the level being a number",
          .source = kSource,
          .body = BodyByNumber,
          .declares = true};
}

}  // namespace hocket::bugs
