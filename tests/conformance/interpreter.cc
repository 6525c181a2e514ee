#include "tests/conformance/interpreter.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hocket/hocket.h"
#include "tests/conformance/policy.h"
#include "tests/conformance/unshield.h"

namespace hocket::conformance {

namespace {

using nlohmann::json;

// The errors of the language. "B0" stands for what Python does not call an Exception.
struct ProgramError {
  std::string name;
};

// ---------------------------------------------------------------- shapes of failures

std::string MisuseTag(const std::string& message) {
  constexpr std::pair<const char*, const char*> kTags[] = {
      {"the nursery is closed", "nursery_closed"},
      {"the task ended without calling started", "not_started"},
      {"started was called twice", "started_twice"},
      {"the task holds this lock already", "lock_reacquire"},
      {"the task does not hold this lock", "lock_not_owner"},
      {"the task must hold the lock", "must_hold_lock"},
      {"the borrower has a token", "limiter_held"},
      {"the borrower has no token", "limiter_not_held"},
      {"a cancel scope is entered twice", "scope_reuse"},
  };
  for (const auto& [begin, tag] : kTags) {
    if (message.rfind(begin, 0) == 0) return std::string("RuntimeError.") + tag;
  }
  return "RuntimeError";
}

// The name of a leaf: "Cancelled", "E0", "RuntimeError.lock_reacquire".
std::string LeafName(const Failure& leaf) {
  if (leaf.is_cancelled()) return "Cancelled";
  try {
    leaf.Throw();
  } catch (const ProgramError& error) {
    return error.name;
  } catch (const WouldBlock&) {
    return "WouldBlock";
  } catch (const EndOfChannel&) {
    return "EndOfChannel";
  } catch (const BrokenResourceError&) {
    return "Broken";
  } catch (const ClosedResourceError&) {
    return "Closed";
  } catch (const TooSlowError&) {
    return "TooSlow";
  } catch (const MisuseError& error) {
    return MisuseTag(error.what());
  }
}

bool IsBase(const Failure& failure) {
  if (!failure.is_group()) return failure.is_cancelled() || LeafName(failure) == "B0";
  for (const Failure& member : failure.group().members()) {
    if (IsBase(member)) return true;
  }
  return false;
}

json Shape(const Failure& failure) {
  if (!failure) return nullptr;
  if (!failure.is_group()) return LeafName(failure);
  json members = json::array();
  for (const Failure& member : failure.group().members()) members.push_back(Shape(member));
  return {{"group", IsBase(failure) ? "B" : "E"}, {"of", std::move(members)}};
}

bool LeafMatches(const Failure& leaf, const json& classes) {
  const std::string name = LeafName(leaf);
  for (const json& wanted : classes) {
    if (wanted == "ANY" || wanted == name || (wanted == "RuntimeError" && name.rfind("RuntimeError", 0) == 0))
      return true;
  }
  return false;
}

// ---------------------------------------------------------------- time

constexpr Duration kSecond = std::chrono::seconds(1);

json Seconds(Time time) {
  if (time == kForever) return "inf";
  if (time == Time::min()) return "-inf";
  return time.time_since_epoch() / kSecond;
}

Duration SecondsFrom(const json& number) { return number.get<std::int64_t>() * kSecond; }

// ---------------------------------------------------------------- the interpreter

// What a statement adds to its event.
using Extra = json;

class Interpreter final : public Observer, public DeadlockHandler {
 public:
  explicit Interpreter(const json& program);

  json Run();

  void OnSpawn(std::uint32_t, const std::string&) noexcept override {
    labels_.push_back(labels_.empty() ? "main" : next_label_);
    ++living_;
  }
  void OnStep(std::uint32_t) noexcept override {}
  void OnPark(std::uint32_t, const char*, const std::source_location&, const std::source_location&) noexcept override {}
  void OnCancel(std::uint32_t) noexcept override {}
  void OnExit(std::uint32_t task, const Failure&) noexcept override {
    --living_;
    ended_.insert(task);
  }
  void OnJump(Time now) noexcept override {
    now_ = now;
    Emit("jump");
  }
  void OnDraw(const char*, std::uint32_t) noexcept override {}
  bool OnDeadlock() override;

 private:
  using Operation = Task<> (Interpreter::*)(const json& statement, Extra& extra);
  static const std::map<std::string, Operation>& Operations();

  json& Emit(const char* event) {
    out_.push_back({{"ev", event}, {"t", Seconds(now_)}});
    return out_.back();
  }
  json& EmitBy(const std::string& label, const char* event) {
    json& object = Emit(event);
    object["task"] = label;
    return object;
  }
  void EmitChoice(const Policy::Choice& choice);
  json Labels(const std::vector<std::uint32_t>& tasks) const;

  Task<> Main() {
    co_await WithScope(root_, [this]() -> Task<> { co_await RunTask("main", program_.at("main")); });
  }
  Task<> RunTask(const std::string& label, const json& body);
  Task<> RunStarted(const json& statement, TaskStatus<int> status) {
    status_.insert_or_assign(statement.at("task").get<std::string>(), std::move(status));
    return RunTask(statement.at("task").get_ref<const std::string&>(), statement.at("body"));
  }
  Task<> Block(const std::string& label, const json& body);
  Task<> Statement(const std::string& label, const json& statement);

  // Each runs on the task of `label_of_current_`, set by Statement before the call.
  Task<> Cp(const json&, Extra&) { co_await Checkpoint(); }
  Task<> Scp(const json&, Extra&) { co_await ShieldedCheckpoint(); }
  Task<> Cpif(const json&, Extra&) { co_await CheckpointIfCancelled(); }
  Task<> Sleep(const json& st, Extra&) { co_await hocket::Sleep(SecondsFrom(st.at("dt"))); }
  Task<> SleepUntil(const json& st, Extra&) { co_await hocket::SleepUntil(Time() + SecondsFrom(st.at("at_time"))); }
  Task<> Forever(const json&, Extra&) { co_await SleepForever(); }
  Task<> Settle(const json&, Extra&) { co_await hocket::Settle(); }
  Task<> Obs(const json&, Extra& extra) {
    extra["dl"] = Seconds(CurrentEffectiveDeadline());
    extra["living"] = living_;
    co_return;
  }
  Task<> Raise(const json& st, Extra&) {
    throw ProgramError{st.at("err").get<std::string>()};
    co_return;
  }

  Task<> OpenNursery(const json& st, Extra& extra);
  Task<> Spawn(const json& st, Extra& extra);
  Task<> Start(const json& st, Extra& extra);
  Task<> Started(const json& st, Extra& extra);

  Task<> Scope(const json& st, Extra& extra);
  Task<> MoveOn(const json& st, Extra& extra);
  Task<> Fail(const json& st, Extra& extra);
  Task<> Cancel(const json& st, Extra& extra);
  Task<> Shield(const json& st, Extra&) {
    scopes_.at(st.at("scope").get<std::string>()).set_shield(st.at("v").get<bool>());
    co_return;
  }
  Task<> Deadline(const json& st, Extra&) {
    scopes_.at(st.at("scope").get<std::string>()).set_deadline(Now() + SecondsFrom(st.at("dt")));
    co_return;
  }

  Task<> EventSet(const json& st, Extra&) {
    events_.at(st.at("e").get<std::size_t>()).Set();
    co_return;
  }
  Task<> EventWait(const json& st, Extra&) { co_await events_.at(st.at("e").get<std::size_t>()).Wait(); }

  Task<> Send(const json& st, Extra& extra);
  Task<> Receive(const json& st, Extra& extra);
  Task<> SendNow(const json& st, Extra& extra);
  Task<> ReceiveNow(const json& st, Extra& extra);
  Task<> Clone(const json& st, Extra& extra);
  Task<> Close(const json& st, Extra& extra);
  Task<> CloseWithCheckpoint(const json& st, Extra& extra);
  Task<> Statistics(const json& st, Extra& extra);

  Task<> WithLock(const json& st, Extra& extra);
  Task<> Acquire(const json& st, Extra&) { co_await locks_.at(st.at("l").get<std::size_t>()).Acquire(); }
  Task<> Release(const json& st, Extra&) {
    locks_.at(st.at("l").get<std::size_t>()).Release();
    co_return;
  }
  Task<> ConditionWait(const json& st, Extra&) { co_await conditions_.at(st.at("l").get<std::size_t>()).Wait(); }
  Task<> Notify(const json& st, Extra&) {
    const int count = st.at("k").get<int>();
    conditions_.at(st.at("l").get<std::size_t>())
        .Notify(count > 0 ? static_cast<std::size_t>(count) : ParkingLot::kAll);
    co_return;
  }
  Task<> WithSemaphore(const json& st, Extra& extra);
  Task<> WithLimiter(const json& st, Extra& extra);
  Task<> SetLimit(const json& st, Extra&) {
    limiters_.at(st.at("s").get<std::size_t>()).set_total(st.at("v").get<std::size_t>());
    co_return;
  }

  Task<> Try(const json& st, Extra& extra);
  Task<> TryBody(const std::string& label, const json& st);

  // The statement's channel end, or nothing, which the event then says.
  SendChannel<int>* Sender(const json& st, Extra& extra);
  ReceiveChannel<int>* Receiver(const json& st, Extra& extra);
  void FindScopes(const json& body);

  const json& program_;
  bool batch_;
  Policy policy_;
  json out_ = json::array();
  std::vector<std::string> labels_;  // by spawn number
  std::set<std::uint32_t> ended_;
  std::string next_label_;
  std::string current_label_;
  std::int64_t living_ = 0;
  Time now_;
  int deadlocks_ = 0;

  CancelScope root_;
  std::map<std::string, CancelScope> scopes_;
  std::map<std::string, Nursery> nurseries_;
  std::map<std::string, TaskStatus<int>> status_;
  std::deque<hocket::Event> events_;
  std::deque<Lock> locks_;
  std::deque<Condition> conditions_;
  std::deque<Semaphore> semaphores_;
  std::deque<CapacityLimiter> limiters_;
  std::map<std::string, SendChannel<int>> senders_;
  std::map<std::string, ReceiveChannel<int>> receivers_;
};

Interpreter::Interpreter(const json& program)
    : program_(program),
      batch_(program.value("mode", "batch") == "batch"),
      policy_(program.value("sched", json::object()), batch_,
              [this](const Policy::Choice& choice) { EmitChoice(choice); }) {
  const std::string mode = program.value("mode", "batch");
  if (mode != "batch" && mode != "free")
    throw std::invalid_argument("mode: expected batch or free, found '" + mode + "'");
  for (std::size_t i = program.value("ev", std::size_t{0}); i > 0; --i) events_.emplace_back();
  for (std::size_t i = program.value("lock", std::size_t{0}); i > 0; --i) locks_.emplace_back();
  for (Lock& lock : locks_) conditions_.emplace_back(lock);
  for (const json& initial : program.value("sem", json::array())) semaphores_.emplace_back(initial.get<std::size_t>());
  for (const json& total : program.value("lim", json::array())) limiters_.emplace_back(total.get<std::size_t>());
  std::size_t number = 0;
  for (const json& capacity : program.value("chan", json::array())) {
    const std::int64_t places = capacity.get<std::int64_t>();
    auto [sender, receiver] = OpenChannel<int>(places < 0 ? kUnbounded : static_cast<std::size_t>(places));
    const std::string name = "c" + std::to_string(number++);
    senders_.emplace(name + "s0", std::move(sender));
    receivers_.emplace(name + "r0", std::move(receiver));
  }
  FindScopes(program.at("main"));
}

void Interpreter::FindScopes(const json& body) {
  if (!body.is_array()) throw std::invalid_argument("a body is a list of statements");
  for (const json& st : body) {
    if (Operations().count(st.at("op").get<std::string>()) == 0) {
      throw std::invalid_argument("statement " + st.at("id").dump() + ": unknown op " + st.at("op").dump());
    }
    if (st.at("op") == "scope") {
      scopes_.emplace(st.at("scope").get<std::string>(), CancelScope({.shield = st.value("shield", false)}));
    }
    for (const char* inner : {"body", "handler", "fin"}) {
      if (st.contains(inner)) FindScopes(st.at(inner));
    }
  }
}

json Interpreter::Run() {
  const RunOutcome outcome =
      hocket::Run([this] { return Main(); }, {.clock = ClockKind::kVirtual,
                                              .pass = batch_ ? PassLength::kBatch : PassLength::kStep,
                                              .chooser = &policy_,
                                              .deadlock_handler = this,
                                              .observer = this});
  const json last = out_.empty() ? json(0) : out_.back().at("t");
  json end = {{"ev", "end"}, {"x", Shape(outcome.failure)}, {"t", last}, {"decisions", policy_.decisions()}};
  if (outcome.kind == RunOutcome::Kind::kDeadlock) end["x"] = "TrioInternalError:RuntimeError('unbreakable deadlock')";
  out_.push_back(std::move(end));
  return std::move(out_);
}

void Interpreter::EmitChoice(const Policy::Choice& choice) {
  if (batch_) {
    Emit("batch")["run"] = Labels(choice.order);
    return;
  }
  json& event = Emit("run");
  event["of"] = Labels(choice.of);
  event["pick"] = labels_.at(choice.order.front());
}

json Interpreter::Labels(const std::vector<std::uint32_t>& tasks) const {
  json names = json::array();
  for (const std::uint32_t task : tasks) names.push_back(labels_.at(task));
  return names;
}

bool Interpreter::OnDeadlock() {
  std::vector<std::uint32_t> blocked;
  for (std::uint32_t task = 0; task < labels_.size(); ++task) {
    if (ended_.count(task) == 0) blocked.push_back(task);
  }
  json& event = Emit("deadlock");
  event["n"] = ++deadlocks_;
  event["tasks"] = Labels(blocked);
  if (deadlocks_ == 1) {
    root_.Cancel();
  } else if (deadlocks_ == 2) {
    UnshieldEverything();
  } else {
    return false;
  }
  return true;
}

// ---------------------------------------------------------------- tasks and statements

Task<> Interpreter::RunTask(const std::string& label_of_task, const json& body) {
  const std::string label = label_of_task;
  EmitBy(label, "start");
  Outcome<> outcome = co_await Capture(Block(label, body));
  EmitBy(label, "exit")["x"] = Shape(outcome.failure());
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::Block(const std::string& label, const json& body) {
  for (const json& st : body) co_await Statement(label, st);
}

Task<> Interpreter::Statement(const std::string& label, const json& st) {
  const json& op = st.at("op");
  json& begin = EmitBy(label, "do");
  begin["at"] = st.at("id");
  begin["op"] = op;
  Extra extra = json::object();
  current_label_ = label;
  Outcome<> outcome = co_await Capture((this->*Operations().at(op.get<std::string>()))(st, extra));
  json& end = EmitBy(label, outcome.has_value() ? "ok" : "exc");
  end["at"] = st.at("id");
  if (!outcome.has_value()) end["x"] = Shape(outcome.failure());
  end.update(extra);
  co_await Resolve(std::move(outcome));
}

// ---------------------------------------------------------------- nurseries

Task<> Interpreter::OpenNursery(const json& st, Extra& extra) {
  const std::string label = current_label_;
  const std::string name = st.at("n").get<std::string>();
  Outcome<> outcome = co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
    nurseries_.insert_or_assign(name, nursery);
    co_await Block(label, st.at("body"));
    EmitBy(label, "join")["at"] = st.at("id");
  }));
  const CancelScope scope = nurseries_.at(name).cancel_scope();
  extra["cc"] = scope.cancelled_caught();
  extra["called"] = scope.cancel_called();
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::Spawn(const json& st, Extra& extra) {
  const auto nursery = nurseries_.find(st.at("n").get<std::string>());
  if (nursery == nurseries_.end()) {
    extra["skip"] = true;
    co_return;
  }
  next_label_ = st.at("task").get<std::string>();
  nursery->second.StartSoon(&Interpreter::RunTask, this, next_label_, std::cref(st.at("body")));
}

Task<> Interpreter::Start(const json& st, Extra& extra) {
  const auto found = nurseries_.find(st.at("n").get<std::string>());
  if (found == nurseries_.end()) {
    extra["skip"] = true;
    co_return;
  }
  next_label_ = st.at("task").get<std::string>();
  const Nursery nursery = found->second;
  const int value = co_await nursery.Start<int>(&Interpreter::RunStarted, this, std::cref(st));
  extra["v"] = value;
}

Task<> Interpreter::Started(const json& st, Extra& extra) {
  const auto status = status_.find(st.at("task").get<std::string>());
  if (status == status_.end()) {
    extra["skip"] = true;
  } else {
    status->second.Started(st.at("v").get<int>());
  }
  co_return;
}

// ---------------------------------------------------------------- cancel scopes

Task<> Interpreter::Scope(const json& st, Extra& extra) {
  const std::string label = current_label_;
  CancelScope scope = scopes_.at(st.at("scope").get<std::string>());
  if (st.contains("timeout")) scope.set_deadline(Now() + SecondsFrom(st.at("timeout")));
  auto outcome = co_await Capture(WithScope(scope, [&]() -> Task<> { co_await Block(label, st.at("body")); }));
  extra["cc"] = scope.cancelled_caught();
  extra["called"] = scope.cancel_called();
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::MoveOn(const json& st, Extra& extra) {
  const std::string label = current_label_;
  const ScopeExit exit =
      co_await MoveOnAfter(SecondsFrom(st.at("dt")), [&]() -> Task<> { co_await Block(label, st.at("body")); });
  extra["cc"] = exit.cancelled_caught;
}

Task<> Interpreter::Fail(const json& st, Extra&) {
  const std::string label = current_label_;
  co_await FailAfter(SecondsFrom(st.at("dt")), [&]() -> Task<> { co_await Block(label, st.at("body")); });
}

Task<> Interpreter::Cancel(const json& st, Extra& extra) {
  const std::string name = st.at("scope").get<std::string>();
  if (const auto scope = scopes_.find(name); scope != scopes_.end()) {
    scope->second.Cancel();
  } else if (const auto nursery = nurseries_.find(name); nursery != nurseries_.end()) {
    nursery->second.cancel_scope().Cancel();
  } else {
    extra["skip"] = true;
  }
  co_return;
}

// ---------------------------------------------------------------- channels

SendChannel<int>* Interpreter::Sender(const json& st, Extra& extra) {
  const auto found = senders_.find(st.at("c").get<std::string>());
  if (found != senders_.end()) return &found->second;
  extra["skip"] = true;
  return nullptr;
}

ReceiveChannel<int>* Interpreter::Receiver(const json& st, Extra& extra) {
  const auto found = receivers_.find(st.at("c").get<std::string>());
  if (found != receivers_.end()) return &found->second;
  extra["skip"] = true;
  return nullptr;
}

Task<> Interpreter::Send(const json& st, Extra& extra) {
  if (SendChannel<int>* sender = Sender(st, extra)) co_await sender->Send(st.at("v").get<int>());
}

Task<> Interpreter::Receive(const json& st, Extra& extra) {
  ReceiveChannel<int>* receiver = Receiver(st, extra);
  if (receiver == nullptr) co_return;
  const int value = co_await receiver->Receive();
  extra["v"] = value;
}

Task<> Interpreter::SendNow(const json& st, Extra& extra) {
  if (SendChannel<int>* sender = Sender(st, extra)) sender->SendNow(st.at("v").get<int>());
  co_return;
}

Task<> Interpreter::ReceiveNow(const json& st, Extra& extra) {
  if (ReceiveChannel<int>* receiver = Receiver(st, extra)) extra["v"] = receiver->ReceiveNow();
  co_return;
}

Task<> Interpreter::Clone(const json& st, Extra& extra) {
  const std::string name = st.at("c").get<std::string>();
  const std::string clone = st.at("as").get<std::string>();
  const bool taken = senders_.count(clone) > 0 || receivers_.count(clone) > 0;
  const auto sender = senders_.find(name);
  const auto receiver = receivers_.find(name);
  if (taken || (sender == senders_.end() && receiver == receivers_.end())) {
    extra["skip"] = true;
  } else if (sender != senders_.end()) {
    senders_.emplace(clone, sender->second.Clone());
  } else {
    receivers_.emplace(clone, receiver->second.Clone());
  }
  co_return;
}

Task<> Interpreter::Close(const json& st, Extra& extra) {
  const std::string name = st.at("c").get<std::string>();
  if (const auto sender = senders_.find(name); sender != senders_.end()) {
    sender->second.Close();
  } else if (const auto receiver = receivers_.find(name); receiver != receivers_.end()) {
    receiver->second.Close();
  } else {
    extra["skip"] = true;
  }
  co_return;
}

Task<> Interpreter::CloseWithCheckpoint(const json& st, Extra& extra) {
  co_await Close(st, extra);
  if (!extra.contains("skip")) co_await Checkpoint();
}

Task<> Interpreter::Statistics(const json& st, Extra& extra) {
  const std::string name = st.at("c").get<std::string>();
  const auto sender = senders_.find(name);
  const ChannelStatistics s = sender != senders_.end() ? sender->second.Statistics() : receivers_.at(name).Statistics();
  extra["v"] = json::array({s.buffered, s.senders, s.receivers, s.waiting_to_send, s.waiting_to_receive});
  co_return;
}

// ---------------------------------------------------------------- locks and friends

Task<> Interpreter::WithLock(const json& st, Extra&) {
  const std::string label = current_label_;
  Lock& lock = locks_.at(st.at("l").get<std::size_t>());
  co_await lock.Acquire();
  Outcome<> outcome = co_await Capture(Block(label, st.at("body")));
  lock.Release();
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::WithSemaphore(const json& st, Extra&) {
  const std::string label = current_label_;
  Semaphore& semaphore = semaphores_.at(st.at("s").get<std::size_t>());
  co_await semaphore.Acquire();
  Outcome<> outcome = co_await Capture(Block(label, st.at("body")));
  semaphore.Release();
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::WithLimiter(const json& st, Extra&) {
  const std::string label = current_label_;
  CapacityLimiter& limiter = limiters_.at(st.at("s").get<std::size_t>());
  co_await limiter.Acquire();
  Outcome<> outcome = co_await Capture(Block(label, st.at("body")));
  limiter.Release();
  co_await Resolve(std::move(outcome));
}

// ---------------------------------------------------------------- try

Task<> Interpreter::Try(const json& st, Extra&) {
  const std::string label = current_label_;
  Outcome<> outcome = co_await Capture(TryBody(label, st));
  if (st.contains("fin")) co_await Block(label, st.at("fin"));
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::TryBody(const std::string& label, const json& st) {
  Outcome<> outcome = co_await Capture(Block(label, st.at("body")));
  if (outcome.has_value()) co_return;
  const Failure failure = outcome.failure();
  const json classes = st.value("on", json::array());
  bool hit = false;
  Failure rest;
  if (failure.is_group() && st.value("star", false)) {
    auto [matching, others] = failure.group().Split([&](const Failure& leaf) { return LeafMatches(leaf, classes); });
    hit = static_cast<bool>(matching);
    rest = others;
  } else if (failure.is_group()) {
    for (const json& wanted : classes) hit = hit || wanted == "ANY";
  } else {
    hit = LeafMatches(failure, classes);
  }
  if (!hit) co_await Resolve(std::move(outcome));
  json& caught = EmitBy(label, "caught");
  caught["at"] = st.at("id");
  caught["x"] = Shape(failure);
  if (st.contains("handler")) co_await Block(label, st.at("handler"));
  if (rest) co_await Resolve(Outcome<>(rest));
  if (!st.value("swallow", true)) co_await Resolve(Outcome<>(failure));
}

const std::map<std::string, Interpreter::Operation>& Interpreter::Operations() {
  using I = Interpreter;
  static const auto* operations = new std::map<std::string, Operation>{
      {"cp", &I::Cp},
      {"scp", &I::Scp},
      {"cpif", &I::Cpif},
      {"sleep", &I::Sleep},
      {"sleep_until", &I::SleepUntil},
      {"forever", &I::Forever},
      {"settle", &I::Settle},
      {"obs", &I::Obs},
      {"raise", &I::Raise},
      {"nursery", &I::OpenNursery},
      {"spawn", &I::Spawn},
      {"start", &I::Start},
      {"started", &I::Started},
      {"scope", &I::Scope},
      {"move_on_after", &I::MoveOn},
      {"fail_after", &I::Fail},
      {"cancel", &I::Cancel},
      {"shield", &I::Shield},
      {"deadline", &I::Deadline},
      {"ev_set", &I::EventSet},
      {"ev_wait", &I::EventWait},
      {"send", &I::Send},
      {"recv", &I::Receive},
      {"send_nw", &I::SendNow},
      {"recv_nw", &I::ReceiveNow},
      {"clone", &I::Clone},
      {"close", &I::Close},
      {"aclose", &I::CloseWithCheckpoint},
      {"chstat", &I::Statistics},
      {"lock", &I::WithLock},
      {"acq", &I::Acquire},
      {"rel", &I::Release},
      {"cond_wait", &I::ConditionWait},
      {"notify", &I::Notify},
      {"sem", &I::WithSemaphore},
      {"limit", &I::WithLimiter},
      {"set_limit", &I::SetLimit},
      {"try", &I::Try},
  };
  return *operations;
}

}  // namespace

json RunProgram(const json& program) { return Interpreter(program).Run(); }

}  // namespace hocket::conformance
