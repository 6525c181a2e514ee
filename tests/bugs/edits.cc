#include "tests/bugs/edits.h"

#include <map>
#include <memory>
#include <optional>

#include "hocket/testing/explore.h"

namespace hocket::bugs {

namespace {

using testing::Body;
using testing::Exploration;
using testing::ReplayResult;
using testing::Schedule;

Task<> Unrelated() {
  for (int step = 0; step < 5; ++step) co_await Checkpoint({.kind = AccessKind::kYield});
}

// The program with an insertion; copies which accesses it came to, if that is asked for.
Body Inserted(const Program& program, const Setting::Insertion& insertion,
              std::map<TaskId, std::uint64_t>* accesses = nullptr) {
  return [&program, insertion, accesses]() -> Task<> {
    Setting setting(/*fixed=*/false, Regime::kPlain, /*padding=*/1);
    setting.Insert(insertion);
    struct Copy {
      const Setting& setting;
      std::map<TaskId, std::uint64_t>* accesses;
      ~Copy() {
        if (accesses != nullptr) *accesses = setting.accesses();
      }
    };
    const Copy copy{setting, accesses};
    co_await program.body(setting);
  };
}

Body WithTask(const Program& program, bool named) {
  return [&program, named]() -> Task<> {
    Setting setting(/*fixed=*/false, Regime::kPlain, /*padding=*/1);
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      if (named) {
        nursery.StartSoon(TaskName("unrelated"), Unrelated);
      } else {
        nursery.StartSoon(Unrelated);
      }
      co_await program.body(setting);
    });
  };
}

Body WithoutTask(const Program& program) {
  return [&program]() -> Task<> {
    Setting setting(/*fixed=*/false, Regime::kPlain, /*padding=*/1);
    co_await WithNursery([&](Nursery&) -> Task<> { co_await program.body(setting); });
  };
}

std::optional<Schedule> Find(const Body& body, std::uint64_t seed) {
  const Exploration exploration = testing::Explore(body, {.seed = seed, .executions = 3000});
  if (!exploration.failure) return std::nullopt;
  return exploration.failure->schedule;
}

void Count(const Body& edited, const Schedule& recorded, Survival& survival) {
  ++survival.edits;
  const ReplayResult result = testing::ReplaySchedule(edited, recorded);
  if (result.failure && result.failure->identity == *recorded.failure) {
    ++survival.fails;
    return;
  }
  if (!result.divergence) ++survival.silent;
  if (testing::NeedsRepair(result, recorded) && testing::RepairSchedule(edited, recorded).replay) ++survival.repaired;
}

// Places spread over the accesses of an execution. For kInsertAll, its tasks.
std::vector<Setting::Insertion> Places(const Program& program, const Schedule& schedule, Edit edit,
                                       std::size_t places) {
  std::map<TaskId, std::uint64_t> accesses;
  testing::ReplaySchedule(Inserted(program, {}, &accesses), schedule);
  std::vector<Setting::Insertion> all;
  for (const auto& [task, count] : accesses) {
    if (edit == Edit::kInsertAll) {
      all.push_back({task, 0, 1});
      continue;
    }
    for (std::uint64_t nth = 1; nth <= count; ++nth) all.push_back({task, nth, edit == Edit::kInsertThree ? 3 : 1});
  }
  if (all.size() <= places) return all;
  std::vector<Setting::Insertion> some;
  for (std::size_t i = 0; i < places; ++i) some.push_back(all[i * all.size() / places]);
  return some;
}

}  // namespace

const char* ToString(Edit edit) noexcept {
  switch (edit) {
    case Edit::kInsertOne:
      return "a checkpoint inserted";
    case Edit::kInsertThree:
      return "three checkpoints inserted";
    case Edit::kInsertAll:
      return "one before each access";
    case Edit::kDeleteOne:
      return "a checkpoint deleted";
    case Edit::kNamedTask:
      return "a named task added";
    case Edit::kUnnamedTask:
      return "an unnamed task added";
  }
  return "";
}

void MeasureEdits(const Program& program, std::uint64_t seed, Edit edit, std::size_t places, Survival& survival) {
  if (edit == Edit::kNamedTask || edit == Edit::kUnnamedTask) {
    const std::optional<Schedule> recorded = Find(WithoutTask(program), seed);
    if (recorded) Count(WithTask(program, edit == Edit::kNamedTask), *recorded, survival);
    return;
  }
  const Body plain = Inserted(program, {});
  const std::optional<Schedule> recorded = Find(plain, seed);
  if (!recorded) return;
  for (const Setting::Insertion& place : Places(program, *recorded, edit, places)) {
    const Body longer = Inserted(program, place);
    if (edit != Edit::kDeleteOne) {
      Count(longer, *recorded, survival);
    } else if (const std::optional<Schedule> before = Find(longer, seed)) {
      Count(plain, *before, survival);
    }
  }
}

}  // namespace hocket::bugs
