// What steps are told to have touched, in builds with --config=observe.
#include "hocket/testing/observe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <ostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hocket/access.h"
#include "hocket/chooser.h"
#include "hocket/hocket.h"

namespace hocket {

void PrintTo(const Access& access, std::ostream* out) {
  *out << "{" << std::hex << access.object << std::dec << " +" << access.offset << " size " << access.size << " kind "
       << static_cast<int>(access.kind) << "}";
}

namespace {

// The accesses of each step, by the task and its how-manieth step it is.
using StepName = std::pair<TaskId, int>;
using Steps = std::map<StepName, std::vector<Access>>;

// Keeps what each step touched. Who runs: the first or the last one added that can.
class Recorder final : public Chooser {
 public:
  enum class Order { kFirst, kLast };
  explicit Recorder(Order order) : order_(order) {}

  void Begin(const Executor& executor) noexcept override { executor_ = &executor; }
  void Added(AlternativeId id) noexcept override { ready_.push_back(id); }
  void Removed(AlternativeId id, Removal why) noexcept override {
    std::erase(ready_, id);
    if (why != Removal::kPicked) return;
    const TaskId task = executor_->Describe(id).standing.task;
    step_ = &steps[{task, counts_[task]++}];
  }
  void Touched(const Access& access) noexcept override {
    ASSERT_NE(step_, nullptr) << "touched before the first step";
    step_->push_back(access);
  }
  AlternativeId Pick() noexcept override { return order_ == Order::kFirst ? ready_.front() : ready_.back(); }
  std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }

  Steps steps;

 private:
  const Order order_;
  const Executor* executor_ = nullptr;
  std::vector<AlternativeId> ready_;
  std::map<TaskId, int> counts_;
  std::vector<Access>* step_ = nullptr;
};

template <class Body>
Steps Record(Body body, Recorder::Order order = Recorder::Order::kFirst) {
  Recorder recorder(order);
  const RunOutcome outcome = Run(std::move(body), {.clock = ClockKind::kVirtual, .chooser = &recorder});
  EXPECT_TRUE(outcome.completed()) << outcome.ToString();
  return recorder.steps;
}

// Pairs of accesses of two steps that conflict.
std::vector<std::pair<Access, Access>> Conflicts(const std::vector<Access>& a, const std::vector<Access>& b) {
  std::vector<std::pair<Access, Access>> pairs;
  for (const Access& one : a) {
    for (const Access& other : b) {
      if (Conflict(one, other)) pairs.emplace_back(one, other);
    }
  }
  return pairs;
}

// A program whose two tasks do one thing each, in a step of their own, to what both can reach.
template <class Shared>
struct Pair {
  std::function<void(Shared&)> first;
  std::function<void(Shared&)> second;
};

TaskId Child(int number) { return PathHash("main/" + std::to_string(number)); }

template <class Shared>
Task<> Apply(std::function<void(Shared&)>& action, Shared& shared) {
  co_await Checkpoint();
  action(shared);
  co_await Checkpoint();
}

template <class Shared>
Task<> RunPair(Pair<Shared>& pair) {
  const auto shared = std::make_unique<Shared>();
  Shared& target = *shared;
  co_await WithNursery([&pair, &target](Nursery& nursery) -> Task<> {
    nursery.StartSoon(Apply<Shared>, std::ref(pair.first), std::ref(target));
    nursery.StartSoon(Apply<Shared>, std::ref(pair.second), std::ref(target));
    co_return;
  });
}

// What the actions of the two tasks touched in common, under one order or the other.
template <class Shared>
std::vector<std::pair<Access, Access>> CommonOf(Pair<Shared> pair, Recorder::Order order = Recorder::Order::kFirst) {
  const auto make = [&pair] { return RunPair(pair); };
  const Steps steps = Record(make, order);
  return Conflicts(steps.at({Child(0), 1}), steps.at({Child(1), 1}));
}

struct Two {
  int first = 0;
  int second = 0;
};

TEST(Observe, SaysThatItDoes) { EXPECT_TRUE(testing::MemoryIsObserved()); }

TEST(Observe, WritesToTheSameFieldConflictAtItsPlace) {
  for (const auto order : {Recorder::Order::kFirst, Recorder::Order::kLast}) {
    const auto common = CommonOf<Two>({[](Two& two) { two.second = 1; }, [](Two& two) { two.second = 2; }}, order);
    ASSERT_EQ(common.size(), 1u);
    EXPECT_EQ(common[0].first, common[0].second);
    EXPECT_EQ(common[0].first.offset, offsetof(Two, second));
    EXPECT_EQ(common[0].first.size, sizeof(int));
    EXPECT_EQ(common[0].first.kind, AccessKind::kWrite);
  }
}

TEST(Observe, FieldsOfOneBlockAreToldApart) {
  EXPECT_EQ(CommonOf<Two>({[](Two& two) { two.first = 1; }, [](Two& two) { two.second = 2; }}).size(), 0u);
}

TEST(Observe, ReadsDoNotConflict) {
  EXPECT_EQ(
      CommonOf<Two>({[](Two& two) { EXPECT_EQ(two.first, 0); }, [](Two& two) { EXPECT_EQ(two.first, 0); }}).size(), 0u);
}

// ---- Kinds of memory.

struct Large {
  std::array<std::int64_t, 40> numbers = {};
};

TEST(Observe, CopiesOfStructsAreReportedWhole) {
  const Large source = {};
  const auto common = CommonOf<Large>(
      {[&source](Large& large) { large = source; }, [](Large& large) { EXPECT_EQ(large.numbers[39], 0); }});
  ASSERT_EQ(common.size(), 1u);
  EXPECT_EQ(common[0].first.offset, 0u);
  EXPECT_EQ(common[0].first.size, sizeof(Large));
  EXPECT_EQ(common[0].second.offset, 39 * sizeof(std::int64_t));
}

TEST(Observe, InsertingIntoAMapConflictsWithFinding) {
  using Map = std::map<int, int>;
  // Kept, because the compiler leaves out a search whose result cannot matter.
  std::size_t one = 0;
  std::size_t other = 0;
  const auto find = [&one](Map& map) { one = map.count(1); };
  EXPECT_GT(CommonOf<Map>({[](Map& map) { map[1] = 2; }, find}).size(), 0u);
  EXPECT_EQ(one, 1u);
  EXPECT_EQ(CommonOf<Map>({[&other](Map& map) { other = map.count(2); }, find}).size(), 0u);
}

TEST(Observe, IteratingOverAMapConflictsWithErasing) {
  struct Filled {
    std::map<int, int> map = {{1, 1}, {2, 2}, {3, 3}};
  };
  EXPECT_GT(CommonOf<Filled>({[](Filled& filled) {
                                int sum = 0;
                                for (const auto& [key, value] : filled.map) sum += value;
                                EXPECT_GT(sum, 0);
                              },
                              [](Filled& filled) { filled.map.erase(2); }})
                .size(),
            0u);
}

TEST(Observe, AppendingToAStringConflictsWithReading) {
  const auto append = [](std::string& text) { text.append("a text that is longer than what a string holds itself"); };
  EXPECT_GT(CommonOf<std::string>({append, [](std::string& text) { EXPECT_NE(text, "other"); }}).size(), 0u);
  EXPECT_GT(CommonOf<std::string>({append, append}).size(), 0u);
}

TEST(Observe, ComparingTextConflictsWithChangingIt) {
  struct Text {
    char text[32] = "some text";
  };
  EXPECT_GT(CommonOf<Text>({[](Text& text) { EXPECT_LT(std::strlen(text.text), sizeof(text.text)); },
                            [](Text& text) { text.text[3] = 'x'; }})
                .size(),
            0u);
  EXPECT_GT(CommonOf<Text>({[](Text& text) { EXPECT_NE(std::memcmp(text.text, "anything", 8), 0); },
                            [](Text& text) { text.text[3] = 'x'; }})
                .size(),
            0u);
}

TEST(Observe, GrowingAVectorConflictsWithReading) {
  using Vector = std::vector<int>;
  EXPECT_GT(CommonOf<Vector>(
                {[](Vector& vector) { vector.push_back(1); }, [](Vector& vector) { EXPECT_LE(vector.size(), 1u); }})
                .size(),
            0u);
}

TEST(Observe, HashTablesListsAndDequesAreMemoryToo) {
  using Table = std::unordered_map<std::string, int>;
  EXPECT_GT(CommonOf<Table>({[](Table& table) { table["key"] = 1; }, [](Table& table) { table.count("key"); }}).size(),
            0u);
  using List = std::list<int>;
  EXPECT_GT(
      CommonOf<List>({[](List& list) { list.push_back(1); }, [](List& list) { EXPECT_LE(list.size(), 1u); }}).size(),
      0u);
  using Deque = std::deque<int>;
  EXPECT_GT(
      CommonOf<Deque>({[](Deque& deque) { deque.push_back(1); }, [](Deque& deque) { EXPECT_LE(deque.size(), 1u); }})
          .size(),
      0u);
}

TEST(Observe, CountsOfSharedPointersConflict) {
  struct Holder {
    std::shared_ptr<int> pointer = std::make_shared<int>(1);
  };
  const auto copy = [](Holder& holder) { const std::shared_ptr<int> other = holder.pointer; };
  EXPECT_GT(CommonOf<Holder>({copy, [](Holder& holder) { EXPECT_GE(holder.pointer.use_count(), 1); }}).size(), 0u);
}

TEST(Observe, AtomicsAreReadAndUpdated) {
  using Atomic = std::atomic<int>;
  const auto add = [](Atomic& atomic) { atomic.fetch_add(1); };
  const auto load = [](Atomic& atomic) { EXPECT_GE(atomic.load(), 0); };
  const auto common = CommonOf<Atomic>({add, load});
  ASSERT_EQ(common.size(), 1u);
  EXPECT_EQ(common[0].first.kind, AccessKind::kUpdate);
  EXPECT_EQ(common[0].second.kind, AccessKind::kRead);
  EXPECT_EQ(CommonOf<Atomic>({load, load}).size(), 0u);
  EXPECT_EQ(CommonOf<Atomic>({[](Atomic& atomic) {
                                int expected = 7;
                                EXPECT_FALSE(atomic.compare_exchange_strong(expected, 8));
                              },
                              load})
                .size(),
            0u);
}

TEST(Observe, FreeingConflictsWithReading) {
  struct Holder {
    std::unique_ptr<Two> two = std::make_unique<Two>();
    Two* raw = two.get();
  };
  const auto common = CommonOf<Holder>(
      {[](Holder& holder) { EXPECT_EQ(holder.raw->second, 0); }, [](Holder& holder) { holder.two = nullptr; }});
  ASSERT_EQ(common.size(), 1u);
  EXPECT_EQ(common[0].second.kind, AccessKind::kWrite);
  EXPECT_EQ(common[0].second.size, sizeof(Two));
}

int global = 0;

TEST(Observe, GlobalsAndLocalsFromBeforeTheRunAreShared) {
  struct Nothing {};
  EXPECT_EQ(CommonOf<Nothing>({[](Nothing&) { ++global; }, [](Nothing&) { ++global; }}).size(), 1u);
  int local = 0;
  EXPECT_EQ(CommonOf<Nothing>({[&local](Nothing&) { ++local; }, [&local](Nothing&) { ++local; }}).size(), 1u);
}

TEST(Observe, LocalsOfAStepAreItsOwn) {
  struct Nothing {};
  const auto work = [](Nothing&) {
    std::array<int, 100> numbers;
    std::iota(numbers.begin(), numbers.end(), 1);
    std::vector<int> copy(numbers.begin(), numbers.end());
    std::sort(copy.begin(), copy.end(), std::greater<>());
    EXPECT_EQ(copy.front(), 100);
  };
  EXPECT_EQ(CommonOf<Nothing>({work, work}), (std::vector<std::pair<Access, Access>>()));
}

TEST(Observe, TasksThatShareNothingHaveNothingInCommon) {
  struct Nothing {};
  EXPECT_EQ(CommonOf<Nothing>({[](Nothing&) {}, [](Nothing&) {}}), (std::vector<std::pair<Access, Access>>()));
}

TEST(Observe, CallsOfUnknownFunctionsMakeAStepOpaque) {
  struct Streams {
    std::ostringstream out;
  };
  Pair<Streams> pair{[](Streams& streams) { streams.out << 1; }, [](Streams&) {}};
  const Steps steps = Record([&pair] { return RunPair(pair); });
  const std::vector<Access>& touched = steps.at({Child(0), 1});
  EXPECT_TRUE(std::any_of(touched.begin(), touched.end(),
                          [](const Access& access) { return access.kind == AccessKind::kOpaque; }));
  const std::vector<std::string> names = testing::OpaqueFunctions();
  EXPECT_TRUE(std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name.find("ostream") != std::string::npos || name.find("_ZNSo") != std::string::npos;
  }));
}

// ---- Names.

struct Cell {
  int value = 0;
  std::unique_ptr<int> extra;
};

Task<> Work(Cell& own, Cell& shared, int noise) {
  std::vector<std::unique_ptr<std::string>> garbage;
  for (int i = 0; i < noise; ++i) garbage.push_back(std::make_unique<std::string>(100, 'x'));
  co_await Checkpoint();
  own.extra = std::make_unique<int>(1);
  shared.value += *own.extra;
  co_await Checkpoint();
  shared.value += ++*own.extra;
}

Task<> WorkTogether(int noise) {
  const auto cells = std::make_unique<std::array<Cell, 4>>();
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (std::size_t i = 0; i < 3; ++i)
      nursery.StartSoon(Work, std::ref((*cells)[i]), std::ref((*cells)[3]), i == 2 ? noise : 0);
    co_return;
  });
}

TEST(Observe, NamesAreTheSameUnderEverySchedule) {
  const Steps first = Record([] { return WorkTogether(0); }, Recorder::Order::kFirst);
  const Steps last = Record([] { return WorkTogether(0); }, Recorder::Order::kLast);
  // What a task does at its end depends on whether it is the last one.
  for (const int task : {0, 1, 2}) {
    for (const int step : {0, 1}) EXPECT_EQ(first.at({Child(task), step}), last.at({Child(task), step}));
  }
  EXPECT_EQ(first.size(), last.size());
}

TEST(Observe, NamesAreTheSameWhateverOthersAllocate) {
  const Steps quiet = Record([] { return WorkTogether(0); });
  const Steps noisy = Record([] { return WorkTogether(50); }, Recorder::Order::kLast);
  for (const int task : {0, 1}) {
    for (const int step : {0, 1}) EXPECT_EQ(quiet.at({Child(task), step}), noisy.at({Child(task), step}));
  }
}

TEST(Observe, MemoryMayOutliveItsRun) {
  std::vector<std::string> texts;
  for (int i = 0; i < 100; ++i) {
    Record([&texts]() -> Task<> {
      texts.push_back("a text that is longer than what a string holds itself");
      co_return;
    });
  }
  EXPECT_EQ(std::count(texts.begin(), texts.end(), texts.front()), 100);
}

TEST(Observe, BlocksOfAllSizesHoldTheirContents) {
  Record([]() -> Task<> {
    std::map<std::size_t, std::vector<unsigned char>> blocks;
    for (std::size_t round = 0; round < 50; ++round) {
      for (std::size_t size = 1; size < 400'000; size = size * 3 + round % 7) {
        blocks[size] = std::vector<unsigned char>(size, static_cast<unsigned char>(size % 251));
      }
      for (const auto& [size, block] : blocks) {
        EXPECT_EQ(std::count(block.begin(), block.end(), static_cast<unsigned char>(size % 251)),
                  static_cast<std::ptrdiff_t>(size));
      }
      if (round % 5 == 0) blocks.clear();
    }
    co_return;
  });
}

TEST(Observe, ExceptionsOfTheProgramAreCaught) {
  Record([]() -> Task<> {
    for (int i = 0; i < 3; ++i) {
      try {
        throw std::runtime_error("error " + std::to_string(i));
      } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(), "error " + std::to_string(i));
      }
    }
    co_return;
  });
}

}  // namespace
}  // namespace hocket
