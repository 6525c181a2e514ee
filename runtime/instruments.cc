#include "hocket/instruments.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include "hocket/check.h"
#include "hocket/errors.h"

namespace hocket {

void Instrument::TaskSpawned(std::uint32_t, const std::string&) {}
void Instrument::TaskScheduled(std::uint32_t) {}
void Instrument::BeforeStep(std::uint32_t) {}
void Instrument::AfterStep(std::uint32_t, const char*, const std::source_location&) {}
void Instrument::TaskExited(std::uint32_t, const Failure&) {}
void Instrument::BeforeWait(Time) {}
void Instrument::AfterWait() {}

Instruments::Instruments(std::function<void(const Failure&)> on_error) : on_error_(std::move(on_error)) {
  if (on_error_ != nullptr) return;
  on_error_ = [](const Failure& failure) {
    std::cerr << "hocket: an instrument has been removed because it threw " << failure.ToString() << std::endl;
  };
}

void Instruments::Add(Instrument& instrument) {
  HOCKET_CHECK(std::find(instruments_.begin(), instruments_.end(), &instrument) == instruments_.end())
      << "the instrument has been added already";
  instruments_.push_back(&instrument);
}

void Instruments::Remove(Instrument& instrument) {
  const auto found = std::find(instruments_.begin(), instruments_.end(), &instrument);
  if (found == instruments_.end()) throw MisuseError("the instrument is not among these instruments");
  if (calling_ > 0) {
    *found = nullptr;
  } else {
    instruments_.erase(found);
  }
}

// Those that a hook adds have their turn at the next event.
template <class Hook>
void Instruments::ForEach(Hook hook) noexcept {
  ++calling_;
  const std::size_t count = instruments_.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (instruments_[i] == nullptr) continue;
    try {
      hook(*instruments_[i]);
    } catch (...) {
      instruments_[i] = nullptr;
      on_error_(Failure::FromCurrentException());
    }
  }
  if (--calling_ == 0) std::erase(instruments_, nullptr);
}

void Instruments::OnBegin() noexcept {
  ForEach([](Instrument& instrument) { instrument.BeforeRun(); });
}
void Instruments::OnEnd() noexcept {
  ForEach([](Instrument& instrument) { instrument.AfterRun(); });
}
void Instruments::OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept {
  const std::string path = spawned.Path();
  ForEach([&](Instrument& instrument) { instrument.TaskSpawned(task, path); });
}
void Instruments::OnReady(std::uint32_t task) noexcept {
  ForEach([&](Instrument& instrument) { instrument.TaskScheduled(task); });
}
void Instruments::OnStep(std::uint32_t task) noexcept {
  ForEach([&](Instrument& instrument) { instrument.BeforeStep(task); });
}
void Instruments::OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
                         const std::source_location&) noexcept {
  ForEach([&](Instrument& instrument) { instrument.AfterStep(task, operation, where); });
}
void Instruments::OnExit(std::uint32_t task, const Failure& failure) noexcept {
  ForEach([&](Instrument& instrument) {
    instrument.AfterStep(task, "exit", std::source_location());
    instrument.TaskExited(task, failure);
  });
}
void Instruments::OnIdle(Time until) noexcept {
  ForEach([&](Instrument& instrument) { instrument.BeforeWait(until); });
}
void Instruments::OnWoken() noexcept {
  ForEach([](Instrument& instrument) { instrument.AfterWait(); });
}

}  // namespace hocket
