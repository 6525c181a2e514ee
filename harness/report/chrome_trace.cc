// Writes a recording in the Trace Event Format.
//
// Idea: one pass over trace and notes. What a task does between two steps is written when it is over; a flow is written
// when it arrives, because only then it is certain that it does.
//
// Left out: flows to tasks that never step again, and the ready set but for its size.
//
// Tests: tests/report/chrome_trace_test.cc.

#include "harness/report/chrome_trace.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "harness/report/json.h"

namespace hocket::testing {

namespace {

constexpr std::uint64_t kStep = 10;  // microseconds
constexpr std::uint64_t kNever = ~std::uint64_t{0};
constexpr std::uint64_t kClockThread = 0;  // that of a task is its spawn number, plus 1

std::uint64_t ThreadOf(Actor actor) { return actor < kClockActor ? std::uint64_t{actor} + 1 : kClockThread; }

class Writer {
 public:
  Writer(const Recording& recording, const std::string& name)
      : recording_(recording), tasks_(recording.trace.tasks.size()) {
    json_ = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
    Metadata("process_name", 0, "name", name);
    Metadata("thread_name", kClockThread, "name", "clock, and the outside");
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      const std::string& function = recording.trace.functions[i];
      Metadata("thread_name", i + 1, "name", recording.trace.tasks[i] + (function.empty() ? "" : " " + function));
    }
    for (std::size_t thread = 0; thread <= tasks_.size(); ++thread) {
      Begin("M", "thread_sort_index", thread, 0);
      absl::StrAppend(&json_, ",\"args\":{\"sort_index\":", thread, "}}");
    }
  }

  std::string Json() && {
    const std::vector<TraceEvent>& events = recording_.trace.events;
    for (std::size_t i = 0; i < events.size(); ++i) {
      AddNotes(i);
      AddEvent(events[i]);
    }
    AddNotes(events.size());
    EndRow();
    const std::uint64_t end = Now() + kStep;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (!tasks_[i].lives) continue;
      EndPause(static_cast<std::uint32_t>(i), end);
      End(i + 1, end);
    }
    for (std::size_t i = 0; i < scopes_open_.size(); ++i) {
      if (scopes_open_[i]) Scope("e", static_cast<std::uint32_t>(i), end);
    }
    return json_ + "\n]}\n";
  }

 private:
  using Kind = TraceEvent::Kind;

  // Of a flow: where it comes from.
  struct Flow {
    const char* name;
    std::uint64_t thread;
    std::uint64_t at;
  };
  struct TaskLine {
    bool lives = false;
    bool waits = false;              // between two steps: it is not ready
    std::uint64_t pause = kNever;    // since when it waits or is ready
    std::string standing = "start";  // what it waits in
    std::vector<Flow> flows;         // that arrive with its next step
    std::uint64_t stepped = 0;       // when it stepped last
  };

  std::uint64_t Now() const { return row_ * kStep; }
  std::uint64_t Middle() const { return Now() + kStep / 2; }

  void Begin(const char* phase, std::string_view name, std::uint64_t thread, std::uint64_t at) {
    absl::StrAppend(&json_, first_ ? "" : ",\n", "{\"ph\":\"", phase, "\",\"name\":");
    first_ = false;
    AppendJsonString(json_, name);
    absl::StrAppend(&json_, ",\"pid\":1,\"tid\":", thread, ",\"ts\":", at);
  }
  void Metadata(const char* what, std::uint64_t thread, const char* key, const std::string& value) {
    Begin("M", what, thread, 0);
    absl::StrAppend(&json_, ",\"args\":{\"", key, "\":");
    AppendJsonString(json_, value);
    json_ += "}}";
  }
  void End(std::uint64_t thread, std::uint64_t at) {
    absl::StrAppend(&json_, ",\n{\"ph\":\"E\",\"pid\":1,\"tid\":", thread, ",\"ts\":", at, "}");
  }
  void Slice(std::string_view name, const char* category, std::uint64_t thread, std::uint64_t from, std::uint64_t to,
             const std::string& args) {
    Begin("X", name, thread, from);
    absl::StrAppend(&json_, ",\"dur\":", to - from, ",\"cat\":\"", category, "\",\"args\":{", args, "}}");
  }
  void Instant(std::string_view name, const char* category, std::uint64_t thread, std::uint64_t at) {
    Begin("i", name, thread, at);
    absl::StrAppend(&json_, ",\"s\":\"t\",\"cat\":\"", category, "\"}");
  }
  void Counter(const char* name, const char* unit, std::int64_t value) {
    Begin("C", name, kClockThread, Now());
    absl::StrAppend(&json_, ",\"args\":{\"", unit, "\":", value, "}}");
  }
  void Scope(const char* phase, std::uint32_t index, std::uint64_t at) {
    const RecordedScope& scope = recording_.scopes[index];
    Begin(phase, absl::StrCat(scope.info.nursery ? "nursery of " : "scope of ", recording_.trace.tasks[scope.task]),
          ThreadOf(scope.task), at);
    absl::StrAppend(&json_, ",\"cat\":\"scope\",\"id\":", index);
    if (*phase == 'b') absl::StrAppend(&json_, ",\"args\":{\"shield\":", scope.info.shield ? "true" : "false", "}");
    json_ += '}';
  }

  // Both ends of a flow, each inside a step of its thread.
  void Arrive(const Flow& flow, std::uint64_t thread, std::uint64_t at) {
    const std::uint64_t id = flows_++;
    Begin("s", flow.name, flow.thread, flow.at);
    absl::StrAppend(&json_, ",\"cat\":\"", flow.name, "\",\"id\":", id, "}");
    Begin("f", flow.name, thread, at);
    absl::StrAppend(&json_, ",\"cat\":\"", flow.name, "\",\"id\":", id, ",\"bp\":\"e\"}");
  }

  // A row is a step, a jump of the clock or a cancellation from outside.
  void BeginRow(Actor actor, const std::string& name, const TraceEvent& event) {
    EndRow();
    ready_.erase(actor);
    ++row_;
    in_row_ = true;
    row_thread_ = ThreadOf(actor);
    row_name_ = name;
    row_args_ = absl::StrCat("\"step\":", row_, ",\"alternatives\":", event.alternatives);
    if (event.time == time_) return;
    time_ = event.time;
    Counter("virtual time", "ns", std::chrono::nanoseconds(time_.time_since_epoch()).count());
  }
  void EndRow() {
    if (in_row_) {
      Slice(row_name_, "step", row_thread_, Now(), Now() + kStep, row_args_);
      if (row_ends_) {
        End(row_thread_, Now() + kStep);
        tasks_[row_thread_ - 1].lives = false;
      }
    }
    if (ready_.size() != shown_ready_) Counter("ready", "alternatives", static_cast<std::int64_t>(ready_.size()));
    shown_ready_ = ready_.size();
    in_row_ = row_ends_ = false;
  }
  void Arg(const char* key, std::string_view value) {
    absl::StrAppend(&row_args_, ",\"", key, "\":");
    AppendJsonString(row_args_, value);
  }
  Actor CancelActor(const std::string& path) const {
    const std::vector<std::string>& paths = recording_.cancellations;
    return kFirstCancelActor + static_cast<Actor>(std::find(paths.begin(), paths.end(), path) - paths.begin());
  }
  void EndPause(std::uint32_t task, std::uint64_t at) {
    TaskLine& line = tasks_[task];
    if (line.pause < at)
      Slice(absl::StrCat(line.waits ? "waits in " : "ready at ", line.standing), line.waits ? "wait" : "ready",
            task + std::uint64_t{1}, line.pause, at, "");
    line.pause = kNever;
  }

  void AddEvent(const TraceEvent& event) {
    switch (event.kind) {
      case Kind::kSpawn: {
        TaskLine& line = tasks_[event.task];
        Begin("B", recording_.trace.tasks[event.task], event.task + std::uint64_t{1}, Middle());
        json_ += ",\"cat\":\"task\"}";
        line.lives = true;
        line.pause = Middle();
        if (in_row_) line.flows.push_back({"start", row_thread_, Middle()});
        break;
      }
      case Kind::kStep: {
        BeginRow(event.task, tasks_[event.task].standing, event);
        TaskLine& line = tasks_[event.task];
        EndPause(event.task, Now());
        for (const Flow& flow : line.flows) Arrive(flow, row_thread_, Now());
        line.flows.clear();
        line.stepped = Now();
        ready_here_ = false;
        break;
      }
      case Kind::kJump:
        BeginRow(kClockActor, "time passes", event);
        break;
      case Kind::kOutside:
        BeginRow(CancelActor(event.text), "cancels " + event.text, event);
        break;
      case Kind::kPark: {
        TaskLine& line = tasks_[event.task];
        line.standing = event.text;
        line.pause = Now() + kStep;
        line.waits = !ready_here_;
        Arg("stops at", event.text);
        Arg("where", absl::StrCat(event.file, ":", event.line));
        break;
      }
      case Kind::kExit:
        row_ends_ = true;
        if (!in_row_) {  // before its first step
          End(event.task + std::uint64_t{1}, Now() + kStep);
          tasks_[event.task].lives = row_ends_ = false;
        }
        Arg("ends", event.text.empty() ? "with a value" : event.text);
        break;
      case Kind::kCancel:
        Instant("its wait is cancelled", "cancel", event.task + std::uint64_t{1}, Middle());
        break;
      case Kind::kDraw:
        Instant(absl::StrCat("draws ", event.text, " = ", event.value), "draw", row_thread_, Middle());
        break;
    }
  }

  void AddNotes(std::size_t before) {
    for (; next_note_ < recording_.notes.size() && recording_.notes[next_note_].before <= before; ++next_note_)
      AddNote(recording_.notes[next_note_]);
  }
  void AddNote(const Note& note) {
    switch (note.kind) {
      case Note::Kind::kReady:
        ready_.insert(note.actor);
        if (note.actor >= kClockActor) break;
        if (in_row_ && row_thread_ == ThreadOf(note.actor)) {
          ready_here_ = true;
        } else if (tasks_[note.actor].waits) {
          EndPause(note.actor, Middle());
          tasks_[note.actor].pause = Middle();
          tasks_[note.actor].waits = false;
        }
        break;
      case Note::Kind::kUnready:
        ready_.erase(note.actor);
        break;
      case Note::Kind::kWake: {
        std::vector<Flow>& flows = tasks_[note.actor].flows;
        if (in_row_ && flows.empty()) flows.push_back({"wake", row_thread_, Middle()});
        break;
      }
      case Note::Kind::kEnterScope:
        scopes_open_.resize(note.index + std::size_t{1});
        scopes_open_[note.index] = true;
        Scope("b", note.index, Middle());
        break;
      case Note::Kind::kLeaveScope:
        scopes_open_[note.index] = false;
        Scope("e", note.index, Middle());
        break;
      case Note::Kind::kCancelScope:
        Instant("cancels a scope: " + note.text, "cancel", ThreadOf(recording_.scopes[note.index].task), Middle());
        break;
      case Note::Kind::kSetScope:
        Instant(note.scope.shield ? "sets a shield" : "sets a scope", "scope",
                ThreadOf(recording_.scopes[note.index].task), Middle());
        break;
      case Note::Kind::kSend:
        sent_.insert_or_assign(note.index, Flow{"value", ThreadOf(note.actor), SteppedAt(note.actor)});
        break;
      case Note::Kind::kReceive: {
        const auto sent = sent_.find(note.index);
        if (sent == sent_.end()) break;
        if (in_row_ && row_thread_ == ThreadOf(note.actor)) {
          Arrive(sent->second, row_thread_, Middle());
        } else {
          tasks_[note.actor].flows.push_back(sent->second);
        }
        sent_.erase(sent);
        break;
      }
      case Note::Kind::kBase:
      case Note::Kind::kJoin:
      case Note::Kind::kFailure:
      case Note::Kind::kSuffix:
        break;
    }
  }
  // In the last step of the task.
  std::uint64_t SteppedAt(Actor task) const { return tasks_[task].stepped + kStep / 2; }

  const Recording& recording_;
  std::string json_;
  bool first_ = true;
  std::vector<TaskLine> tasks_;
  std::vector<bool> scopes_open_;
  absl::flat_hash_map<std::uint32_t, Flow> sent_;
  std::size_t next_note_ = 0;
  std::uint64_t flows_ = 0;
  std::uint64_t row_ = 0;
  bool in_row_ = false;
  bool row_ends_ = false;    // the row's task has ended in it
  bool ready_here_ = false;  // the row's task has been made ready again by itself
  std::uint64_t row_thread_ = kClockThread;
  std::string row_name_;
  std::string row_args_;
  Time time_{};
  absl::flat_hash_set<Actor> ready_;
  std::size_t shown_ready_ = 0;
};

}  // namespace

std::string ChromeTrace(const Recording& recording, const std::string& name) { return Writer(recording, name).Json(); }

}  // namespace hocket::testing
