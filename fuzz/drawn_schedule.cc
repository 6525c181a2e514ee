#include "fuzz/drawn_schedule.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "hocket/draw.h"
#include "hocket/testing/draw_input.h"

namespace hocket::testing {

namespace {

constexpr std::uint32_t kMax32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kMax64 = std::numeric_limits<std::uint64_t>::max();

std::string DrawName() {
  if (DrawChance(1, 3, "any name")) return DrawBytes(6, "name");
  return DrawFrom<const char*>(
      {"main/0", "main/1", "", "Checkpoint", "start", "main/worker.1", "clock", "%", "a=b,c:d"}, "name");
}

std::uint32_t DrawNumber(std::uint32_t least) {
  return DrawChance(1, 4, "any number") ? DrawBetween(least, kMax32, "number")
                                        : DrawBetween(least, least + 3, "number");
}

Position DrawPosition() { return {DrawName(), DrawName(), DrawNumber(1)}; }

// Positions of which no two are the same.
std::vector<Position> DrawPositions() {
  std::vector<Position> positions;
  std::set<Position> known;
  for (std::size_t left = DrawBetween<std::size_t>(0, 3, "positions"); left > 0; --left) {
    const Position position = DrawPosition();
    if (known.insert(position).second) positions.push_back(position);
  }
  return positions;
}

// A place in the text, or its end.
std::size_t DrawPlace(const std::string& text) { return DrawBetween<std::size_t>(0, text.size(), "place"); }

std::string DrawWordOfTheFormat() {
  return DrawFrom<const char*>({"h1",
                                "hocket-schedule 1\n",
                                "test",
                                "failure",
                                "input",
                                "base",
                                "stay",
                                "fifo",
                                "spawn",
                                "at",
                                "run",
                                "draw",
                                "trace",
                                "tasks",
                                "ops",
                                "exact",
                                "2.0.0",
                                "x2",
                                "x1048577",
                                "%-",
                                "%",
                                "%41",
                                "%2F",
                                "=",
                                ",",
                                ":",
                                " ",
                                "\n",
                                "#\n",
                                "\r\n",
                                "0",
                                "00",
                                "1",
                                "4294967296",
                                "18446744073709551616",
                                "-1",
                                "h2",
                                "decisions"},
                               "word");
}

}  // namespace

Schedule DrawSchedule() {
  Schedule schedule;
  if (Coin("has a test")) schedule.test = "S" + DrawName();
  if (Coin("has a failure")) {
    schedule.failure =
        FailureIdentity{DrawFrom<const char*>({"expect", "deadlock", "step-limit", "-", "a"}, "kind"), DrawNumber(0)};
  }
  for (std::size_t left = DrawWeighted({4, 1, 1, 1}, "words"); left > 0; --left) schedule.input.push_back(DrawName());
  schedule.base = static_cast<Base>(Choose(3, "base"));
  for (Position& at : DrawPositions()) schedule.deviations.push_back({std::move(at), DrawName()});
  for (Position& at : DrawPositions()) schedule.draws.push_back({std::move(at), DrawNumber(0)});
  for (std::size_t left = DrawWeighted({4, 1, 1, 1, 1, 1}, "decisions"); left > 0; --left) {
    const Decision decision{DrawNumber(2), DrawName(), DrawName()};
    schedule.exact.insert(schedule.exact.end(), DrawFrom<std::size_t>({1, 2, 3, 100}, "repeats"), decision);
  }
  if (Coin("has a trace")) {
    const bool is_counted = !schedule.exact.empty();
    schedule.trace =
        TraceSummary{is_counted ? schedule.exact.size() : DrawBetween<std::uint64_t>(0, kMax64, "decisions"),
                     DrawBetween<std::uint64_t>(0, kMax64, "hash")};
  }
  return schedule;
}

FlawedSchedule DrawFlawedSchedule() {
  FlawedSchedule drawn{DrawSchedule()};
  Schedule& schedule = drawn.schedule;
  drawn.has_flaw = true;
  switch (DrawWeighted({12, 1, 1, 1, 1, 1, 1, 1, 1}, "flaw")) {
    case 1:
      schedule.failure = FailureIdentity{DrawFrom<const char*>({"", "Expect", "a b", "a1", "\n"}, "bad kind"), 1};
      return drawn;
    case 2:
      schedule.deviations.push_back({{"main", "start", 0}, "main/0"});
      return drawn;
    case 3:
      schedule.draws.push_back({{"main", "start", 0}, 1});
      return drawn;
    case 4:
      if (schedule.deviations.empty()) break;
      schedule.deviations.push_back({schedule.deviations.front().at, DrawName()});
      return drawn;
    case 5:
      if (schedule.draws.empty()) break;
      schedule.draws.push_back({schedule.draws.front().at, DrawNumber(0)});
      return drawn;
    case 6:
      schedule.exact.push_back({DrawBetween<std::uint32_t>(0, 1, "too few"), "main/0", "start"});
      return drawn;
    case 7:
      if (schedule.exact.empty() || !schedule.trace) break;
      ++schedule.trace->decisions;
      return drawn;
    case 8:
      if (schedule.exact.empty() || !schedule.trace) break;
      --schedule.trace->decisions;
      return drawn;
    default:
      break;
  }
  drawn.has_flaw = false;
  return drawn;
}

std::string DrawEdits(std::string text) {
  for (std::size_t left = DrawBetween<std::size_t>(1, 3, "edits"); left > 0; --left) {
    const std::size_t place = DrawPlace(text);
    const std::size_t length = std::min(text.size() - place, DrawBetween<std::size_t>(1, 8, "length"));
    switch (Choose(6, "edit")) {
      case 0:
        text.resize(place);
        break;
      case 1:
        text.insert(place, DrawWordOfTheFormat());
        break;
      case 2:
        text.erase(place, length);
        break;
      case 3:
        if (place < text.size()) text[place] = static_cast<char>(Choose(256, "byte"));
        break;
      case 4:
        text.insert(place, text.substr(place, length));
        break;
      default:
        text.insert(DrawPlace(text), text.substr(place));
        break;
    }
  }
  return text;
}

std::string WrongAboutRefusal(const absl::Status& status, const std::string& text, bool is_file) {
  const std::string message(status.message().data(), status.message().size());
  if (status.code() != absl::StatusCode::kInvalidArgument) return "it is not about the argument: " + message;
  if (message.size() > 400) return "it is long: " + message;
  if (!std::all_of(message.begin(), message.end(), [](char c) { return ' ' <= c && c <= '~'; })) {
    return "it cannot be shown: " + message;
  }
  const std::size_t end_of_place = message.find(": expected ");
  if (end_of_place == std::string::npos || message.find(", found ", end_of_place) == std::string::npos) {
    return "it does not say what was expected and found: " + message;
  }
  // The number behind `word`, up to the end of the place.
  const auto number_after = [&](const std::string& word) -> std::size_t {
    const std::size_t at = message.find(word);
    return at < end_of_place ? std::stoul(message.substr(at + word.size())) : 0;
  };
  if (!is_file) {
    const std::size_t character = number_after("token, character ");
    return 1 <= character && character <= text.size() + 1 ? "" : "there is no such place: " + message;
  }
  const std::size_t line = number_after("line ");
  const std::size_t column = number_after("column ");
  std::size_t start = 0;
  for (std::size_t left = line; left > 1 && start != std::string::npos; --left) {
    start = text.find('\n', start);
    if (start != std::string::npos) ++start;
  }
  if (line == 0 || start == std::string::npos) return "there is no such line: " + message;
  const std::size_t length = std::min(text.find('\n', start), text.size()) - start;
  return 1 <= column && column <= length + 1 ? "" : "there is no such column: " + message;
}

}  // namespace hocket::testing
