#include "hocket/testing/suspects.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_format.h"
#include "harness/execution.h"
#include "harness/function_name.h"
#include "harness/places.h"
#include "harness/random.h"
#include "harness/series.h"
#include "hocket/testing/observe.h"

namespace hocket::testing {

namespace {

using Kind = AtomicitySuspect::Kind;
using Point = AtomicitySuspect::Point;

bool Reads(AccessKind kind) {
  return kind == AccessKind::kRead || kind == AccessKind::kUpdate || kind == AccessKind::kWait;
}
bool Writes(AccessKind kind) {
  return kind == AccessKind::kWrite || kind == AccessKind::kUpdate || kind == AccessKind::kSignal;
}

// One access as it is seen, with what is needed to describe it later.
struct Seen {
  TaskId task = 0;
  std::uint64_t step = 0;
  bool writes = false;
  std::source_location from;  // where the step began
  CallChain calls;
};

// The last access of one task to one range of bytes, and who else came since then.
struct Last {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  Seen access;
  std::optional<Seen> read_since;
  std::optional<Seen> written_since;
};

// Three accesses that no serial order explains.
struct Triple {
  Kind kind;
  Seen first;
  Seen between;
  Seen second;
};

// Watches the executions of a strategy, one after another.
class Watch final : public Chooser {
 public:
  explicit Watch(Chooser& inner) : inner_(inner) {}

  // What the last execution showed, in order.
  const std::vector<Triple>& triples() const { return triples_; }
  const std::string& PathOf(TaskId task) const { return paths_.at(task); }
  const std::string& FunctionOf(TaskId task) const { return functions_.at(task); }

  void Begin(const Executor& executor) noexcept override {
    executor_ = &executor;
    lasts_.clear();
    lives_.clear();
    triples_.clear();
    step_ = 0;
    in_step_ = false;
    inner_.Begin(executor);
    inner_wants_ = inner_.WantsAccesses();
  }
  bool WantsAccesses() const noexcept override { return true; }
  void Added(AlternativeId id) noexcept override {
    lives_.try_emplace(executor_->Describe(id).standing.task, Life{step_, kAlive});
    inner_.Added(id);
  }
  void Removed(AlternativeId id, Removal why) noexcept override {
    if (why == Removal::kPicked) BeginStep(id);
    inner_.Removed(id, why);
  }
  void Touched(const Access& access) noexcept override {
    if (in_step_ && access.kind == AccessKind::kExit) lives_.at(task_).ended = step_;
    if (in_step_ && access.size > 0 && access.object != 0) Note(access);
    if (inner_wants_) inner_.Touched(access);
  }
  AlternativeId Pick() noexcept override { return inner_.Pick(); }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    return inner_.Draw(n, label, kind);
  }
  void End() noexcept override { inner_.End(); }

 private:
  static constexpr std::uint64_t kAlive = ~std::uint64_t{0};

  // In steps: the one that a task was started in, and its last one.
  struct Life {
    std::uint64_t started = 0;
    std::uint64_t ended = kAlive;
  };

  void BeginStep(AlternativeId id) {
    const AlternativeInfo info = executor_->Describe(id);
    in_step_ = info.kind == AlternativeKind::kTask;
    if (!in_step_) return;
    ++step_;
    task_ = info.standing.task;
    from_ = executor_->Location(id);
    if (paths_.contains(task_)) return;
    paths_.emplace(task_, executor_->Path(id));
    functions_.emplace(task_, FunctionName(from_));
  }

  void Note(const Access& access) {
    const Seen now{task_, step_, Writes(access.kind), from_, places_.Calls()};
    const std::uint64_t end = std::uint64_t{access.offset} + access.size;
    bool known = false;
    for (Last& last : lasts_[access.object]) {
      if (last.offset >= end || access.offset >= std::uint64_t{last.offset} + last.size) continue;
      if (last.access.task != task_) {
        if (Reads(access.kind) && !last.read_since) last.read_since = now;
        if (Writes(access.kind) && !last.written_since) last.written_since = now;
        continue;
      }
      if (last.access.step != step_) Check(last, access.kind, now);
      const bool wrote_before = last.access.step == step_ && last.access.writes;
      last.access = now;
      last.access.writes |= wrote_before;
      last.read_since.reset();
      last.written_since.reset();
      known |= last.offset == access.offset && last.size == access.size;
    }
    if (!known) lasts_[access.object].push_back({access.offset, access.size, now, {}, {}});
  }

  void Check(const Last& last, AccessKind kind, const Seen& now) {
    const bool wrote = last.access.writes;
    if (Reads(kind)) {
      CheckTriple(wrote ? Kind::kOverwritten : Kind::kUnrepeatableRead, last.access, last.written_since, now);
    } else if (Writes(kind)) {
      CheckTriple(wrote ? Kind::kIntermediateValue : Kind::kLostUpdate, last.access,
                  wrote ? last.read_since : last.written_since, now);
    }
  }

  void CheckTriple(Kind kind, const Seen& first, const std::optional<Seen>& between, const Seen& second) {
    if (between && !IsPartOf(first, *between, second)) triples_.push_back({kind, first, *between, second});
  }

  // Whether what happened between was done on behalf of the task: by one that began and ended below it meanwhile.
  bool IsPartOf(const Seen& first, const Seen& between, const Seen& second) const {
    const Life& life = lives_.at(between.task);
    return life.started >= first.step && life.ended < second.step &&
           PathOf(between.task).starts_with(PathOf(first.task) + "/");
  }

  Chooser& inner_;
  const KeptPlaces places_;
  bool inner_wants_ = false;
  const Executor* executor_ = nullptr;
  absl::flat_hash_map<ObjectId, std::vector<Last>> lasts_;  // of the execution under way
  absl::flat_hash_map<TaskId, Life> lives_;                 // likewise
  std::vector<Triple> triples_;
  absl::flat_hash_map<TaskId, std::string> paths_;
  absl::flat_hash_map<TaskId, std::string> functions_;

  // The step under way, if it is a task's.
  bool in_step_ = false;
  std::uint64_t step_ = 0;
  TaskId task_ = 0;
  std::source_location from_;
};

// The triples of all executions as suspects, each once.
class Collection {
 public:
  explicit Collection(const Watch& watch) : watch_(watch) {}

  void Add(const Triple& triple, std::uint64_t execution) {
    if (!seen_.insert(KeyOf(triple)).second) return;
    AtomicitySuspect suspect;
    suspect.kind = triple.kind;
    suspect.execution = execution;
    suspect.exact = true;
    for (const auto& [seen, point] :
         {std::pair(&triple.first, &suspect.first), std::pair(&triple.between, &suspect.between),
          std::pair(&triple.second, &suspect.second)}) {
      if (!Describe(*seen, *point, suspect.exact)) return;
    }
    // Who holds a value in the middle is told by the kind: an update reads and writes.
    suspect.first.writes = suspect.kind == Kind::kOverwritten || suspect.kind == Kind::kIntermediateValue;
    suspect.between.writes = suspect.kind != Kind::kIntermediateValue;
    suspect.second.writes = suspect.kind == Kind::kLostUpdate || suspect.kind == Kind::kIntermediateValue;
    const bool known = std::any_of(suspects_.begin(), suspects_.end(), [&](const AtomicitySuspect& other) {
      const auto same = [](const Point& a, const Point& b) { return a.line == b.line && a.file == b.file; };
      return other.kind == suspect.kind && same(other.first, suspect.first) && same(other.between, suspect.between) &&
             same(other.second, suspect.second);
    });
    if (!known) suspects_.push_back(std::move(suspect));
  }

  std::vector<AtomicitySuspect> Take() const {
    std::vector<AtomicitySuspect> sorted;
    for (const Kind kind : {Kind::kLostUpdate, Kind::kOverwritten, Kind::kIntermediateValue, Kind::kUnrepeatableRead}) {
      std::copy_if(suspects_.begin(), suspects_.end(), std::back_inserter(sorted),
                   [kind](const AtomicitySuspect& suspect) { return suspect.kind == kind; });
    }
    return sorted;
  }

 private:
  // Which triples need not be looked up again: the same code has the same return addresses within a process. Looked up
  // only, never iterated over.
  using Key = std::array<std::uint64_t, 4>;

  static Key KeyOf(const Triple& triple) {
    const auto hash = [](const Seen& seen) {
      const std::uint64_t from = std::uint64_t{seen.from.line()} << 32 | seen.from.column();
      return MixSeed(seen.task ^ from, KeptPlaces::HashOf(seen.calls));
    };
    return {static_cast<std::uint64_t>(triple.kind), hash(triple.first), hash(triple.between), hash(triple.second)};
  }

  // False if the access is a primitive's doing.
  bool Describe(const Seen& seen, Point& point, bool& exact) const {
    point.task = watch_.PathOf(seen.task);
    point.function = watch_.FunctionOf(seen.task);
    if (std::optional<SourceLine> line = KeptPlaces::LineOf(seen.calls)) {
      point.file = std::move(line->file);
      point.line = line->line;
      return true;
    }
    if (MemoryIsObserved()) return false;
    exact = false;
    point.file = seen.from.file_name();
    point.line = static_cast<int>(seen.from.line());
    return true;
  }

  const Watch& watch_;
  absl::flat_hash_set<Key> seen_;
  std::vector<AtomicitySuspect> suspects_;
};

const char* WordsFor(Kind kind) {
  switch (kind) {
    case Kind::kLostUpdate:
      return "lost update: read, then written, and what was written between is gone";
    case Kind::kOverwritten:
      return "overwritten: written, then read, and another value is there";
    case Kind::kIntermediateValue:
      return "intermediate value: written twice, and the first value was read between";
    case Kind::kUnrepeatableRead:
      return "unrepeatable read: read twice, and written between";
  }
  return "";
}

}  // namespace

std::vector<AtomicitySuspect> FindAtomicitySuspects(const Body& body, const ExploreOptions& given) {
  ExploreOptions options = WithStrategy(given);
  options.isolate = false;  // another process's accesses are not seen
  const std::unique_ptr<Strategy> strategy = options.strategy(options.seed);
  Execution execution(body, options);
  Watch watch(*strategy);
  Collection collection(watch);
  std::uint64_t steps = 0;
  for (std::uint64_t i = 0; i < options.executions && steps < options.total_steps && !strategy->Exhausted(); ++i) {
    if (i > 0 && std::chrono::steady_clock::now() >= options.deadline) break;
    strategy->StartExecution(i);
    steps += execution.Run(watch).steps;
    strategy->EndExecution();
    for (const Triple& triple : watch.triples()) collection.Add(triple, i);
  }
  return collection.Take();
}

std::string AtomicitySuspect::ToString() const {
  std::string text = WordsFor(kind);
  text += "\n";
  const std::string after = exact ? "  " : "  after ";
  for (const Point* point : {&first, &between, &second}) {
    const std::string name = point->file.substr(point->file.find_last_of('/') + 1);
    text += after + absl::StrFormat("%s:%d  %s", name, point->line, point->task);
    if (!point->function.empty()) text += " " + point->function;
    text += point->writes ? " writes\n" : " reads\n";
  }
  return text;
}

}  // namespace hocket::testing
