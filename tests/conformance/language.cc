#include "tests/conformance/language.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hocket::conformance {

namespace {

using nlohmann::json;

// More than anybody writes. These keep the sum of all times within a Time, and a trace, which may list all tasks for
// each step, within the memory.
constexpr std::int64_t kMaxNumber = 1'000'000'000;
constexpr std::int64_t kMaxSeconds = 100'000;
constexpr std::size_t kMaxStatements = 3'000;
constexpr std::size_t kMaxDepth = 100;
constexpr std::size_t kMaxObjects = 1000;
constexpr std::size_t kMaxNameLength = 40;

// What stands in a field.
enum class Kind : std::uint8_t {
  kNumber,
  kSeconds,
  kAnySeconds,  // may be negative
  kBool,
  kBody,    // a list of statements
  kError,   // the name of an error that a program raises
  kErrors,  // a list of names of all errors

  // A name that the statement gives.
  kNewNursery,
  kNewScope,
  kNewTask,
  kNewEnd,

  // A name that some statement gives.
  kNursery,
  kScope,
  kScopeOrNursery,
  kTask,
  kSender,
  kReceiver,
  kEnd,
  kFirstEnd,  // one of the two that a channel begins with

  // The number of one of the program's objects.
  kEvent,
  kLock,
  kSemaphore,
  kLimiter,
};

struct Field {
  const char* name;
  Kind kind;
  bool optional = false;
};

// By op. Beside these, every statement has "id" and "op".
const std::map<std::string, std::vector<Field>>& Statements() {
  static const auto* statements = new std::map<std::string, std::vector<Field>>{
      {"cp", {}},
      {"scp", {}},
      {"cpif", {}},
      {"sleep", {{"dt", Kind::kSeconds}}},
      {"sleep_until", {{"at_time", Kind::kAnySeconds}}},
      {"forever", {}},
      {"settle", {}},
      {"obs", {}},
      {"raise", {{"err", Kind::kError}}},
      {"nursery", {{"n", Kind::kNewNursery}, {"body", Kind::kBody}}},
      {"spawn", {{"n", Kind::kNursery}, {"task", Kind::kNewTask}, {"body", Kind::kBody}}},
      {"start", {{"n", Kind::kNursery}, {"task", Kind::kNewTask}, {"body", Kind::kBody}}},
      {"started", {{"task", Kind::kTask}, {"v", Kind::kNumber}}},
      {"scope",
       {{"scope", Kind::kNewScope},
        {"shield", Kind::kBool, true},
        {"timeout", Kind::kAnySeconds, true},
        {"body", Kind::kBody}}},
      {"move_on_after", {{"dt", Kind::kSeconds}, {"body", Kind::kBody}}},
      {"fail_after", {{"dt", Kind::kSeconds}, {"body", Kind::kBody}}},
      {"cancel", {{"scope", Kind::kScopeOrNursery}}},
      {"shield", {{"scope", Kind::kScope}, {"v", Kind::kBool}}},
      {"deadline", {{"scope", Kind::kScope}, {"dt", Kind::kAnySeconds}}},
      {"ev_set", {{"e", Kind::kEvent}}},
      {"ev_wait", {{"e", Kind::kEvent}}},
      {"send", {{"c", Kind::kSender}, {"v", Kind::kNumber}}},
      {"recv", {{"c", Kind::kReceiver}}},
      {"send_nw", {{"c", Kind::kSender}, {"v", Kind::kNumber}}},
      {"recv_nw", {{"c", Kind::kReceiver}}},
      {"clone", {{"c", Kind::kEnd}, {"as", Kind::kNewEnd}}},
      {"close", {{"c", Kind::kEnd}}},
      {"aclose", {{"c", Kind::kEnd}}},
      {"chstat", {{"c", Kind::kFirstEnd}}},
      {"lock", {{"l", Kind::kLock}, {"body", Kind::kBody}}},
      {"acq", {{"l", Kind::kLock}}},
      {"rel", {{"l", Kind::kLock}}},
      {"cond_wait", {{"l", Kind::kLock}}},
      {"notify", {{"l", Kind::kLock}, {"k", Kind::kNumber}}},
      {"sem", {{"s", Kind::kSemaphore}, {"body", Kind::kBody}}},
      {"limit", {{"s", Kind::kLimiter}, {"body", Kind::kBody}}},
      {"set_limit", {{"s", Kind::kLimiter}, {"v", Kind::kNumber}}},
      {"try",
       {{"body", Kind::kBody},
        {"on", Kind::kErrors, true},
        {"star", Kind::kBool, true},
        {"swallow", Kind::kBool, true},
        {"handler", Kind::kBody, true},
        {"fin", Kind::kBody, true}}},
  };
  return *statements;
}

const std::vector<std::string>& RaisedErrors() {
  static const auto* names = new std::vector<std::string>{"E0", "E1", "E2", "E3", "B0"};
  return *names;
}

const std::vector<std::string>& CaughtErrors() {
  static const auto* names = new std::vector<std::string>{
      "E0",           "E1",     "E2",     "E3",      "B0",           "Cancelled", "WouldBlock",
      "EndOfChannel", "Broken", "Closed", "TooSlow", "RuntimeError", "ANY"};
  return *names;
}

std::string Join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// A value as a message shows it: short, on one line, and without going into its depth.
std::string Show(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/true, json::error_handler_t::replace);
  return text.size() <= kMaxNameLength ? text : text.substr(0, kMaxNameLength) + "...";
}

[[noreturn]] void Refuse(const std::string& where, const std::string& what) {
  throw BadProgram(where.empty() ? what : where + ": " + what);
}

[[noreturn]] void RefuseValue(const std::string& where, const std::string& expected, const json& found) {
  Refuse(where, "expected " + expected + ", found " + Show(found));
}

std::string Member(const std::string& where, const std::string& field) {
  return where.empty() ? field : where + "." + field;
}

std::string Element(const std::string& where, std::size_t index) { return where + "[" + std::to_string(index) + "]"; }

// The end of a channel that a name says: "c0s1".
struct End {
  std::size_t channel = 0;
  char side = 0;       // 's' or 'r'
  bool first = false;  // the one that the channel begins with
};

// False if `name` is not of that form.
bool ParseEnd(const std::string& name, End& end) {
  std::size_t place = 0;
  const auto number = [&](std::size_t& value) {
    const std::size_t begin = place;
    for (; place < name.size() && std::isdigit(static_cast<unsigned char>(name[place])) != 0; ++place) {
      value = std::min(value * 10 + static_cast<std::size_t>(name[place] - '0'), kMaxObjects);
    }
    return place > begin && (name[begin] != '0' || place == begin + 1);
  };
  std::size_t copy = 0;
  if (name.empty() || name[place++] != 'c' || !number(end.channel) || place == name.size()) return false;
  end.side = name[place++];
  if ((end.side != 's' && end.side != 'r') || !number(copy) || place != name.size()) return false;
  end.first = copy == 0;
  return true;
}

class Checker {
 public:
  explicit Checker(const json& program) : program_(program) {}

  void Check();

 private:
  // A name that must be in one of the sets when the whole program has been read.
  struct Reference {
    std::string where;
    std::string name;
    std::vector<const std::set<std::string>*> among;
    std::string expected;
  };

  void CheckTop(const std::string& field, const json& value);
  void CheckSchedule(const json& schedule);
  std::size_t CheckObjects(const json& list, const std::string& field, std::int64_t least);

  void CheckBody(const json& body, const std::string& where);
  void CheckStatement(const json& statement, const std::string& where);
  void CheckField(const json& statement, const Field& field, const std::string& where);

  std::int64_t Number(const json& value, const std::string& where, std::int64_t least, std::int64_t greatest);
  std::string Name(const json& value, const std::string& where);
  void Object(const json& value, const std::string& where, const char* what, std::size_t count);
  void OneOf(const json& value, const std::string& where, const std::vector<std::string>& names);
  End EndOf(const json& value, const std::string& where, const std::string& expected);

  const json& program_;
  std::size_t channels_ = 0;
  std::size_t events_ = 0;
  std::size_t locks_ = 0;
  std::size_t semaphores_ = 0;
  std::size_t limiters_ = 0;
  std::size_t statements_ = 0;
  std::size_t depth_ = 0;
  std::set<std::string> nurseries_;
  std::set<std::string> scopes_;
  std::set<std::string> tasks_;
  std::set<std::string> ends_;
  std::vector<Reference> references_;
};

void Checker::Check() {
  if (!program_.is_object()) RefuseValue("", "an object", program_);
  if (!program_.contains("main")) Refuse("", "expected a field \"main\"");
  for (const auto& [field, value] : program_.items()) CheckTop(field, value);
  for (std::size_t channel = 0; channel < channels_; ++channel) {
    for (const char* side : {"s0", "r0"}) ends_.insert("c" + std::to_string(channel) + side);
  }
  CheckBody(program_.at("main"), "main");
  for (const Reference& reference : references_) {
    const auto has = [&](const std::set<std::string>* names) { return names->contains(reference.name); };
    if (std::none_of(reference.among.begin(), reference.among.end(), has)) {
      RefuseValue(reference.where, reference.expected, reference.name);
    }
  }
}

void Checker::CheckTop(const std::string& field, const json& value) {
  if (field == "main") return;
  if (field == "v") {
    if (value != 1) RefuseValue(field, "version 1 of the language", value);
  } else if (field == "seed") {
    if (!value.is_number_integer() && !value.is_string()) RefuseValue(field, "a number or a string", value);
  } else if (field == "mode") {
    OneOf(value, field, {"batch", "free"});
  } else if (field == "sched") {
    CheckSchedule(value);
  } else if (field == "ev") {
    events_ = static_cast<std::size_t>(Number(value, field, 0, kMaxObjects));
  } else if (field == "lock") {
    locks_ = static_cast<std::size_t>(Number(value, field, 0, kMaxObjects));
  } else if (field == "chan") {
    channels_ = CheckObjects(value, field, -1);
  } else if (field == "sem") {
    semaphores_ = CheckObjects(value, field, 0);
  } else if (field == "lim") {
    limiters_ = CheckObjects(value, field, 0);
  } else {
    Refuse("", "unexpected field " + Show(field));
  }
}

void Checker::CheckSchedule(const json& schedule) {
  if (!schedule.is_object()) RefuseValue("sched", "an object", schedule);
  for (const auto& [field, value] : schedule.items()) {
    const std::string where = Member("sched", field);
    if (field == "kind") {
      OneOf(value, where, {"fifo", "lifo", "seed", "list"});
    } else if (field == "seed") {
      if (!value.is_number_unsigned()) RefuseValue(where, "a number from 0 to 2^64 - 1", value);
    } else if (field == "picks") {
      if (!value.is_array()) RefuseValue(where, "a list of numbers", value);
      for (std::size_t i = 0; i < value.size(); ++i) Number(value[i], Element(where, i), 0, kMaxNumber);
    } else {
      Refuse("sched", "unexpected field " + Show(field));
    }
  }
}

std::size_t Checker::CheckObjects(const json& list, const std::string& field, std::int64_t least) {
  if (!list.is_array()) RefuseValue(field, "a list of numbers", list);
  if (list.size() > kMaxObjects) {
    Refuse(field, "expected at most " + std::to_string(kMaxObjects) + " numbers, found " + std::to_string(list.size()));
  }
  for (std::size_t i = 0; i < list.size(); ++i) Number(list[i], Element(field, i), least, kMaxNumber);
  return list.size();
}

void Checker::CheckBody(const json& body, const std::string& where) {
  if (!body.is_array()) RefuseValue(where, "a list of statements", body);
  if (++depth_ > kMaxDepth)
    Refuse(where, "statements stand in each other more than " + std::to_string(kMaxDepth) + " deep");
  for (std::size_t i = 0; i < body.size(); ++i) CheckStatement(body[i], Element(where, i));
  --depth_;
}

void Checker::CheckStatement(const json& statement, const std::string& where) {
  if (++statements_ > kMaxStatements) {
    Refuse(where, "the program has more than " + std::to_string(kMaxStatements) + " statements");
  }
  if (!statement.is_object()) RefuseValue(where, "a statement", statement);
  for (const char* field : {"id", "op"}) {
    if (!statement.contains(field)) Refuse(where, "expected a field \"" + std::string(field) + "\"");
  }
  Number(statement.at("id"), Member(where, "id"), 0, kMaxNumber);
  const json& op = statement.at("op");
  const auto known = op.is_string() ? Statements().find(op.get<std::string>()) : Statements().end();
  if (known == Statements().end()) RefuseValue(Member(where, "op"), "an operation", op);

  const std::vector<Field>& fields = known->second;
  for (const Field& field : fields) {
    if (statement.contains(field.name)) {
      CheckField(statement, field, Member(where, field.name));
    } else if (!field.optional) {
      Refuse(where, known->first + " needs a field \"" + field.name + "\"");
    }
  }
  for (const auto& item : statement.items()) {
    const std::string& name = item.key();
    if (name != "id" && name != "op" &&
        std::none_of(fields.begin(), fields.end(), [&](const Field& field) { return name == field.name; })) {
      Refuse(where, known->first + " has no field " + Show(name));
    }
  }
}

void Checker::CheckField(const json& statement, const Field& field, const std::string& where) {
  const json& value = statement.at(field.name);
  const auto refer = [&](std::vector<const std::set<std::string>*> among, const char* expected) {
    references_.push_back({where, Name(value, where), std::move(among), expected});
  };
  const auto refer_to_end = [&](const std::string& sides, const char* expected) {
    if (sides.find(EndOf(value, where, expected).side) == std::string::npos) RefuseValue(where, expected, value);
    refer({&ends_}, expected);
  };
  switch (field.kind) {
    case Kind::kNumber:
      Number(value, where, 0, kMaxNumber);
      break;
    case Kind::kSeconds:
      Number(value, where, 0, kMaxSeconds);
      break;
    case Kind::kAnySeconds:
      Number(value, where, -kMaxSeconds, kMaxSeconds);
      break;
    case Kind::kBool:
      if (!value.is_boolean()) RefuseValue(where, "true or false", value);
      break;
    case Kind::kBody:
      CheckBody(value, where);
      break;
    case Kind::kError:
      OneOf(value, where, RaisedErrors());
      break;
    case Kind::kErrors:
      if (!value.is_array()) RefuseValue(where, "a list of errors", value);
      for (std::size_t i = 0; i < value.size(); ++i) OneOf(value[i], Element(where, i), CaughtErrors());
      break;
    case Kind::kNewNursery:
      nurseries_.insert(Name(value, where));
      break;
    case Kind::kNewScope:
      scopes_.insert(Name(value, where));
      break;
    case Kind::kNewTask:
      // The model takes tasks with other names for Trio's own.
      if (Name(value, where)[0] != 't') RefuseValue(where, "a name that begins with t", value);
      tasks_.insert(value.get<std::string>());
      break;
    case Kind::kNewEnd: {
      constexpr char kExpected[] = "the name of another end like that of \"c\"";
      const End end = EndOf(value, where, kExpected);
      const End original = EndOf(statement.at("c"), where, kExpected);
      if (end.channel != original.channel || end.side != original.side) RefuseValue(where, kExpected, value);
      ends_.insert(value.get<std::string>());
      break;
    }
    case Kind::kNursery:
      refer({&nurseries_}, "the name of a nursery in this program");
      break;
    case Kind::kScope:
      refer({&scopes_}, "the name of a scope in this program");
      break;
    case Kind::kScopeOrNursery:
      refer({&scopes_, &nurseries_}, "the name of a scope or nursery in this program");
      break;
    case Kind::kTask:
      refer({&tasks_}, "the name of a task in this program");
      break;
    case Kind::kSender:
      refer_to_end("s", "a sending end in this program");
      break;
    case Kind::kReceiver:
      refer_to_end("r", "a receiving end in this program");
      break;
    case Kind::kEnd:
      refer_to_end("sr", "an end of a channel in this program");
      break;
    case Kind::kFirstEnd:
      if (!EndOf(value, where, "a channel's first end").first) RefuseValue(where, "a channel's first end", value);
      refer_to_end("sr", "a channel's first end");
      break;
    case Kind::kEvent:
      Object(value, where, "event", events_);
      break;
    case Kind::kLock:
      Object(value, where, "lock", locks_);
      break;
    case Kind::kSemaphore:
      Object(value, where, "semaphore", semaphores_);
      break;
    case Kind::kLimiter:
      Object(value, where, "limiter", limiters_);
      break;
  }
}

std::int64_t Checker::Number(const json& value, const std::string& where, std::int64_t least, std::int64_t greatest) {
  // An unsigned number may be too large for the signed type.
  const bool fits = value.is_number_unsigned() ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(greatest)
                                               : value.is_number_integer() && value.get<std::int64_t>() >= least &&
                                                     value.get<std::int64_t>() <= greatest;
  if (!fits) RefuseValue(where, "a number from " + std::to_string(least) + " to " + std::to_string(greatest), value);
  return value.get<std::int64_t>();
}

std::string Checker::Name(const json& value, const std::string& where) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  if (value.is_string()) {
    const auto& name = value.get_ref<const std::string&>();
    if (!name.empty() && name.size() <= kMaxNameLength && std::all_of(name.begin(), name.end(), allowed)) return name;
  }
  RefuseValue(where, "a name", value);
}

void Checker::Object(const json& value, const std::string& where, const char* what, std::size_t count) {
  if (count == 0) Refuse(where, std::string("the program has no ") + what);
  Number(value, where, 0, static_cast<std::int64_t>(count) - 1);
}

void Checker::OneOf(const json& value, const std::string& where, const std::vector<std::string>& names) {
  if (!value.is_string() || std::find(names.begin(), names.end(), value.get_ref<const std::string&>()) == names.end()) {
    RefuseValue(where, "one of " + Join(names), value);
  }
}

End Checker::EndOf(const json& value, const std::string& where, const std::string& expected) {
  End end;
  if (!ParseEnd(Name(value, where), end)) RefuseValue(where, expected, value);
  return end;
}

}  // namespace

void CheckProgram(const json& program) { Checker(program).Check(); }

}  // namespace hocket::conformance
