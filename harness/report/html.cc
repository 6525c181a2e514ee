// Writes what happened as numbers, and puts them into a page whose script draws them.
//
// Idea: trace and notes become one list of small integers in the order of what happened. Names, places and failures
// stand in tables of their own and are referred to by index, so that a step takes some twenty characters.
// harness/report/page/model.js is the reader: the two lists of operations must be the same.
//
// Left out: compression, which would need a decoder that browsers do not have without a promise.
//
// Tests: tests/report/html_test.cc, and in a browser tests/report/page_test.cc.

#include "harness/report/html.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "harness/report/json.h"
#include "hocket/check.h"

namespace hocket::testing {

namespace {

// The page up to where the data goes, and from there on: made of harness/report/page at build time.
constexpr char kBeforeData[] =
#include "harness/report/page_before_data.inc"
    ;
constexpr char kAfterData[] =
#include "harness/report/page_after_data.inc"
    ;

enum class Op : std::uint8_t {
  kStep,         // actor, alternatives * 2 + whether it deviates from the base
  kPark,         // place
  kExit,         // task, failure + 1 or 0
  kSpawn,        // task
  kCancel,       // task
  kDraw,         // label, value
  kTime,         // nanoseconds since the last one
  kReady,        // actor
  kUnready,      // actor
  kWake,         // task
  kBase,         // actor
  kJoin,         // task, scope
  kEnterScope,   // scope
  kLeaveScope,   // scope, whether it caught a cancellation, failure + 1 or 0
  kCancelScope,  // scope, text
  kSetScope,     // scope, whether it is shielded, deadline or -1
  kSend,         // task, value
  kReceive,      // task, value
  kSuffix,       //
};

// Tasks are numbers from 0 on; the clock is -1, and below it are the cancellations from outside.
std::int64_t NumberOf(Actor actor) {
  return actor < kClockActor ? std::int64_t{actor} : std::int64_t{kClockActor} - std::int64_t{actor} - 1;
}

std::int64_t Nanoseconds(Time time) {
  return time == kForever ? -1 : std::chrono::nanoseconds(time.time_since_epoch()).count();
}

// Strings and places, each once, by index.
class Tables {
 public:
  std::size_t String(const std::string& text) {
    const auto [entry, is_new] = strings_.try_emplace(text, strings_.size());
    if (is_new) {
      if (entry->second > 0) strings_json_ += ',';
      AppendJsonString(strings_json_, text);
    }
    return entry->second;
  }

  std::size_t Place(const std::string& operation, const std::string& file, std::uint32_t line) {
    const std::tuple key(String(operation), String(file), line);
    const auto [entry, is_new] = places_.try_emplace(key, places_.size());
    if (is_new) {
      absl::StrAppend(&places_json_, entry->second > 0 ? "," : "", std::get<0>(key), ",", std::get<1>(key), ",", line);
    }
    return entry->second;
  }

  const std::string& strings_json() const { return strings_json_; }
  const std::string& places_json() const { return places_json_; }

 private:
  absl::flat_hash_map<std::string, std::size_t> strings_;
  absl::flat_hash_map<std::tuple<std::size_t, std::size_t, std::uint32_t>, std::size_t> places_;
  std::string strings_json_;
  std::string places_json_;
};

// A list of numbers or of lists.
class List {
 public:
  template <class... Numbers>
  void Add(const Numbers&... numbers) {
    (AddOne(absl::StrCat(numbers)), ...);
  }
  void Add(Op op) { Add(static_cast<int>(op)); }
  template <class... Numbers>
  void Add(Op op, const Numbers&... numbers) {
    Add(static_cast<int>(op), numbers...);
  }
  std::string Json() const { return absl::StrCat("[", text_, "]"); }

 private:
  void AddOne(const std::string& element) { absl::StrAppend(&text_, text_.empty() ? "" : ",", element); }

  std::string text_;
};

// The events and notes of one recording as one list.
class EventWriter {
 public:
  EventWriter(const Recording& recording, Tables& tables) : recording_(recording), tables_(tables) {
    for (std::size_t i = 0; i < recording.cancellations.size(); ++i)
      cancellations_.try_emplace(recording.cancellations[i], kFirstCancelActor + static_cast<Actor>(i));
  }

  std::string Json() && {
    const std::vector<TraceEvent>& events = recording_.trace.events;
    std::size_t next_mark = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      AddNotes(i);
      const bool marked = next_mark < recording_.marked.size() && recording_.marked[next_mark] == i;
      next_mark += marked ? 1 : 0;
      AddEvent(i, marked);
    }
    AddNotes(events.size());
    return list_.Json();
  }

 private:
  using Kind = TraceEvent::Kind;

  void AddEvent(std::size_t index, bool marked) {
    const TraceEvent& event = recording_.trace.events[index];
    if (event.time != time_) {
      list_.Add(Op::kTime, std::chrono::nanoseconds(event.time - time_).count());
      time_ = event.time;
    }
    const std::uint64_t decision = std::uint64_t{event.alternatives} * 2 + (marked ? 1 : 0);
    switch (event.kind) {
      case Kind::kStep:
        list_.Add(Op::kStep, event.task, decision);
        break;
      case Kind::kJump:
        list_.Add(Op::kStep, NumberOf(kClockActor), decision);
        break;
      case Kind::kOutside: {
        const auto found = cancellations_.find(event.text);
        HOCKET_CHECK(found != cancellations_.end()) << "the recording is of another trace: no " << event.text;
        list_.Add(Op::kStep, NumberOf(found->second), decision);
        break;
      }
      case Kind::kSpawn:
        list_.Add(Op::kSpawn, event.task);
        break;
      case Kind::kPark:
        list_.Add(Op::kPark, tables_.Place(event.text, event.file, event.line));
        break;
      case Kind::kCancel:
        list_.Add(Op::kCancel, event.task);
        break;
      case Kind::kExit:
        list_.Add(Op::kExit, event.task, TakeFailure(index + 1));
        break;
      case Kind::kDraw:
        list_.Add(Op::kDraw, tables_.String(event.text), event.value);
        break;
    }
  }

  void AddNotes(std::size_t before) {
    while (next_note_ < recording_.notes.size() && recording_.notes[next_note_].before <= before) {
      const Note& note = recording_.notes[next_note_++];
      switch (note.kind) {
        case Note::Kind::kReady:
          list_.Add(Op::kReady, NumberOf(note.actor));
          break;
        case Note::Kind::kUnready:
          list_.Add(Op::kUnready, NumberOf(note.actor));
          break;
        case Note::Kind::kWake:
          list_.Add(Op::kWake, note.actor);
          break;
        case Note::Kind::kBase:
          list_.Add(Op::kBase, NumberOf(note.actor));
          break;
        case Note::Kind::kJoin:
          list_.Add(Op::kJoin, note.actor, note.index);
          break;
        case Note::Kind::kEnterScope:
          list_.Add(Op::kEnterScope, note.index);
          break;
        case Note::Kind::kLeaveScope:
          list_.Add(Op::kLeaveScope, note.index, note.text.empty() ? 0 : 1, TakeFailure(before));
          break;
        case Note::Kind::kCancelScope:
          list_.Add(Op::kCancelScope, note.index, tables_.String(note.text));
          break;
        case Note::Kind::kSetScope:
          list_.Add(Op::kSetScope, note.index, note.scope.shield ? 1 : 0, Nanoseconds(note.scope.deadline));
          break;
        case Note::Kind::kSend:
          list_.Add(Op::kSend, note.actor, note.index);
          break;
        case Note::Kind::kReceive:
          list_.Add(Op::kReceive, note.actor, note.index);
          break;
        case Note::Kind::kFailure:
          break;
        case Note::Kind::kSuffix:
          list_.Add(Op::kSuffix);
          break;
      }
    }
  }

  // The index of the failure that stands next, plus 1; 0 if none does.
  std::uint32_t TakeFailure(std::size_t before) {
    if (next_note_ == recording_.notes.size()) return 0;
    const Note& note = recording_.notes[next_note_];
    if (note.kind != Note::Kind::kFailure || note.before != before) return 0;
    ++next_note_;
    return note.index + 1;
  }

  const Recording& recording_;
  Tables& tables_;
  absl::flat_hash_map<std::string, Actor> cancellations_;
  std::size_t next_note_ = 0;
  Time time_{};
  List list_;
};

std::string ScheduleJson(const Schedule& schedule) {
  std::string json = absl::StrCat("{\"base\":\"", ToString(schedule.base), "\",\"deviations\":[");
  const auto begin = [&json](const Position& at, bool first) {
    json += first ? "[" : ",[";
    AppendJsonString(json, at.task);
    json += ',';
    AppendJsonString(json, at.op);
    absl::StrAppend(&json, ",", at.nth, ",");
  };
  for (const Deviation& deviation : schedule.deviations) {
    begin(deviation.at, &deviation == &schedule.deviations.front());
    AppendJsonString(json, deviation.run);
    json += ']';
  }
  json += "],\"draws\":[";
  for (const DrawnValue& draw : schedule.draws) {
    begin(draw.at, &draw == &schedule.draws.front());
    absl::StrAppend(&json, draw.value, "]");
  }
  return json + "]}";
}

std::string SideJson(const std::string& name, const HtmlSide& side, Tables& tables) {
  const Recording& recording = side.recording;
  List tasks;
  for (std::size_t i = 0; i < recording.trace.tasks.size(); ++i)
    tasks.Add(tables.String(recording.trace.tasks[i]), tables.String(recording.trace.functions[i]));
  List scopes;
  for (const RecordedScope& scope : recording.scopes) {
    const ScopeInfo& info = scope.info;
    scopes.Add(scope.task, (info.nursery ? 1 : 0) + (info.shield ? 2 : 0) + (info.cancelled ? 4 : 0),
               Nanoseconds(info.deadline));
  }
  List failures;
  for (const std::vector<FailureNode>& nodes : recording.failures) {
    List failure;
    for (const FailureNode& node : nodes)
      failure.Add(node.depth, static_cast<int>(node.kind), tables.String(node.text));
    failures.Add(failure.Json());
  }
  List cancellations;
  for (const std::string& path : recording.cancellations) cancellations.Add(tables.String(path));
  return absl::StrCat("{\"name\":\"", name, "\",\"schedule\":", ScheduleJson(side.schedule),
                      ",\"tasks\":", tasks.Json(), ",\"scopes\":", scopes.Json(), ",\"failures\":", failures.Json(),
                      ",\"cancellations\":", cancellations.Json(),
                      ",\"events\":", EventWriter(recording, tables).Json(), "}");
}

std::string DataJson(const HtmlInput& input) {
  std::string json = "{";
  const std::pair<const char*, const std::string*> texts[] = {
      {"test", &input.test}, {"message", &input.message}, {"found", &input.found}, {"replay", &input.replay}};
  for (const auto& [name, text] : texts) {
    absl::StrAppend(&json, "\"", name, "\":");
    AppendJsonString(json, *text);
    json += ',';
  }
  Tables tables;
  std::string sides = SideJson("Failing", input.failing, tables);
  if (input.passing) absl::StrAppend(&sides, ",", SideJson("Passing", *input.passing, tables));
  absl::StrAppend(&json, "\"strings\":[", tables.strings_json(), "],\"places\":[", tables.places_json(),
                  "],\"sides\":[", sides, "]}");
  return json;
}

}  // namespace

std::string HtmlReport(const HtmlInput& input) { return absl::StrCat(kBeforeData, DataJson(input), kAfterData); }

}  // namespace hocket::testing
