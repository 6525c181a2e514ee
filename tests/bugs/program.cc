#include "tests/bugs/program.h"

#include <stdexcept>

namespace hocket::bugs {

namespace {

// splitmix64's finalizer: the same everywhere, for ever.
std::uint64_t Mix(std::uint64_t value) noexcept {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

Task<> Noise() {
  for (int step = 0; step < 60; ++step) co_await Checkpoint({.kind = AccessKind::kYield});
}

}  // namespace

const char* ToString(Regime regime) noexcept {
  switch (regime) {
    case Regime::kPlain:
      return "plain";
    case Regime::kPadded:
      return "padded";
    case Regime::kNoisy:
      return "noisy";
  }
  return "";
}

Setting::Setting(bool fixed, Regime regime, std::uint64_t padding) noexcept
    : fixed_(fixed), regime_(regime), padding_(padding) {}

Task<> Setting::Pad() {
  if (regime_ == Regime::kPlain && !insertion_) co_return;
  const TaskId task = CurrentTask().id();
  const std::uint64_t nth = ++paddings_[task];
  if (insertion_ && insertion_->task == task && (insertion_->nth == 0 || insertion_->nth == nth)) {
    for (int left = insertion_->checkpoints; left > 0; --left) co_await Checkpoint({.kind = AccessKind::kYield});
  }
  if (regime_ == Regime::kPlain) co_return;
  for (std::uint64_t left = Mix(padding_ ^ Mix(task + nth)) % 21; left > 0; --left) {
    co_await Checkpoint({.kind = AccessKind::kYield});
  }
}

void Setting::Insert(const Insertion& insertion) { insertion_ = insertion; }

void Setting::Observe(const std::string& value) { observed_ += value + "\n"; }

void Require(bool condition, const char* what) {
  if (!condition) throw std::logic_error(what);
}

Task<> RunProgram(const Program& program, Setting& setting) {
  if (setting.regime() != Regime::kNoisy) {
    co_await program.body(setting);
    co_return;
  }
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int task = 0; task < 4; ++task) nursery.StartSoon(TaskName("noise"), Noise);
    co_await program.body(setting);
  });
}

}  // namespace hocket::bugs
