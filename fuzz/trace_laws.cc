#include "fuzz/trace_laws.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace hocket::testing {

namespace {

using nlohmann::json;

bool HasCancelled(const json& failure) {
  if (failure.is_string()) return failure == "Cancelled";
  if (!failure.is_object()) return false;
  const json& members = failure.at("of");
  return std::any_of(members.begin(), members.end(), HasCancelled);
}

class Laws {
 public:
  explicit Laws(const json& program) : program_(program) { AddStatements(program.at("main")); }

  std::string Broken(const json& trace) {
    for (std::size_t i = 0; i < trace.size() && broken_.empty(); ++i) {
      const json& event = trace[i];
      if (event.at("t").get<double>() < time_) Break("time runs backwards");
      time_ = event.at("t").get<double>();
      See(event);
      if (!broken_.empty()) broken_ += ": event " + std::to_string(i) + ", " + event.dump();
    }
    if (broken_.empty() && (trace.empty() || trace.back().at("ev") != "end")) Break("the trace has no end");
    return broken_;
  }

 private:
  // A task that has begun.
  struct Task {
    std::vector<int> stack;  // the statements that it is in, by their ids
    json last;               // how the last statement of its body ended
    bool ended = false;
    json failure;
  };

  void Break(const char* law) {
    if (broken_.empty()) broken_ = law;
  }

  void AddStatements(const json& body) {
    for (const json& st : body) {
      const int id = st.at("id").get<int>();
      if (!statements_.emplace(id, &st).second) is_plain_ = false;
      ++uses_[st.at("op").get_ref<const std::string&>()];
      for (const char* name : {"n", "task"}) {
        const bool gives = st.at("op") == "nursery"
                               ? name == std::string("n")
                               : (st.at("op") == "spawn" || st.at("op") == "start") && name == std::string("task");
        if (gives && !names_.insert(st.at(name).get<std::string>()).second) is_plain_ = false;
      }
      for (const char* inner : {"body", "handler", "fin"}) {
        if (st.contains(inner)) AddStatements(st.at(inner));
      }
    }
  }

  void See(const json& event) {
    const auto& kind = event.at("ev").get_ref<const std::string&>();
    if (kind == "deadlock") {
      deadlocks_ = event.at("n").get<int>();
      return;
    }
    if (kind == "end") return SeeEnd(event);
    // Names and ids that were given twice say nothing.
    if (!is_plain_ || !event.contains("task")) return;
    const auto& label = event.at("task").get_ref<const std::string&>();
    if (kind == "start") {
      if (!tasks_.emplace(label, Task()).second) Break("a task begins twice");
      return;
    }
    const auto found = tasks_.find(label);
    if (found == tasks_.end()) return Break("a task acts before it begins");
    Task& task = found->second;
    if (task.ended) return Break("a task acts after its end");
    if (kind == "exit") {
      if (!task.stack.empty()) Break("a task ends inside of a statement");
      if (event.at("x") != task.last) Break("a task ends otherwise than its body");
      task.ended = true;
      task.failure = event.at("x");
      return;
    }
    const int id = event.at("at").get<int>();
    if (kind == "do") {
      task.stack.push_back(id);
      CheckInside();
      return;
    }
    if (task.stack.empty() || task.stack.back() != id) return Break("statements do not nest");
    if (kind == "ok" || kind == "exc") {
      task.stack.pop_back();
      if (task.stack.empty()) task.last = kind == "exc" ? event.at("x") : json();
      SeeEndOf(*statements_.at(id), event);
    }
  }

  void SeeEndOf(const json& st, const json& event) {
    const auto& op = st.at("op").get_ref<const std::string&>();
    const json failure = event.value("x", json());
    const bool is_skipped = event.value("skip", false);
    if (event.value("cc", false)) {
      if (event.contains("called") && !event.at("called").get<bool>()) Break("a scope caught what it did not cause");
      if (HasCancelled(failure)) Break("a cancellation leaves a scope that has caught it");
    }
    if (op == "nursery") {
      if (!failure.is_null() && !failure.is_object()) Break("what leaves a nursery is no group");
      for (const std::string& task : children_[st.at("n").get<std::string>()]) {
        const auto child = tasks_.find(task);
        if (child == tasks_.end() || !child->second.ended) Break("a task outlives its nursery");
      }
    } else if (op == "spawn" && failure.is_null() && !is_skipped) {
      AddChild(st);
    } else if (op == "start" && !is_skipped) {
      if (failure.is_null()) {
        AddChild(st);
      } else if (failure != "RuntimeError.nursery_closed") {
        const auto child = tasks_.find(st.at("task").get<std::string>());
        if (child == tasks_.end() || !child->second.ended) Break("a task outlives the start that failed");
      }
    } else if ((op == "send" || op == "send_nw") && failure.is_null() && !is_skipped) {
      ++sent_[{ChannelOf(st), st.at("v").get<int>()}];
    } else if ((op == "recv" || op == "recv_nw") && failure.is_null() && !is_skipped) {
      ++received_[{ChannelOf(st), event.at("v").get<int>()}];
    } else if (op == "set_limit" && failure.is_null()) {
      std::size_t& most = most_tokens_[st.at("s").get<std::size_t>()];
      most = std::max(most, st.at("v").get<std::size_t>());
    }
  }

  void AddChild(const json& st) {
    children_[st.at("n").get<std::string>()].push_back(st.at("task").get<std::string>());
  }

  static std::string ChannelOf(const json& st) {
    const auto name = st.at("c").get<std::string>();
    return name.substr(0, name.find_first_of("sr"));
  }

  // How many tasks are in the body of a statement about object `number`.
  std::size_t Inside(const std::string& op, const char* field, std::size_t number) const {
    std::size_t count = 0;
    for (const auto& [label, task] : tasks_) {
      for (std::size_t i = 0; i + 1 < task.stack.size(); ++i) {
        const json& st = *statements_.at(task.stack[i]);
        if (st.at("op") == op && st.at(field) == number) ++count;
      }
    }
    return count;
  }

  void CheckInside() {
    // Where locks are taken and given back one by one, their statements' bodies say nothing about who holds them.
    const bool locks_are_whole = uses_["acq"] == 0 && uses_["rel"] == 0 && uses_["cond_wait"] == 0;
    for (std::size_t lock = 0; locks_are_whole && lock < program_.value("lock", std::size_t{0}); ++lock) {
      if (Inside("lock", "l", lock) > 1) Break("two tasks are inside of one lock");
    }
    const json permits = program_.value("sem", json::array());
    for (std::size_t i = 0; i < permits.size(); ++i) {
      if (Inside("sem", "s", i) > permits[i].get<std::size_t>()) Break("a semaphore lets too many in");
    }
    const json tokens = program_.value("lim", json::array());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const auto changed = most_tokens_.find(i);
      const std::size_t most =
          std::max(tokens[i].get<std::size_t>(), changed == most_tokens_.end() ? 0 : changed->second);
      if (Inside("limit", "s", i) > most) Break("a limiter lets too many in");
    }
  }

  void SeeEnd(const json& event) {
    // A run that was given up leaves its tasks where they are.
    if (deadlocks_ > 2 || !is_plain_) return;
    for (const auto& [label, task] : tasks_) {
      if (!task.ended) Break("a task outlives the run");
    }
    for (const auto& [nursery, children] : children_) {
      for (const std::string& child : children) {
        if (!tasks_.contains(child)) Break("a task was never begun");
      }
    }
    const json& failure = event.at("x");
    const json& of_main = tasks_.at("main").failure;
    // Only a deadlock cancels the scope around the main task.
    if (deadlocks_ == 0 && failure != of_main) Break("the run ends otherwise than its main task");
    if (deadlocks_ > 0 && HasCancelled(failure)) Break("a cancellation leaves the run");
    for (const auto& [value, count] : received_) {
      if (count > sent_[value]) Break("a value is received more often than it was sent");
    }
  }

  const json& program_;
  std::map<int, const json*> statements_;
  std::set<std::string> names_;
  std::map<std::string, int> uses_;  // of operations
  bool is_plain_ = true;             // no name and no id is given twice

  double time_ = 0;
  int deadlocks_ = 0;
  std::map<std::string, Task> tasks_;
  std::map<std::string, std::vector<std::string>> children_;  // by nursery
  std::map<std::pair<std::string, int>, int> sent_;
  std::map<std::pair<std::string, int>, int> received_;
  std::map<std::size_t, std::size_t> most_tokens_;
  std::string broken_;
};

}  // namespace

std::string BrokenLaw(const json& program, const json& trace) { return Laws(program).Broken(trace); }

}  // namespace hocket::testing
