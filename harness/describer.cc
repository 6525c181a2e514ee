#include "harness/describer.h"

#include <utility>

#include "harness/function_name.h"

namespace hocket::testing {

Describer::Describer(Chooser& inner)
    : inner_(inner), orders_{BaseOrder(kBases[0]), BaseOrder(kBases[1]), BaseOrder(kBases[2])} {}

void Describer::Begin(const Executor& executor) noexcept {
  executor_ = &executor;
  last_path_ = "main";
  for (BaseOrder& order : orders_) order.Begin(executor);
  positions_.Begin(executor);
  inner_.Begin(executor);
}

void Describer::Added(AlternativeId id) noexcept {
  for (BaseOrder& order : orders_) order.Added(id);
  inner_.Added(id);
}

void Describer::Removed(AlternativeId id, Removal why) noexcept {
  for (BaseOrder& order : orders_) order.Removed(id, why);
  if (why == Removal::kPicked) {
    positions_.StepBegins(id);
    last_path_ = executor_->Path(id);
  }
  inner_.Removed(id, why);
}

AlternativeId Describer::Pick() noexcept {
  const PositionKey& key = positions_.Last();
  const Position position{last_path_, positions_.last_operation(), key.nth};
  const AlternativeId id = inner_.Pick();
  if (id == kStopRun) return id;
  const std::string path = executor_->Path(id);
  alternatives_ = orders_[0].size();
  description_.exact.push_back({alternatives_, path, executor_->Describe(id).standing.operation});
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    deviates_[i] = orders_[i].First() != id;
    if (deviates_[i]) description_.views[i].deviations.push_back({position, path});
  }
  return id;
}

std::uint32_t Describer::Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept {
  const std::uint32_t value = inner_.Draw(n, label, kind);
  const PositionKey key = positions_.NextDraw(label);
  if (value != 0) description_.draws.push_back({{last_path_, label, key.nth}, value});
  return value;
}

TraceEvent& Describer::Append(TraceEvent::Kind kind, std::uint32_t task) {
  TraceEvent& event = description_.trace.events.emplace_back();
  event.kind = kind;
  event.task = task;
  event.time = executor_->now();
  return event;
}

void Describer::NoteDecision(TraceEvent& event) {
  event.alternatives = std::exchange(alternatives_, 1);
  for (std::size_t i = 0; i < deviates_.size(); ++i) {
    if (std::exchange(deviates_[i], false))
      description_.views[i].marked.push_back(description_.trace.events.size() - 1);
  }
}

void Describer::OnSpawn(std::uint32_t task, const std::string& path) noexcept {
  description_.trace.tasks.push_back(path);
  description_.trace.functions.emplace_back();
  Append(TraceEvent::Kind::kSpawn, task);
}

void Describer::OnStep(std::uint32_t task) noexcept {
  stepping_ = task;
  NoteDecision(Append(TraceEvent::Kind::kStep, task));
}

void Describer::OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
                       const std::source_location& body) noexcept {
  TraceEvent& event = Append(TraceEvent::Kind::kPark, task);
  event.text = operation;
  event.file = where.file_name();
  event.line = where.line();
  std::string& function = description_.trace.functions[task];
  if (function.empty()) function = FunctionName(body);
}

void Describer::OnCancel(std::uint32_t task) noexcept { Append(TraceEvent::Kind::kCancel, task); }

void Describer::OnExit(std::uint32_t task, const Failure& failure) noexcept {
  Append(TraceEvent::Kind::kExit, task).text = failure ? failure.ToString() : std::string();
}

void Describer::OnCancelFromOutside(const std::string& path) noexcept {
  TraceEvent& event = Append(TraceEvent::Kind::kOutside, 0);
  event.text = path;
  NoteDecision(event);
}

void Describer::OnJump(Time) noexcept { NoteDecision(Append(TraceEvent::Kind::kJump, 0)); }

void Describer::OnDraw(const char* label, std::uint32_t value) noexcept {
  TraceEvent& event = Append(TraceEvent::Kind::kDraw, stepping_);
  event.text = label;
  event.value = value;
}

std::uint64_t Trace::Hash() const {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto add_byte = [&hash](unsigned char byte) { hash = (hash ^ byte) * 0x100000001b3u; };
  const auto add_number = [&](std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) add_byte(static_cast<unsigned char>(number >> shift));
  };
  const auto add_text = [&](const std::string& text) {
    add_number(text.size());
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
  };
  add_number(tasks.size());
  for (const std::string& path : tasks) add_text(path);
  for (const TraceEvent& event : events) {
    add_byte(static_cast<unsigned char>(event.kind));
    add_number(event.task);
    add_number(event.alternatives);
    add_number(event.value);
    add_text(event.text);
    add_number(static_cast<std::uint64_t>(event.time.time_since_epoch().count()));
  }
  return hash;
}

}  // namespace hocket::testing
