#include "harness/breakpoint.h"

#include <csignal>
#include <cstdio>
#include <fstream>
#include <utility>

namespace hocket::testing {

namespace {

bool DebuggerAttached() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("TracerPid:", 0) == 0) return line.find_first_of("123456789") != std::string::npos;
  }
  return false;
}

void Say(const std::string& line) {
  std::fprintf(stderr, "hocket: %s\n", line.c_str());
  std::fflush(stderr);
}

}  // namespace

void Breakpoint::Stop(const std::string& what) const noexcept {
  Say("step " + std::to_string(step_) + " is next: " + what);
  if (!DebuggerAttached()) Say("no debugger is attached to stop in; run this command again after `gdb --args`");
  std::raise(SIGTRAP);
}

void Breakpoint::OnBegin() noexcept {
  spent_ = true;
  steps_ = 0;
  tasks_.clear();
  PassingObserver::OnBegin();
}

void Breakpoint::OnEnd() noexcept {
  if (steps_ < step_) {
    Say("HOCKET_BREAK_AT: the replay ended after " + std::to_string(steps_) + " steps, before step " +
        std::to_string(step_));
  }
  PassingObserver::OnEnd();
}

void Breakpoint::OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept {
  if (tasks_.size() <= task) tasks_.resize(task + 1);
  tasks_[task].path = spawned.Path();
  PassingObserver::OnSpawn(task, spawned);
}

void Breakpoint::OnStep(std::uint32_t task) noexcept {
  PassingObserver::OnStep(task);
  if (!Due()) return;
  const Standing& standing = tasks_[task];
  std::string what = standing.path + " goes on from " + standing.operation;
  if (standing.where.line() != 0) {
    what += std::string(" at ") + standing.where.file_name() + ":" + std::to_string(standing.where.line());
  }
  Stop(what);
}

void Breakpoint::OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
                        const std::source_location& body) noexcept {
  tasks_[task].operation = operation;
  tasks_[task].where = where;
  PassingObserver::OnPark(task, operation, where, body);
}

void Breakpoint::OnCancelFromOutside(const std::string& path) noexcept {
  PassingObserver::OnCancelFromOutside(path);
  if (Due()) Stop(path + " is cancelled from outside");
}

void Breakpoint::OnJump(Time now) noexcept {
  PassingObserver::OnJump(now);
  if (Due()) Stop("time has passed");
}

}  // namespace hocket::testing
