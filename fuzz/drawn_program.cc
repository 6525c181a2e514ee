#include "fuzz/drawn_program.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hocket/draw.h"
#include "hocket/testing/draw_input.h"

namespace hocket::testing {

namespace {

using nlohmann::json;

// A kind of statement: how often it comes, in each kind of program.
struct Operation {
  const char* name;
  bool has_body;
  // Of a general program, of one around locks, around channels, around scopes.
  std::uint32_t weights[4];
};
constexpr Operation kOperations[] = {
    {"cp", false, {20, 12, 12, 12}},    {"scp", false, {2, 2, 2, 4}},         {"cpif", false, {2, 2, 2, 6}},
    {"sleep", false, {12, 8, 8, 10}},   {"sleep_until", false, {1, 1, 1, 2}}, {"forever", false, {1, 1, 1, 2}},
    {"settle", false, {1, 1, 1, 3}},    {"obs", false, {2, 1, 1, 5}},         {"raise", false, {3, 2, 2, 3}},
    {"nursery", true, {6, 4, 4, 6}},    {"spawn", true, {8, 8, 8, 8}},        {"start", true, {3, 1, 1, 9}},
    {"started", false, {1, 0, 0, 3}},   {"scope", true, {8, 4, 4, 14}},       {"move_on_after", true, {4, 3, 3, 8}},
    {"fail_after", true, {2, 1, 1, 4}}, {"cancel", false, {5, 4, 4, 8}},      {"shield", false, {2, 1, 1, 9}},
    {"deadline", false, {2, 1, 1, 6}},  {"ev_set", false, {4, 4, 1, 3}},      {"ev_wait", false, {3, 5, 1, 3}},
    {"send", false, {4, 1, 14, 1}},     {"recv", false, {4, 1, 14, 1}},       {"send_nw", false, {1, 0, 5, 0}},
    {"recv_nw", false, {1, 0, 5, 0}},   {"clone", false, {1, 0, 5, 0}},       {"close", false, {1, 0, 5, 0}},
    {"aclose", false, {1, 0, 3, 0}},    {"chstat", false, {1, 0, 3, 0}},      {"lock", true, {5, 12, 1, 2}},
    {"acq", false, {1, 2, 0, 1}},       {"rel", false, {1, 2, 0, 1}},         {"cond_wait", false, {2, 9, 0, 1}},
    {"notify", false, {3, 8, 0, 1}},    {"sem", true, {2, 6, 0, 1}},          {"limit", true, {2, 6, 0, 1}},
    {"set_limit", false, {1, 3, 0, 1}}, {"try", true, {6, 4, 4, 6}},
};

class Drawing {
 public:
  json Draw() {
    kind_ = Choose(4, "kind of program");
    left_ = DrawBetween<std::size_t>(1, 24, "statements");
    json program = {{"v", 1}, {"mode", Coin("batch") ? "batch" : "free"}, {"ev", 2}, {"lock", 2}};
    program["chan"] = json::array({DrawFrom({0, 1, 2, -1}, "capacity"), 0});
    program["sem"] = json::array({Choose(3, "permits")});
    program["lim"] = json::array({Choose(3, "tokens")});
    program["sched"] = DrawSchedule();
    json body = json::array();
    while (left_ > 0) body.push_back(DrawHub());
    program["main"] = std::move(body);
    // Whatever was used before it was made.
    return program;
  }

 private:
  // Where a statement stands.
  struct Place {
    std::vector<std::string> nurseries;  // that are open around it, or are those of the task that spawned this one
    std::optional<int> lock;             // that is held there
    std::string started;                 // the task whose start waits; empty: none
    int depth = 3;
  };

  static json DrawSchedule() {
    switch (Choose(4, "schedule")) {
      case 1:
        return {{"kind", "fifo"}};
      case 2:
        return {{"kind", "lifo"}};
      case 3:
        return {{"kind", "seed"}, {"seed", DrawBetween<std::uint32_t>(0, 65535, "seed")}};
      default: {
        json picks = json::array();
        for (const char pick : DrawBytes(40, "picks")) picks.push_back(static_cast<unsigned char>(pick));
        return {{"kind", "list"}, {"picks", std::move(picks)}};
      }
    }
  }

  // A nursery with tasks that meet in it, half of the time in a scope: what a lone statement cannot show.
  json DrawHub() {
    Place place;
    json nursery = New("nursery");
    nursery["n"] = NewName("n", nurseries_);
    place.nurseries.push_back(nursery["n"]);
    json body = json::array();
    for (std::size_t tasks = DrawBetween<std::size_t>(1, 4, "tasks"); tasks > 0; --tasks) {
      body.push_back(DrawChild(DrawChance(1, 6, "is started") ? "start" : "spawn", place));
      if (DrawChance(1, 3, "statement between")) body.push_back(DrawStatement(place));
    }
    nursery["body"] = std::move(body);
    if (!Coin("in a scope")) return nursery;
    json scope = DrawScope();
    scope["body"] = json::array({std::move(nursery)});
    return scope;
  }

  json New(const char* op) {
    if (left_ > 0) --left_;
    return {{"id", ++last_id_}, {"op", op}};
  }

  static std::string NewName(const std::string& prefix, std::vector<std::string>& names) {
    names.push_back(prefix + std::to_string(names.size()));
    return names.back();
  }

  json DrawScope() {
    json scope = New("scope");
    // A scope is rarely used twice, which is misuse.
    const bool is_known = !scopes_.empty() && DrawChance(1, 40, "a scope again");
    scope["scope"] = is_known ? DrawFrom(scopes_, "scope") : NewName("s", scopes_);
    scope["shield"] = DrawChance(1, 4, "shield");
    if (DrawChance(1, 3, "has a timeout")) scope["timeout"] = DrawBetween(-1, 5, "timeout");
    return scope;
  }

  json DrawChild(const char* op, Place place) {
    json child = New(op);
    child["n"] = DrawChance(1, 4, "any nursery") ? DrawFrom(nurseries_, "nursery") : place.nurseries.back();
    const std::string task = NewName("t", tasks_);
    child["task"] = task;
    place.lock.reset();
    if (op == std::string("start")) place.started = task;
    if (place.depth > 0) --place.depth;
    child["body"] = DrawBody(place, 4);
    return child;
  }

  json DrawBody(const Place& place, std::size_t most) {
    json body = json::array();
    for (std::size_t size = DrawBetween<std::size_t>(0, most, "size"); size > 0 && left_ > 0; --size) {
      body.push_back(DrawStatement(place));
    }
    return body;
  }

  // Whether `operation` can stand there.
  bool Fits(const Operation& operation, const Place& place) const {
    const std::string name = operation.name;
    if (operation.has_body && place.depth == 0) return false;
    if (name == "spawn" || name == "start") return !place.nurseries.empty();
    if (name == "started") return !tasks_.empty();
    if (name == "shield" || name == "deadline") return !scopes_.empty();
    if (name == "cancel") return !scopes_.empty() || !nurseries_.empty();
    return true;
  }

  json DrawStatement(Place place) {
    std::vector<std::uint32_t> weights;
    for (const Operation& operation : kOperations) {
      std::uint32_t weight = Fits(operation, place) ? operation.weights[kind_] : 0;
      if (!place.started.empty() && operation.name == std::string("started")) weight += 10;
      weights.push_back(weight);
    }
    const std::string op = kOperations[DrawWeighted(weights, "operation")].name;
    if (op == "spawn" || op == "start") return DrawChild(op.c_str(), std::move(place));
    if (place.depth > 0) --place.depth;
    if (op == "scope") {
      json scope = DrawScope();
      scope["body"] = DrawBody(place, 4);
      return scope;
    }
    json st = New(op.c_str());
    if (op == "sleep") {
      st["dt"] = Choose(4, "time");
    } else if (op == "sleep_until") {
      st["at_time"] = DrawBetween(-1, 6, "time");
    } else if (op == "raise") {
      st["err"] = DrawFrom<const char*>({"E0", "E1", "E2", "E3", "B0"}, "error");
    } else if (op == "nursery") {
      st["n"] = NewName("n", nurseries_);
      place.nurseries.push_back(st["n"]);
      st["body"] = DrawBody(place, 5);
    } else if (op == "started") {
      const bool is_own = !place.started.empty() && DrawChance(3, 4, "own start");
      st["task"] = is_own ? place.started : DrawFrom(tasks_, "task");
      st["v"] = Choose(100, "value");
    } else if (op == "move_on_after" || op == "fail_after") {
      st["dt"] = Choose(4, "time");
      st["body"] = DrawBody(place, 4);
    } else if (op == "cancel") {
      const bool is_scope = nurseries_.empty() || (!scopes_.empty() && Coin("a scope"));
      st["scope"] = DrawFrom(is_scope ? scopes_ : nurseries_, "whose");
    } else if (op == "shield") {
      st["scope"] = DrawFrom(scopes_, "whose");
      st["v"] = Coin("on");
    } else if (op == "deadline") {
      st["scope"] = DrawFrom(scopes_, "whose");
      st["dt"] = DrawBetween(-1, 4, "time");
    } else if (op == "ev_set" || op == "ev_wait") {
      st["e"] = Few("event");
    } else if (op == "send" || op == "send_nw") {
      st["c"] = DrawFrom(senders_, "end");
      st["v"] = Choose(100, "value");
    } else if (op == "recv" || op == "recv_nw") {
      st["c"] = DrawFrom(receivers_, "end");
    } else if (op == "clone") {
      std::vector<std::string>& ends = Coin("of a sender") ? senders_ : receivers_;
      const std::string end = DrawFrom(ends, "end");
      st["c"] = end;
      // "c0s" and a number that nobody has; rarely one that somebody has.
      const int number = DrawChance(1, 10, "a number again") ? 1 : ++last_clone_;
      st["as"] = end.substr(0, 3) + std::to_string(number);
      ends.push_back(st["as"]);
    } else if (op == "close" || op == "aclose") {
      st["c"] = DrawFrom(Coin("a sender") ? senders_ : receivers_, "end");
    } else if (op == "chstat") {
      st["c"] = DrawFrom<const char*>({"c0s0", "c0r0", "c1r0"}, "end");
    } else if (op == "lock") {
      st["l"] = Few("lock");
      place.lock = st["l"];
      st["body"] = DrawBody(place, 4);
    } else if (op == "acq" || op == "rel") {
      st["l"] = Few("lock");
    } else if (op == "cond_wait" || op == "notify") {
      st["l"] = place.lock && DrawChance(7, 8, "own lock") ? *place.lock : Few("lock");
      if (op == "notify") st["k"] = Choose(3, "count");
    } else if (op == "sem" || op == "limit") {
      st["s"] = 0;
      st["body"] = DrawBody(place, 4);
    } else if (op == "set_limit") {
      st["s"] = 0;
      st["v"] = Choose(4, "tokens");
    } else if (op == "try") {
      DrawTry(place, st);
    }
    return st;
  }

  void DrawTry(Place place, json& st) {
    st["body"] = DrawBody(place, 4);
    place.depth = 0;
    if (DrawChance(4, 5, "catches")) {
      json on = json::array();
      for (std::size_t left = DrawBetween<std::size_t>(0, 2, "classes"); left > 0; --left) {
        on.push_back(DrawFrom<const char*>({"ANY", "E0", "E1", "Cancelled", "B0", "TooSlow", "EndOfChannel", "Broken",
                                            "Closed", "WouldBlock", "RuntimeError"},
                                           "class"));
      }
      st["on"] = std::move(on);
      st["star"] = Coin("star");
      st["swallow"] = DrawChance(3, 4, "swallows");
      if (Coin("has a handler")) st["handler"] = DrawBody(place, 2);
    }
    if (Coin("has a finally")) st["fin"] = DrawBody(place, 2);
  }

  // The first of two in programs that are to meet there, and either in others.
  int Few(const char* label) const { return kind_ == 1 ? 0 : static_cast<int>(Choose(2, label)); }

  std::size_t kind_ = 0;
  std::size_t left_ = 0;
  int last_id_ = 0;
  int last_clone_ = 1;
  std::vector<std::string> nurseries_;
  std::vector<std::string> scopes_;
  std::vector<std::string> tasks_;
  std::vector<std::string> senders_ = {"c0s0", "c1s0"};
  std::vector<std::string> receivers_ = {"c0r0", "c1r0"};
};

json DrawScrap() {
  switch (Choose(8, "scrap")) {
    case 0:
      return nullptr;
    case 1:
      return DrawFrom<std::int64_t>({0, 1, -1, 1000, 1'000'000'000'000, -1'000'000'000'000}, "number");
    case 2:
      return DrawBetween<std::uint64_t>(0, ~std::uint64_t{0}, "large number");
    case 3:
      return DrawFrom<const char*>({"", "cp", "s0", "n0", "t0", "c0s0", "c0r9", "free", "E0", "ANY", "list"}, "word");
    case 4:
      return DrawBytes(8, "text");
    case 5:
      return Coin("true");
    case 6:
      return json::array({1.5});
    default:
      return json::object({{"id", 1}, {"op", "cp"}});
  }
}

// The values inside of `value`, itself included.
void AddValues(json& value, std::vector<json*>& values) {
  values.push_back(&value);
  if (value.is_structured()) {
    for (json& inner : value) AddValues(inner, values);
  }
}

}  // namespace

json DrawProgram() { return Drawing().Draw(); }

json DrawDamage(json program) {
  for (std::size_t left = DrawBetween<std::size_t>(1, 3, "changes"); left > 0; --left) {
    std::vector<json*> values;
    AddValues(program, values);
    json& value = *DrawFrom(values, "where");
    switch (Choose(4, "change")) {
      case 0:
        value = DrawScrap();
        break;
      case 1:
        if (value.is_array()) value.push_back(*DrawFrom(values, "what"));
        break;
      case 2:
        if (value.is_object() && !value.empty()) {
          auto field = value.begin();
          std::advance(field, static_cast<std::ptrdiff_t>(DrawBetween<std::size_t>(0, value.size() - 1, "field")));
          value.erase(field);
        }
        break;
      default:
        if (value.is_object()) {
          value[DrawFrom<const char*>({"dt", "body", "v", "extra", "s", "timeout", "sched"}, "field")] = DrawScrap();
        }
        break;
    }
  }
  return program;
}

}  // namespace hocket::testing
