#include "harness/describer.h"

#include <algorithm>
#include <utility>

#include "harness/base_order.h"
#include "harness/function_name.h"
#include "harness/position_tracker.h"

namespace hocket::testing {

namespace {

// FNV-1a.
class Hasher {
 public:
  explicit Hasher(std::uint64_t hash = 0xcbf29ce484222325u) : hash_(hash) {}

  void AddByte(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3u; }
  void AddNumber(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) AddByte(static_cast<unsigned char>(number >> shift));
  }
  void AddText(const std::string& text) {
    AddNumber(text.size());
    for (const char c : text) AddByte(static_cast<unsigned char>(c));
  }
  void AddEvent(const TraceEvent& event) {
    AddByte(static_cast<unsigned char>(event.kind));
    AddNumber(event.task);
    AddNumber(event.alternatives);
    AddNumber(event.value);
    AddText(event.text);
    AddNumber(static_cast<std::uint64_t>(event.time.time_since_epoch().count()));
  }
  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_;
};

bool IsNumbered(const TraceEvent& event) {
  return event.kind == TraceEvent::Kind::kStep || event.kind == TraceEvent::Kind::kJump ||
         event.kind == TraceEvent::Kind::kOutside;
}

// Leaves the last `count` events.
void KeepLast(Trace& trace, std::size_t count) {
  if (trace.events.size() <= count) return;
  const auto end = trace.events.end() - static_cast<std::ptrdiff_t>(count);
  Hasher hasher(trace.earlier_hash);
  for (auto event = trace.events.begin(); event != end; ++event) {
    hasher.AddEvent(*event);
    ++trace.earlier_events;
    trace.earlier_steps += IsNumbered(*event) ? 1 : 0;
  }
  trace.earlier_hash = hasher.hash();
  trace.events.erase(trace.events.begin(), end);
}

}  // namespace

std::uint64_t Trace::Hash() const {
  Hasher hasher;
  hasher.AddNumber(tasks.size());
  for (const std::string& path : tasks) hasher.AddText(path);
  if (earlier_events > 0) {
    hasher.AddNumber(earlier_events);
    hasher.AddNumber(earlier_hash);
  }
  for (const TraceEvent& event : events) hasher.AddEvent(event);
  return hasher.hash();
}

// Makes a description of records. Stands in for the run to those who ask it.
class Describer::Reader final : public Executor {
 public:
  explicit Reader(const Describer& describer)
      : describer_(describer), orders_{BaseOrder(kBases[0]), BaseOrder(kBases[1]), BaseOrder(kBases[2])} {
    for (BaseOrder& order : orders_) order.Begin(*this);
    positions_.Begin(*this);
    last_step_ = {PathHash("main"), "start"};
  }

  void Read(const Record& record) {
    switch (record.kind) {
      case Record::Kind::kAdded: {
        const auto task = static_cast<std::uint32_t>(record.number);
        Add(record.id, {{describer_.tasks_[task].id, task, AlternativeKind::kTask}, task});
        break;
      }
      case Record::Kind::kOtherAdded: {
        const auto index = static_cast<std::size_t>(record.number);
        Add(record.id, {describer_.others_[index].owner, index});
        break;
      }
      case Record::Kind::kRemoved:
        for (BaseOrder& order : orders_) order.Removed(record.id, Removal::kDisabled);
        break;
      case Record::Kind::kTurn:
        if (record.turn & kPicked) Decide(record.id);
        if (record.turn & kBegins) Begin(record.id);
        if (record.turn & kSteps) Step(alternatives_[record.id].owner.spawn_number);
        break;
      case Record::Kind::kStep:
        Step(record.id);
        break;
      case Record::Kind::kSpawn:
        description_.trace.tasks.push_back(describer_.tasks_[record.id].path);
        description_.trace.functions.emplace_back();
        operations_.push_back("start");
        Append(TraceEvent::Kind::kSpawn, record.id);
        break;
      case Record::Kind::kBody: {
        std::string& function = description_.trace.functions[record.id];
        if (function.empty()) function = FunctionName(record.where);
        break;
      }
      case Record::Kind::kPark: {
        operations_[record.id] = record.text;
        last_step_ = {describer_.tasks_[record.id].id, record.text};
        TraceEvent& event = Append(TraceEvent::Kind::kPark, record.id);
        event.text = record.text;
        event.file = record.where.file_name();
        event.line = record.where.line();
        break;
      }
      case Record::Kind::kCancel:
        Append(TraceEvent::Kind::kCancel, record.id);
        break;
      case Record::Kind::kExit: {
        last_step_ = {describer_.tasks_[record.id].id, "exit"};
        TraceEvent& event = Append(TraceEvent::Kind::kExit, record.id);
        if (record.failed) event.text = describer_.texts_[static_cast<std::size_t>(record.number)];
        break;
      }
      case Record::Kind::kOutside: {
        TraceEvent& event = Append(TraceEvent::Kind::kOutside, 0);
        event.text = describer_.texts_[static_cast<std::size_t>(record.number)];
        NoteDecision(event);
        break;
      }
      case Record::Kind::kJump:
        time_ = Time(Duration(record.number));
        NoteDecision(Append(TraceEvent::Kind::kJump, 0));
        break;
      case Record::Kind::kDraw:
        Draw(record.text, record.id);
        break;
      case Record::Kind::kEnd:
        ended_ = true;
        break;
    }
  }

  Description Take() {
    Trace& trace = description_.trace;
    if (describer_.keeps_ == Keeps::kLastEvents) KeepLast(trace, Trace::kMostEvents);
    for (BaseView& view : description_.views) {
      std::erase_if(view.marked, [&](std::size_t step) { return step < trace.earlier_events; });
      for (std::size_t& step : view.marked) step -= trace.earlier_events;
    }
    return std::move(description_);
  }

  AlternativeInfo Describe(AlternativeId id) const noexcept override {
    const AlternativeOwner& owner = alternatives_[id].owner;
    return {.kind = owner.kind, .standing = {owner.task, OperationOf(owner)}, .spawn_number = owner.spawn_number};
  }
  std::source_location Location(AlternativeId) const noexcept override { return {}; }
  Standing LastStep() const noexcept override { return last_step_; }
  std::string Path(AlternativeId id) const override { return PathOf(id); }
  Time now() const noexcept override { return time_; }

 private:
  struct Alternative {
    AlternativeOwner owner;
    std::size_t index = 0;  // in the describer's tasks or others
  };

  const std::string& PathOf(AlternativeId id) const {
    const Alternative& alternative = alternatives_[id];
    return alternative.owner.kind == AlternativeKind::kTask ? describer_.tasks_[alternative.index].path
                                                            : describer_.others_[alternative.index].path;
  }

  const char* OperationOf(const AlternativeOwner& owner) const noexcept {
    switch (owner.kind) {
      case AlternativeKind::kTask:
        return operations_[owner.spawn_number];
      case AlternativeKind::kClock:
        return "Jump";
      case AlternativeKind::kCancel:
        break;
    }
    return "Cancel";
  }

  void Add(AlternativeId id, const Alternative& alternative) {
    if (id >= alternatives_.size()) alternatives_.resize(id + 1);
    alternatives_[id] = alternative;
    for (BaseOrder& order : orders_) order.Added(id);
  }

  void Decide(AlternativeId id) {
    const std::string& path = PathOf(id);
    const std::uint32_t nth = positions_.Last().nth;
    const Position position{last_path_, positions_.last_operation(), nth};
    decided_among_ = orders_[0].size();
    if (++description_.decisions <= kMaxDecisions) {
      description_.exact.push_back({decided_among_, path, Describe(id).standing.operation});
    } else {
      description_.exact.clear();
    }
    for (std::size_t i = 0; i < orders_.size(); ++i) {
      deviates_[i] = orders_[i].First() != id;
      if (deviates_[i]) description_.views[i].deviations.push_back({position, path});
    }
  }

  void Begin(AlternativeId id) {
    for (BaseOrder& order : orders_) order.Removed(id, Removal::kPicked);
    positions_.StepBegins(id);
    const AlternativeOwner& owner = alternatives_[id].owner;
    if (owner.kind != AlternativeKind::kTask) last_step_ = {owner.task, OperationOf(owner)};
    last_path_ = PathOf(id);
  }

  void Step(std::uint32_t task) {
    stepping_ = task;
    NoteDecision(Append(TraceEvent::Kind::kStep, task));
  }

  void Draw(const char* label, std::uint32_t value) {
    if (!ended_) {
      const PositionKey key = positions_.NextDraw(label);
      if (value != 0) description_.draws.push_back({{last_path_, label, key.nth}, value});
    }
    TraceEvent& event = Append(TraceEvent::Kind::kDraw, stepping_);
    event.text = label;
    event.value = value;
  }

  TraceEvent& Append(TraceEvent::Kind kind, std::uint32_t task) {
    Trace& trace = description_.trace;
    if (describer_.keeps_ == Keeps::kLastEvents && trace.events.size() == 2 * Trace::kMostEvents)
      KeepLast(trace, Trace::kMostEvents);
    TraceEvent& event = trace.events.emplace_back();
    event.kind = kind;
    event.task = task;
    event.time = time_;
    return event;
  }

  // `event` is what a decision led to.
  void NoteDecision(TraceEvent& event) {
    event.alternatives = std::exchange(decided_among_, 1);
    const Trace& trace = description_.trace;
    for (std::size_t i = 0; i < deviates_.size(); ++i) {
      if (std::exchange(deviates_[i], false))
        description_.views[i].marked.push_back(trace.earlier_events + trace.events.size() - 1);
    }
  }

  const Describer& describer_;
  std::array<BaseOrder, 3> orders_;
  PositionTracker positions_;
  std::vector<Alternative> alternatives_;
  std::vector<const char*> operations_;  // that tasks stand at, by spawn number
  Standing last_step_;
  std::string last_path_ = "main";   // of the alternative that stepped last
  std::uint32_t stepping_ = 0;       // the task whose step is under way
  std::uint32_t decided_among_ = 1;  // alternatives of the decision that the next step follows
  std::array<bool, 3> deviates_{};   // whether that decision deviates
  bool ended_ = false;               // the chooser has left the execution
  Time time_;
  Description description_;
};

Describer::Describer(Keeps keeps) : keeps_(keeps) {}
Describer::~Describer() = default;

void Describer::Follow(Chooser& inner) {
  inner_ = &inner;
  size_ = 0;
  others_.clear();
  texts_.clear();
  reader_.reset();
}

Description Describer::Take() {
  Read();
  return reader_->Take();
}

void Describer::MakeRoom() {
  if (records_.size() < kMostRecords) {
    constexpr std::size_t kFirstRecords = 256;
    records_.resize(std::max(kFirstRecords, 2 * records_.size()));
  } else {
    Read();
  }
}

void Describer::Read() {
  if (reader_ == nullptr) reader_ = std::make_unique<Reader>(*this);
  for (std::size_t i = 0; i < size_; ++i) reader_->Read(records_[i]);
  size_ = 0;
  texts_.clear();
}

std::int64_t Describer::IndexOfOther(AlternativeId id, const AlternativeOwner& owner) {
  const auto same = [&](const Other& other) { return other.owner.task == owner.task; };
  const auto found = std::find_if(others_.begin(), others_.end(), same);
  const std::int64_t index = found - others_.begin();
  if (found == others_.end()) others_.push_back({owner, executor_->Path(id)});
  return index;
}

void Describer::AddText(Record& record, std::string text) {
  record.number = static_cast<std::int64_t>(texts_.size());
  texts_.push_back(std::move(text));
}

void Describer::Begin(const Executor& executor) noexcept {
  executor_ = &executor;
  inner_->Begin(executor);
}

void Describer::Added(AlternativeId id) noexcept {
  const AlternativeOwner owner = executor_->Owner(id);
  if (owner.kind == AlternativeKind::kTask) {
    Append(Record::Kind::kAdded, id).number = owner.spawn_number;
  } else {
    const std::int64_t index = IndexOfOther(id, owner);
    Append(Record::Kind::kOtherAdded, id).number = index;
  }
  inner_->Added(id);
}

void Describer::Removed(AlternativeId id, Removal why) noexcept {
  if (why != Removal::kPicked) {
    Append(Record::Kind::kRemoved, id);
  } else if (Record* const picked = LastTurn(kPicked); picked != nullptr && picked->id == id) {
    picked->turn |= kBegins;
  } else {
    Append(Record::Kind::kTurn, id).turn = kBegins;
  }
  inner_->Removed(id, why);
}

AlternativeId Describer::Pick() noexcept {
  const AlternativeId id = inner_->Pick();
  if (id != kStopRun) Append(Record::Kind::kTurn, id).turn = kPicked;
  return id;
}

void Describer::End() noexcept {
  Append(Record::Kind::kEnd, 0);
  inner_->End();
}

void Describer::OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept {
  if (task >= tasks_.size()) tasks_.resize(task + 1);
  Task& known = tasks_[task];
  if (known.id != spawned.id()) {
    known.id = spawned.id();
    known.path = spawned.Path();
  }
  known.function = nullptr;
  Append(Record::Kind::kSpawn, task);
}

void Describer::OnStep(std::uint32_t task) noexcept {
  Record* turn = LastTurn(kPicked | kBegins);
  if (turn == nullptr) turn = LastTurn(kBegins);
  if (turn != nullptr) {
    turn->turn |= kSteps;
  } else {
    Append(Record::Kind::kStep, task);
  }
}

void Describer::OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
                       const std::source_location& body) noexcept {
  if (tasks_[task].function != body.function_name()) {
    tasks_[task].function = body.function_name();
    Append(Record::Kind::kBody, task).where = body;
  }
  Record& record = Append(Record::Kind::kPark, task);
  record.text = operation;
  record.where = where;
}

void Describer::OnCancel(std::uint32_t task) noexcept { Append(Record::Kind::kCancel, task); }

// A failure may hold what does not outlive the run.
void Describer::OnExit(std::uint32_t task, const Failure& failure) noexcept {
  Record& record = Append(Record::Kind::kExit, task);
  record.failed = static_cast<bool>(failure);
  if (record.failed) AddText(record, failure.ToString());
}

void Describer::OnCancelFromOutside(const std::string& path) noexcept {
  AddText(Append(Record::Kind::kOutside, 0), path);
}

void Describer::OnJump(Time now) noexcept { Append(Record::Kind::kJump, 0).number = now.time_since_epoch().count(); }

void Describer::OnDraw(const char* label, std::uint32_t value) noexcept {
  Append(Record::Kind::kDraw, value).text = label;
}

}  // namespace hocket::testing
