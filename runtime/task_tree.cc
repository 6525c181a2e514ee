// Writes a task tree.
//
// Idea: tasks are sorted into the scopes that they are in, and lines are written from a stack of what is still to come,
// because nurseries may nest deeper than the stack is.
//
// Left out: what a task waits for by name, where only who holds it is known: primitives have no names.
//
// Tests: tests/runtime/task_tree_test.cc.
#include "hocket/task_tree.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/scheduler.h"

namespace hocket {

namespace {

constexpr std::size_t kMaxListed = 8;   // tasks in one line
constexpr std::size_t kMaxAlike = 4;    // tasks in a row that are shown one by one although they stand alike
constexpr std::size_t kShownAlike = 3;  // of more than that
constexpr std::size_t kMaxPlaces = 16;  // of one await chain
constexpr std::size_t kMaxIndent = 60;

std::string FormatDuration(Duration duration) {
  struct Unit {
    const char* name;
    std::int64_t count;
  };
  constexpr std::array<Unit, 3> kUnits = {{{"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}}};
  const std::int64_t count = duration.count();
  for (const Unit& unit : kUnits) {
    if (count < unit.count) continue;
    std::string text = std::to_string(count / unit.count);
    if (const std::int64_t tenths = count % unit.count / (unit.count / 10); tenths > 0) {
      text += "." + std::to_string(tenths);
    }
    return text + unit.name;
  }
  return std::to_string(count) + "ns";
}

bool IsLibraryCode(const std::source_location& where) {
  return std::string_view(where.file_name()).find("include/hocket/") != std::string_view::npos;
}

bool SamePlace(const std::source_location& a, const std::source_location& b) {
  return a.line() == b.line() && std::string_view(a.file_name()) == b.file_name();
}

class Tree {
 public:
  Tree(const std::vector<TaskSnapshot>& tasks, Time now) : tasks_(tasks), now_(now), children_(tasks.size()) {
    for (std::size_t i = 0; i < tasks.size(); ++i) numbers_.emplace(tasks[i].spawn_number, i);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      children_[i].resize(tasks[i].scopes.size());
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) Siblings(tasks[i]).push_back(i);
  }

  std::string Text() && {
    AddCycles();
    Push(roots_, 0);
    while (!pending_.empty()) {
      const Item item = pending_.back();
      pending_.pop_back();
      switch (item.kind) {
        case Item::Kind::kTask:
          AddTask(item.index, item.indent);
          break;
        case Item::Kind::kScope:
          AddScope(item.index, item.scope, item.indent);
          break;
        case Item::Kind::kAlike:
          AddLine(item.indent,
                  "... and " + std::to_string(item.scope) + " more that stand alike, to " + tasks_[item.index].path);
          break;
      }
    }
    return std::move(text_);
  }

 private:
  struct Item {
    enum class Kind { kTask, kScope, kAlike };
    Kind kind;
    std::size_t index;  // of the task; of the last one for kAlike
    std::size_t scope;  // the how manieth of its scopes; how many for kAlike
    std::size_t indent;
  };

  // Those that are with `task` in one nursery.
  std::vector<std::size_t>& Siblings(const TaskSnapshot& task) {
    if (!task.parent) return roots_;
    const auto parent = numbers_.find(*task.parent);
    if (parent == numbers_.end() || task.nursery >= children_[parent->second].size()) return roots_;
    return children_[parent->second][task.nursery];
  }

  std::string NameOf(std::uint32_t number) const {
    const auto task = numbers_.find(number);
    return task == numbers_.end() ? "task " + std::to_string(number) : tasks_[task->second].path;
  }

  void AddLine(std::size_t indent, const std::string& line) {
    text_.append(std::min(indent, kMaxIndent), ' ') += line + "\n";
  }

  void AddCycles() {
    const std::vector<WaitCycle> cycles = FindWaitCycles(tasks_);
    for (std::size_t i = 0; i < std::min(cycles.size(), kMaxListed); ++i) {
      const WaitCycle& cycle = cycles[i];
      std::string line = "a cycle: " + NameOf(cycle.front());
      const std::size_t shown = std::min(cycle.size(), kMaxListed);
      for (std::size_t j = 1; j < shown; ++j) line += " waits for " + NameOf(cycle[j]);
      if (shown < cycle.size()) line += " waits for ... " + std::to_string(cycle.size() - shown) + " more";
      AddLine(0, line + " waits for " + NameOf(cycle.front()));
    }
    if (cycles.size() > kMaxListed) AddLine(0, std::to_string(cycles.size() - kMaxListed) + " more cycles");
  }

  // The next line to be written is the first one of `siblings`.
  void Push(const std::vector<std::size_t>& siblings, std::size_t indent) {
    std::vector<Item> items;
    for (std::size_t begin = 0, end; begin < siblings.size(); begin = end) {
      end = begin + 1;
      while (end < siblings.size() && StandAlike(tasks_[siblings[begin]], tasks_[siblings[end]])) ++end;
      const std::size_t shown = end - begin > kMaxAlike ? kShownAlike : end - begin;
      for (std::size_t i = begin; i < begin + shown; ++i) items.push_back({Item::Kind::kTask, siblings[i], 0, indent});
      if (begin + shown < end) items.push_back({Item::Kind::kAlike, siblings[end - 1], end - begin - shown, indent});
    }
    pending_.insert(pending_.end(), items.rbegin(), items.rend());
  }

  static bool StandAlike(const TaskSnapshot& a, const TaskSnapshot& b) {
    return a.scopes.empty() && b.scopes.empty() && a.operation == b.operation && a.ready == b.ready &&
           a.cancelled == b.cancelled && a.held_by == b.held_by &&
           std::equal(a.where.begin(), a.where.end(), b.where.begin(), b.where.end(), SamePlace);
  }

  void AddTask(std::size_t index, std::size_t indent) {
    const TaskSnapshot& task = tasks_[index];
    const bool running = task.operation == "running";
    std::string line =
        task.path + (running ? " is running" : (task.ready ? " is ready at " : " waits in ") + task.operation);
    for (std::size_t i = 0; i < std::min(task.held_by.size(), kMaxListed); ++i) {
      line += (i == 0 ? " for " : ", ") + NameOf(task.held_by[i]);
    }
    if (task.held_by.size() > kMaxListed) {
      line += " and " + std::to_string(task.held_by.size() - kMaxListed) + " more";
    }
    AddLine(indent, line + (task.cancelled ? ", cancelled" : ""));
    AddPlaces(task, indent + 2);
    for (std::size_t scope = task.scopes.size(); scope-- > 0;) {
      pending_.push_back({Item::Kind::kScope, index, scope, indent + 2});
    }
  }

  // Without those of combinators, unless there are no others.
  void AddPlaces(const TaskSnapshot& task, std::size_t indent) {
    std::vector<std::source_location> places = task.where;
    std::erase_if(places, IsLibraryCode);
    if (places.empty() && !task.where.empty()) places.push_back(task.where.front());
    std::erase_if(places, [](const std::source_location& where) { return where.line() == 0; });
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (i + 1 == kMaxPlaces && places.size() > kMaxPlaces) {
        AddLine(indent, "... " + std::to_string(places.size() - kMaxPlaces) + " more");
        i = places.size() - 1;
      }
      AddLine(indent, std::string(places[i].file_name()) + ":" + std::to_string(places[i].line()));
    }
  }

  void AddScope(std::size_t index, std::size_t number, std::size_t indent) {
    const ScopeSnapshot& scope = tasks_[index].scopes[number];
    std::string line = scope.nursery ? "in a nursery" : "in a cancel scope";
    if (scope.cancelled) line += ", cancelled" + (scope.reason.empty() ? "" : " (" + FirstLine(scope.reason) + ")");
    if (scope.shield) line += ", shielded";
    if (scope.deadline != kForever) {
      line += scope.deadline > now_ ? ", deadline in " + FormatDuration(scope.deadline - now_) : ", past its deadline";
    }
    const std::vector<std::size_t>& children = children_[index][number];
    AddLine(indent, line + (children.empty() ? "" : ":"));
    Push(children, indent + 2);
  }

  static std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

  const std::vector<TaskSnapshot>& tasks_;
  const Time now_;
  std::unordered_map<std::uint32_t, std::size_t> numbers_;       // spawn numbers to indices; only looked up
  std::vector<std::vector<std::vector<std::size_t>>> children_;  // by task and scope
  std::vector<std::size_t> roots_;                               // in nobody's nursery
  std::vector<Item> pending_;                                    // the next one is the last
  std::string text_;
};

}  // namespace

std::string FormatTaskTree(const std::vector<TaskSnapshot>& tasks, Time now) { return Tree(tasks, now).Text(); }

std::string TaskTree() {
  if (!internal::Scheduler::InRun()) return "no run is under way on this thread\n";
  internal::Scheduler& scheduler = internal::Scheduler::Current();
  return FormatTaskTree(scheduler.Snapshots(), scheduler.now());
}

void DumpTaskTree() {
  const std::string tree = TaskTree();
  std::fwrite(tree.data(), 1, tree.size(), stderr);
  std::fflush(stderr);
}

}  // namespace hocket

// For tools/gdb/hocket.py, which can call this without debug information, and shows the text itself. Kept by every
// linker: nobody else calls it.
extern "C" [[gnu::used, gnu::retain]] const char* hocket_task_tree();
extern "C" const char* hocket_task_tree() {
  static thread_local std::string tree;
  tree = hocket::TaskTree();
  return tree.c_str();
}
