// What the tests of the runtime share: runs on the virtual clock, a log of what happened, instance counts, step counts.
#ifndef HOCKET_TESTS_RUNTIME_SUPPORT_H_
#define HOCKET_TESTS_RUNTIME_SUPPORT_H_

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hocket/hocket.h"

namespace hocket {

template <class Main>
auto RunVirtual(Main&& main, RunOptions options = {}) {
  options.clock = ClockKind::kVirtual;
  return Run(std::forward<Main>(main), options);
}

// hocket::Run under a name that testing::Test::Run does not hide.
template <class Main>
auto RunReal(Main&& main, const RunOptions& options = {}) {
  return Run(std::forward<Main>(main), options);
}

using Log = std::vector<std::string>;

// Counts the living instances of itself.
class Counted {
 public:
  Counted() { ++living; }
  Counted(const Counted&) { ++living; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --living; }

  static inline int living = 0;
};

// Calls `action` when it is destroyed.
template <class Action>
class AtEnd {
 public:
  explicit AtEnd(Action action) : action_(std::move(action)) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() { action_(); }

 private:
  Action action_;
  Counted counted_;
};

// Records what an observer hears, and counts steps by task.
class Recorder : public Observer {
 public:
  void OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept override {
    if (paths.size() <= task) paths.resize(task + 1);
    if (steps.size() <= task) steps.resize(task + 1);
    paths[task] = spawned.Path();
  }
  void OnStep(std::uint32_t task) noexcept override {
    ++steps[task];
    order.push_back(task);
  }
  void OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
              const std::source_location& body) noexcept override {
    parks.push_back(std::to_string(task) + " " + operation);
    last_where = where;
    last_body = body;
  }
  void OnCancel(std::uint32_t task) noexcept override { cancelled.push_back(task); }
  void OnExit(std::uint32_t task, const Failure& failure) noexcept override {
    exits.push_back(std::to_string(task) + " " + failure.ToString());
  }
  void OnJump(Time now) noexcept override { jumps.push_back(now); }
  void OnDraw(const char* label, std::uint32_t value) noexcept override {
    draws.push_back(label + ("=" + std::to_string(value)));
  }

  std::vector<std::string> paths;
  std::vector<std::uint64_t> steps;
  std::vector<std::uint32_t> order;
  Log parks;
  Log exits;
  Log draws;
  std::vector<std::uint32_t> cancelled;
  std::vector<Time> jumps;
  std::source_location last_where;
  std::source_location last_body;
};

// The members of a group in brackets, leaves by what they say: "[boom, cancelled, [inner]]".
inline std::string Shape(const Failure& failure) {
  if (!failure) return "-";
  if (!failure.is_group()) {
    const std::string text = failure.ToString();
    const std::size_t colon = text.rfind(": ");
    return colon == std::string::npos ? text : text.substr(colon + 2);
  }
  std::string text = "[";
  const ExceptionGroup group = failure.group();
  for (const Failure& member : group.members()) text += (text.size() > 1 ? ", " : "") + Shape(member);
  return text + "]";
}

inline Time At(Duration since_start) { return Time{} + since_start; }

[[noreturn]] inline void Throw(const char* what) { throw std::runtime_error(what); }

// Whether `failure` is a std::runtime_error that says `what`.
inline bool Says(const Failure& failure, const std::string& what) {
  return failure.ToString() == "std::runtime_error: " + what;
}

}  // namespace hocket

#endif  // HOCKET_TESTS_RUNTIME_SUPPORT_H_
