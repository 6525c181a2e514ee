#include "harness/strategy/search.h"

#include <algorithm>
#include <utility>

namespace hocket::testing {

namespace {

using Kind = SearchOptions::Kind;

constexpr std::uint64_t kEveryObject = ~std::uint64_t{0};

std::string Plural(std::uint32_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

// ---------------------------------------------------------------- footprints

void Search::Footprint::Clear() {
  accesses.clear();
  objects = 0;
}

void Search::Footprint::Add(const Access& access) {
  if (access.kind == AccessKind::kNone || access.kind == AccessKind::kYield) return;
  if (std::find(accesses.begin(), accesses.end(), access) != accesses.end()) return;
  accesses.push_back(access);
  const bool any = access.kind == AccessKind::kOpaque || access.object == 0;
  objects |= any ? kEveryObject : std::uint64_t{1} << ((access.object * 0x9e3779b97f4a7c15u) >> 58);
}

bool Search::Footprint::ConflictsWith(const Footprint& other) const {
  if ((objects & other.objects) == 0) return false;
  for (const Access& mine : accesses) {
    for (const Access& theirs : other.accesses) {
      if (Conflict(mine, theirs)) return true;
    }
  }
  return false;
}

// ---------------------------------------------------------------- the tree

Search::Search(const SearchOptions& options)
    : options_(options),
      reduces_(options.kind == Kind::kReduced),
      bounded_(options.kind != Kind::kReduced && options.kind != Kind::kAll),
      order_(Base::kStay) {}

std::string Search::Name() const {
  switch (options_.kind) {
    case Kind::kAll:
      return "all schedules";
    case Kind::kReduced:
      return "exhaustive";
    case Kind::kDelays:
      return "delay bound " + std::to_string(options_.bound);
    case Kind::kPreemptions:
      return "preemption bound " + std::to_string(options_.bound);
    case Kind::kSweep:
      return "sweep " + std::to_string(options_.bound);
  }
  return "";
}

Search::Branch& Search::Node::AddBranch(AlternativeId choice, std::uint32_t cost) {
  if (size == branches.size()) branches.emplace_back();
  Branch& branch = branches[size++];
  branch.choice = choice;
  branch.cost = cost;
  branch.variants.clear();
  return branch;
}

Search::Node& Search::NewNode(bool is_draw, std::uint32_t alternatives) {
  const double weight = depth_ == 0 ? 1 : nodes_[depth_ - 1].weight / static_cast<double>(nodes_[depth_ - 1].size);
  if (depth_ == nodes_.size()) nodes_.emplace_back();
  Node& node = nodes_[depth_];
  node.is_draw = is_draw;
  node.alternatives = alternatives;
  node.size = node.current = 0;
  node.asleep.clear();
  node.weight = weight;
  return node;
}

// The values that need not be explored are few, but those that may be drawn can be as many as there are numbers.
std::uint32_t Search::Node::CurrentValue() const {
  auto value = static_cast<std::uint32_t>(current);
  for (const std::uint32_t skipped : asleep) {
    if (skipped <= value) ++value;
  }
  return value;
}

// The path goes on through the node's current branch.
std::uint32_t Search::Take(Node& node) {
  ++position_;
  if (node.is_draw) {
    const std::uint32_t value = node.CurrentValue();
    if (bounded_ && value != 0) ++spent_;
    return value;
  }
  spent_ += node.branches[node.current].cost;
  return node.branches[node.current].choice;
}

// What it costs to choose `id`, the alternative with this index in the base's order.
std::uint32_t Search::CostOf(std::uint32_t index, AlternativeId id) const {
  if (!bounded_ || index == 0) return 0;
  const AlternativeKind kind = executor_->Owner(id).kind;
  switch (options_.kind) {
    case Kind::kDelays:
      return kind == AlternativeKind::kTask ? index : 1;
    case Kind::kPreemptions:
      return kind != AlternativeKind::kTask || order_.GoesOn() ? 1 : 0;
    case Kind::kSweep:
      return kind == AlternativeKind::kCancel ? 1 : options_.bound + 1;
    case Kind::kAll:
    case Kind::kReduced:
      break;
  }
  return 0;
}

// ---------------------------------------------------------------- an execution

void Search::StartExecution(std::uint64_t) {
  position_ = 0;
  spent_ = 0;
  redundant_ = picked_ = in_step_ = false;
  taken_ = nullptr;
  sleeping_.clear();
}

void Search::Begin(const Executor& executor) noexcept {
  executor_ = &executor;
  clock_ = kStopRun;
  order_.Begin(executor);
}

AlternativeId Search::Pick() noexcept {
  FinishStep();
  if (redundant_) return kStopRun;
  const std::uint32_t n = order_.size();
  if (position_ == depth_) {
    Node& node = NewNode(false, n);
    order_.CopyTo(alternatives_);
    for (std::uint32_t index = 0; index < n; ++index) {
      const AlternativeId id = alternatives_[index];
      if (reduces_ && Sleeps(id)) continue;
      if (const std::uint32_t cost = CostOf(index, id); Affordable(cost)) node.AddBranch(id, cost);
    }
    if (node.size == 0) {
      redundant_ = true;
      return kStopRun;
    }
    ++depth_;
  }
  Node& node = nodes_[position_];
  if (node.is_draw || node.alternatives != n) {
    NoteDivergence(node.is_draw ? 0 : node.alternatives, n);
    return order_.First();
  }
  if (reduces_) {
    for (std::size_t i = 0; i < node.current; ++i) {
      const Branch& explored = node.branches[i];
      for (std::size_t variant = 0; variant < explored.variants.size(); ++variant)
        sleeping_.push_back({explored.choice, &explored, variant});
    }
    taken_ = &node.branches[node.current];
  }
  picked_ = true;
  return Take(node);
}

std::uint32_t Search::Draw(std::uint32_t n, const char*, DrawKind kind) noexcept {
  if (redundant_) return 0;
  if (position_ == depth_) {
    Node& node = NewNode(true, n);
    // A sweep leaves values and wake-ups alone as it does the schedule.
    const bool branches = options_.kind != Kind::kSweep || kind == DrawKind::kFault;
    const std::uint32_t values = branches && Affordable(1) ? n : 1;
    if (reduces_) AddSleepingValues(values, node.asleep);
    node.size = values - node.asleep.size();
    if (node.size == 0) {
      redundant_ = true;
      return 0;
    }
    ++depth_;
  }
  Node& node = nodes_[position_];
  if (!node.is_draw || node.alternatives != n) {
    NoteDivergence(node.is_draw ? node.alternatives : 0, n);
    return 0;
  }
  const std::uint32_t value = Take(node);
  draws_.push_back(value);
  return value;
}

void Search::NoteDivergence(std::uint32_t expected, std::uint32_t found) {
  redundant_ = true;
  if (divergence_) return;
  divergence_ = "decision " + std::to_string(position_ + 1) + " had " + std::to_string(expected) +
                " alternatives, and under the same decisions again " + std::to_string(found);
}

void Search::Removed(AlternativeId id, Removal why) noexcept {
  if (why == Removal::kPicked) {
    FinishStep();
    if (reduces_) BeginStep(id, executor_->Owner(id).kind);
    draws_.clear();
  } else if (!sleeping_.empty()) {
    // The clock is disabled when nobody is left that could run, and then goes on.
    if (why == Removal::kDisabled && executor_->Owner(id).kind == AlternativeKind::kClock) {
      clock_ = id;
    } else {
      WakeUp(id);
    }
  }
  order_.Removed(id, why);
}

void Search::BeginStep(AlternativeId id, AlternativeKind kind) {
  if (!std::exchange(picked_, false)) {
    taken_ = nullptr;
    if (Sleeps(id)) redundant_ = true;
  }
  in_step_ = true;
  of_clock_ = kind == AlternativeKind::kClock;
  footprint_.Clear();
  // Without instrumentation a task's step may touch any memory.
  if (options_.memory == PlainMemory::kUnknown && kind == AlternativeKind::kTask)
    footprint_.Add({.kind = AccessKind::kOpaque});
  own_sleepers_.clear();
  for (const Sleeper& sleeper : sleeping_) {
    if (sleeper.id == id) own_sleepers_.push_back(sleeper);
  }
  WakeUp(id);
}

void Search::WakeUp(AlternativeId id) {
  std::erase_if(sleeping_, [id](const Sleeper& sleeper) { return sleeper.id == id; });
}

void Search::Touched(const Access& access) noexcept {
  if (!in_step_) return;
  // Time that passes because nobody can run is told within the step that was the last to end; it is a step of its own.
  if (!of_clock_ && access.object == ClockId() && access.kind == AccessKind::kWrite) {
    FinishStep();
    BeginStep(clock_, AlternativeKind::kClock);
  }
  footprint_.Add(access);
}

// The step under way has ended: its branch is known now, and who depends on it wakes up.
void Search::FinishStep() {
  if (!std::exchange(in_step_, false)) return;
  if (taken_ != nullptr) {
    std::vector<Variant>& variants = taken_->variants;
    const bool known = std::any_of(variants.begin(), variants.end(),
                                   [this](const Variant& variant) { return variant.draws == draws_; });
    if (!known) variants.push_back({draws_, footprint_});
  }
  if (sleeping_.empty()) return;
  std::erase_if(sleeping_,
                [this](const Sleeper& sleeper) { return sleeper.get().footprint.ConflictsWith(footprint_); });
}

// Whether all that the alternative can do need not be explored.
bool Search::Sleeps(AlternativeId id) const {
  std::size_t asleep = 0;
  const Branch* branch = nullptr;
  for (const Sleeper& sleeper : sleeping_) {
    if (sleeper.id != id) continue;
    branch = sleeper.branch;
    ++asleep;
  }
  return asleep > 0 && asleep == branch->variants.size();
}

// The same of the step under way, if it draws `value` after `draws`.
bool Search::Sleeps(const std::vector<std::uint32_t>& draws, std::uint32_t value) const {
  if (own_sleepers_.empty()) return false;
  const auto begins_so = [&](const Variant& variant) {
    return variant.draws.size() > draws.size() && std::equal(draws.begin(), draws.end(), variant.draws.begin()) &&
           variant.draws[draws.size()] == value;
  };
  const std::vector<Variant>& all = own_sleepers_.front().branch->variants;
  const auto asleep = std::count_if(own_sleepers_.begin(), own_sleepers_.end(),
                                    [&](const Sleeper& sleeper) { return begins_so(sleeper.get()); });
  return asleep > 0 && asleep == std::count_if(all.begin(), all.end(), begins_so);
}

// Those below `values`, in ascending order.
void Search::AddSleepingValues(std::uint32_t values, std::vector<std::uint32_t>& asleep) const {
  for (const Sleeper& sleeper : own_sleepers_) {
    const std::vector<std::uint32_t>& draws = sleeper.get().draws;
    if (draws.size() <= draws_.size()) continue;
    const std::uint32_t value = draws[draws_.size()];
    if (value < values && Sleeps(draws_, value)) asleep.push_back(value);
  }
  std::sort(asleep.begin(), asleep.end());
  asleep.erase(std::unique(asleep.begin(), asleep.end()), asleep.end());
}

void Search::EndExecution() {
  FinishStep();
  ++(redundant_ ? cut_ : schedules_);
  explored_ += depth_ == 0 ? 1 : nodes_[depth_ - 1].weight / static_cast<double>(nodes_[depth_ - 1].size);
  while (depth_ > 0 && ++nodes_[depth_ - 1].current == nodes_[depth_ - 1].size) --depth_;
  complete_ = depth_ == 0;
}

// ---------------------------------------------------------------- what came out

double Search::EstimatedSchedules() const { return explored_ > 0 ? static_cast<double>(schedules_) / explored_ : 0; }

std::optional<Coverage> Search::Covered() const {
  Coverage coverage;
  coverage.complete = complete_;
  coverage.explored = complete_ ? 1 : explored_;
  coverage.schedules = schedules_;
  coverage.cut = cut_;
  switch (options_.kind) {
    case Kind::kAll:
      coverage.what = "schedules";
      break;
    case Kind::kReduced:
      coverage.what = options_.memory == PlainMemory::kUnknown ? "schedules" : "classes";
      if (options_.memory == PlainMemory::kReported) coverage.assuming = "that tasks share only what they report";
      break;
    case Kind::kDelays:
      coverage.what = "schedules with at most " + Plural(options_.bound, "delay");
      break;
    case Kind::kPreemptions:
      coverage.what = "schedules with at most " + Plural(options_.bound, "preemption");
      break;
    case Kind::kSweep:
      coverage.what = "schedules with at most " + std::to_string(options_.bound) +
                      (options_.bound == 1 ? " cancellation or fault" : " cancellations or faults") +
                      " that are otherwise the base";
      break;
  }
  if (divergence_)
    coverage.assuming = "that the program depends on its schedule alone, which it does not: " + *divergence_;
  return coverage;
}

}  // namespace hocket::testing
