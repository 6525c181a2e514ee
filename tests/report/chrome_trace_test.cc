#include "harness/report/chrome_trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/report/samples.h"

namespace hocket::testing {
namespace {

using nlohmann::json;

struct Slice {
  double from;
  double to;
};

// What is wrong with a trace by the rules of the Trace Event Format; empty if nothing is.
std::string Check(const json& trace) {
  std::map<int, std::vector<double>> open;   // B, by thread
  std::map<int, std::vector<Slice>> slices;  // X, and B with its E
  std::map<std::string, json> starts;        // s, by category and id
  std::map<std::string, double> nested;      // b, likewise
  std::set<int> named;                       // threads
  std::vector<std::pair<json, json>> flows;
  if (!trace.contains("traceEvents") || !trace["traceEvents"].is_array()) return "no array traceEvents";
  for (const json& event : trace["traceEvents"]) {
    const auto wrong = [&](const std::string& what) { return what + ": " + event.dump(); };
    if (!event.contains("ph") || !event["ph"].is_string()) return wrong("no ph");
    const std::string ph = event["ph"];
    if (std::string("BEXisfbeCM").find(ph) == std::string::npos || ph.size() != 1) return wrong("unknown ph");
    for (const char* key : {"pid", "tid"}) {
      if (!event.contains(key) || !event[key].is_number_unsigned()) return wrong(std::string("no ") + key);
    }
    if (!event.contains("ts") || !event["ts"].is_number() || event["ts"] < 0) return wrong("no ts");
    if (ph != "E" && (!event.contains("name") || !event["name"].is_string())) return wrong("no name");
    if (event.contains("args") && !event["args"].is_object()) return wrong("args is no object");
    if (event.contains("cat") && !event["cat"].is_string()) return wrong("cat is no string");
    const int tid = event["tid"];
    const double ts = event["ts"];
    std::string id;
    if (std::string("sfbe").find(ph) != std::string::npos) {
      if (!event.contains("id") || !event.contains("cat")) return wrong("no id or no category");
      id = event["cat"].get<std::string>() + " " + event["id"].dump();
    }
    if (ph == "B") {
      open[tid].push_back(ts);
    } else if (ph == "E") {
      if (open[tid].empty()) return wrong("E without B");
      if (ts < open[tid].back()) return wrong("E before its B");
      slices[tid].push_back({open[tid].back(), ts});
      open[tid].pop_back();
    } else if (ph == "X") {
      if (!event.contains("dur") || !event["dur"].is_number() || event["dur"] <= 0) return wrong("no dur");
      slices[tid].push_back({ts, ts + event["dur"].get<double>()});
    } else if (ph == "i") {
      if (!event.contains("s") || (event["s"] != "t" && event["s"] != "p" && event["s"] != "g"))
        return wrong("no scope");
    } else if (ph == "s") {
      if (!starts.emplace(id, event).second) return wrong("a flow starts twice");
    } else if (ph == "f") {
      const auto start = starts.find(id);
      if (start == starts.end()) return wrong("a flow ends that has not started");
      if (event["name"] != start->second["name"] || event["bp"] != "e") return wrong("a flow changes its name");
      flows.emplace_back(start->second, event);
      starts.erase(start);
    } else if (ph == "b") {
      if (!nested.emplace(id, ts).second) return wrong("b twice");
    } else if (ph == "e") {
      const auto begin = nested.find(id);
      if (begin == nested.end() || ts < begin->second) return wrong("e without b");
      nested.erase(begin);
    } else if (ph == "C") {
      if (!event.contains("args") || event["args"].empty()) return wrong("a counter without values");
      for (const json& value : event["args"]) {
        if (!value.is_number()) return wrong("a counter that does not count");
      }
    } else if (ph == "M") {
      if (event["name"] == "thread_name" && !named.insert(tid).second) return wrong("a thread has two names");
    }
  }
  for (const auto& [tid, begins] : open) {
    if (!begins.empty()) return "B without E on thread " + std::to_string(tid);
  }
  if (!starts.empty()) return "a flow without end: " + starts.begin()->first;
  if (!nested.empty()) return "b without e: " + nested.begin()->first;
  for (auto& [tid, all] : slices) {
    if (named.count(tid) == 0) return "thread " + std::to_string(tid) + " has no name";
    std::sort(all.begin(), all.end(),
              [](const Slice& a, const Slice& b) { return a.from != b.from ? a.from < b.from : a.to > b.to; });
    std::vector<Slice> around;
    for (const Slice& slice : all) {
      while (!around.empty() && around.back().to <= slice.from) around.pop_back();
      if (!around.empty() && slice.to > around.back().to) return "slices overlap on thread " + std::to_string(tid);
      around.push_back(slice);
    }
  }
  for (const auto& [start, end] : flows) {
    if (end["ts"] < start["ts"]) return "a flow goes back in time: " + end.dump();
    for (const json& point : {start, end}) {
      const std::vector<Slice>& on = slices[point["tid"]];
      const double ts = point["ts"];
      if (std::none_of(on.begin(), on.end(), [ts](const Slice& slice) { return slice.from <= ts && ts <= slice.to; }))
        return "a flow hangs in the air: " + point.dump();
    }
  }
  return "";
}

std::vector<json> EventsOf(const json& trace, const std::string& ph, const std::string& category) {
  std::vector<json> events;
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] == ph && event.value("cat", "") == category) events.push_back(event);
  }
  return events;
}

TEST(ChromeTrace, KeepsTheRulesOfTheFormat) {
  for (const Sample& sample : FailingSamples()) {
    const json trace = json::parse(ChromeTrace(sample.input.failing.recording, sample.name));
    EXPECT_EQ(Check(trace), "") << sample.name;
  }
  EXPECT_EQ(Check(json::parse(ChromeTrace(LongInput(20, 2'000).failing.recording, "long"))), "");
}

// What the check above is worth.
TEST(ChromeTrace, IsCheckedByRulesThatCanFail) {
  const json good = json::parse(ChromeTrace(LongInput(3, 12).failing.recording, "short"));
  ASSERT_EQ(Check(good), "");
  for (const std::string ph : {"B", "E", "s", "f", "b", "e"}) {
    json bad = good;
    json& events = bad["traceEvents"];
    const auto victim =
        std::find_if(events.begin(), events.end(), [&](const json& event) { return event["ph"] == ph; });
    ASSERT_NE(victim, events.end()) << ph;
    events.erase(victim);
    EXPECT_NE(Check(bad), "") << "without the first " << ph;
  }
  for (const std::string key : {"ph", "ts", "pid", "tid"}) {
    json bad = good;
    bad["traceEvents"].back().erase(key);
    EXPECT_NE(Check(bad), "") << "without " << key;
  }
  json bad = good;
  for (json& event : bad["traceEvents"]) {
    if (event["ph"] == "X") event["dur"] = 15;
  }
  EXPECT_NE(Check(bad), "") << "with steps that overlap";
}

TEST(ChromeTrace, HasASliceForEachStepAndAThreadForEachTask) {
  const Recording recording = LongInput(20, 2'000).failing.recording;
  const json trace = json::parse(ChromeTrace(recording, "long"));
  const auto steps = std::count_if(recording.trace.events.begin(), recording.trace.events.end(),
                                   [](const TraceEvent& event) { return event.kind == TraceEvent::Kind::kStep; });
  EXPECT_EQ(EventsOf(trace, "X", "step").size(), static_cast<std::size_t>(steps));
  EXPECT_EQ(EventsOf(trace, "B", "task").size(), recording.trace.tasks.size());
}

TEST(ChromeTrace, ShowsStartsWakesValuesAndScopes) {
  const std::vector<Sample> samples = FailingSamples();
  const auto everything =
      std::find_if(samples.begin(), samples.end(), [](const Sample& sample) { return sample.name == "everything"; });
  const json trace = json::parse(ChromeTrace(everything->input.failing.recording, "everything"));
  EXPECT_EQ(EventsOf(trace, "s", "start").size(), 10u);
  EXPECT_EQ(EventsOf(trace, "s", "value").size(), 4u);
  EXPECT_GT(EventsOf(trace, "s", "wake").size(), 0u);
  EXPECT_EQ(EventsOf(trace, "b", "scope").size(), everything->input.failing.recording.scopes.size());
}

}  // namespace
}  // namespace hocket::testing
