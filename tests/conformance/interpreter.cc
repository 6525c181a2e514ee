#include "tests/conformance/interpreter.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hocket/hocket.h"
#include "tests/conformance/failure_shape.h"
#include "tests/conformance/language.h"
#include "tests/conformance/policy.h"
#include "tests/conformance/unshield.h"

namespace hocket::conformance {

namespace {

using nlohmann::json;

constexpr Duration kSecond = std::chrono::seconds(1);

json InSeconds(Time time) {
  if (time == kForever) return "inf";
  if (time == Time::min()) return "-inf";
  return time.time_since_epoch() / kSecond;
}

// A statement that a task is executing.
struct Statement {
  const std::string& task;  // who executes it
  const json& fields;
  json result = json::object();  // what the event of its end says beside the failure

  const json& body() const { return fields.at("body"); }
  const std::string& Name(const char* field) const { return fields.at(field).get_ref<const std::string&>(); }
  bool Bool(const char* field) const { return fields.at(field).get<bool>(); }
  int Number(const char* field) const { return fields.at(field).get<int>(); }
  std::size_t Index(const char* field) const { return fields.at(field).get<std::size_t>(); }
  Duration Seconds(const char* field) const { return Number(field) * kSecond; }

  // What it is about does not exist yet.
  void Skip() { result["skip"] = true; }
};

class Interpreter final : public Observer, public DeadlockHandler {
 public:
  // REQUIRES: `program` is well-formed, and outlives this.
  explicit Interpreter(const json& program);

  json Run(std::uint64_t max_steps);

  void OnSpawn(std::uint32_t, const SpawnedTask&) noexcept override {
    labels_.push_back(next_label_);
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
  using Operation = Task<> (Interpreter::*)(Statement& st);
  static const std::map<std::string, Operation>& Operations();

  void MakeScopes(const json& body);

  json& Emit(const char* event);
  json& EmitBy(const std::string& task, const char* event);
  void EmitChoice(const Policy::Choice& choice);
  json Labels(const std::vector<std::uint32_t>& tasks) const;

  Task<> RunTask(const std::string& task, const json& body);
  Task<> RunStarted(const std::string& task, const json& body, TaskStatus<int> status);
  Task<> RunBody(const std::string& task, const json& body);
  Task<> RunStatement(const std::string& task, const json& fields);

  Task<> Cp(Statement&) { co_await Checkpoint(); }
  Task<> Scp(Statement&) { co_await ShieldedCheckpoint(); }
  Task<> Cpif(Statement&) { co_await CheckpointIfCancelled(); }
  Task<> Sleep(Statement& st) { co_await hocket::Sleep(st.Seconds("dt")); }
  Task<> SleepUntil(Statement& st) { co_await hocket::SleepUntil(Time() + st.Seconds("at_time")); }
  Task<> Forever(Statement&) { co_await SleepForever(); }
  Task<> Settle(Statement&) { co_await hocket::Settle(); }
  Task<> Obs(Statement& st);
  Task<> Raise(Statement& st);

  Task<> OpenNursery(Statement& st);
  Task<> Spawn(Statement& st);
  Task<> Start(Statement& st);
  Task<> Started(Statement& st);

  Task<> Scope(Statement& st);
  Task<> MoveOn(Statement& st);
  Task<> Fail(Statement& st);
  Task<> Cancel(Statement& st);
  Task<> Shield(Statement& st);
  Task<> Deadline(Statement& st);

  Task<> EventSet(Statement& st);
  Task<> EventWait(Statement& st) { co_await events_.at(st.Index("e")).Wait(); }

  Task<> Send(Statement& st);
  Task<> Receive(Statement& st);
  Task<> SendNow(Statement& st);
  Task<> ReceiveNow(Statement& st);
  Task<> Clone(Statement& st);
  Task<> Close(Statement& st);
  Task<> CloseWithCheckpoint(Statement& st);
  Task<> Statistics(Statement& st);
  // The end that the statement names; null, and the statement is skipped, if it does not exist yet.
  SendChannel<int>* Sender(Statement& st);
  ReceiveChannel<int>* Receiver(Statement& st);

  Task<> WithLock(Statement& st) { return Hold(locks_.at(st.Index("l")), st); }
  Task<> Acquire(Statement& st) { co_await locks_.at(st.Index("l")).Acquire(); }
  Task<> Release(Statement& st);
  Task<> ConditionWait(Statement& st) { co_await conditions_.at(st.Index("l")).Wait(); }
  Task<> Notify(Statement& st);
  Task<> WithSemaphore(Statement& st) { return Hold(semaphores_.at(st.Index("s")), st); }
  Task<> WithLimiter(Statement& st) { return Hold(limiters_.at(st.Index("s")), st); }
  Task<> SetLimit(Statement& st);
  // The body between Acquire and Release.
  template <class Resource>
  Task<> Hold(Resource& resource, Statement& st);

  Task<> Try(Statement& st);
  Task<> TryBody(Statement& st);

  const json& program_;
  const std::string main_ = "main";  // the label of the main task
  bool batch_;
  Policy policy_;

  json out_ = json::array();
  Time now_;
  std::string next_label_ = main_;   // of the task that is spawned next
  std::vector<std::string> labels_;  // by spawn number
  std::set<std::uint32_t> ended_;
  std::int64_t living_ = 0;
  int deadlocks_ = 0;

  CancelScope root_;  // around everything
  std::map<std::string, CancelScope> scopes_;
  std::map<std::string, Nursery> nurseries_;
  std::map<std::string, TaskStatus<int>> status_;
  std::deque<Event> events_;
  std::deque<Lock> locks_;
  std::deque<Condition> conditions_;  // one for each lock
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
  for (int i = program.value("ev", 0); i > 0; --i) events_.emplace_back();
  for (int i = program.value("lock", 0); i > 0; --i) locks_.emplace_back();
  for (Lock& lock : locks_) conditions_.emplace_back(lock);
  for (const json& initial : program.value("sem", json::array())) semaphores_.emplace_back(initial.get<std::size_t>());
  for (const json& total : program.value("lim", json::array())) limiters_.emplace_back(total.get<std::size_t>());
  int number = 0;
  for (const json& capacity : program.value("chan", json::array())) {
    const int places = capacity.get<int>();
    auto [sender, receiver] = OpenChannel<int>(places < 0 ? kUnbounded : static_cast<std::size_t>(places));
    const std::string name = "c" + std::to_string(number++);
    senders_.emplace(name + "s0", std::move(sender));
    receivers_.emplace(name + "r0", std::move(receiver));
  }
  MakeScopes(program.at("main"));
}

// Scopes can be cancelled and changed before they are entered, so all of them are there from the beginning.
void Interpreter::MakeScopes(const json& body) {
  for (const json& st : body) {
    if (st.at("op") == "scope") {
      scopes_.insert_or_assign(st.at("scope").get<std::string>(), CancelScope({.shield = st.value("shield", false)}));
    }
    for (const char* inner : {"body", "handler", "fin"}) {
      if (st.contains(inner)) MakeScopes(st.at(inner));
    }
  }
}

json Interpreter::Run(std::uint64_t max_steps) {
  const auto main = [this]() -> Task<> {
    co_await WithScope(root_, [this]() -> Task<> { return RunTask(main_, program_.at("main")); });
  };
  const RunOutcome outcome = hocket::Run(main, {.clock = ClockKind::kVirtual,
                                                .pass = batch_ ? PassLength::kBatch : PassLength::kStep,
                                                .max_steps = max_steps,
                                                .chooser = &policy_,
                                                .deadlock_handler = this,
                                                .observer = this});
  if (outcome.kind == RunOutcome::Kind::kStepLimit) {
    throw std::runtime_error("the program has not ended after " + std::to_string(max_steps) + " steps");
  }
  json& end = Emit("end");
  end["x"] = Shape(outcome.failure);
  // What Trio says of the oracle's last word.
  if (outcome.kind == RunOutcome::Kind::kDeadlock) end["x"] = "TrioInternalError:RuntimeError('unbreakable deadlock')";
  end["decisions"] = policy_.decisions();
  return std::move(out_);
}

// ---- The trace.

json& Interpreter::Emit(const char* event) {
  out_.push_back({{"ev", event}, {"t", InSeconds(now_)}});
  return out_.back();
}

json& Interpreter::EmitBy(const std::string& task, const char* event) {
  json& object = Emit(event);
  object["task"] = task;
  return object;
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
  json labels = json::array();
  for (const std::uint32_t task : tasks) labels.push_back(labels_.at(task));
  return labels;
}

bool Interpreter::OnDeadlock() {
  std::vector<std::uint32_t> blocked;
  for (std::uint32_t task = 0; task < labels_.size(); ++task) {
    if (!ended_.contains(task)) blocked.push_back(task);
  }
  json& event = Emit("deadlock");
  event["n"] = ++deadlocks_;
  event["tasks"] = Labels(blocked);
  switch (deadlocks_) {
    case 1:
      root_.Cancel();
      return true;
    case 2:
      UnshieldEverything();
      return true;
    default:
      return false;
  }
}

// ---- Tasks and statements.

Task<> Interpreter::RunTask(const std::string& task, const json& body) {
  EmitBy(task, "start");
  Outcome<> outcome = co_await Capture(RunBody(task, body));
  EmitBy(task, "exit")["x"] = Shape(outcome.failure());
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::RunStarted(const std::string& task, const json& body, TaskStatus<int> status) {
  status_.insert_or_assign(task, std::move(status));
  co_await RunTask(task, body);
}

Task<> Interpreter::RunBody(const std::string& task, const json& body) {
  for (const json& fields : body) co_await RunStatement(task, fields);
}

Task<> Interpreter::RunStatement(const std::string& task, const json& fields) {
  json& begin = EmitBy(task, "do");
  begin["at"] = fields.at("id");
  begin["op"] = fields.at("op");
  Statement st{task, fields};
  const Operation operation = Operations().at(st.Name("op"));
  Outcome<> outcome = co_await Capture((this->*operation)(st));
  json& end = EmitBy(task, outcome.has_value() ? "ok" : "exc");
  end["at"] = fields.at("id");
  if (!outcome.has_value()) end["x"] = Shape(outcome.failure());
  end.update(st.result);
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::Obs(Statement& st) {
  st.result["dl"] = InSeconds(CurrentEffectiveDeadline());
  st.result["living"] = living_;
  co_return;
}

Task<> Interpreter::Raise(Statement& st) {
  throw ProgramError{st.Name("err")};
  co_return;
}

// ---- Nurseries.

Task<> Interpreter::OpenNursery(Statement& st) {
  const std::string& name = st.Name("n");
  Outcome<> outcome = co_await Capture(WithNursery([&](Nursery& nursery) -> Task<> {
    nurseries_.insert_or_assign(name, nursery);
    co_await RunBody(st.task, st.body());
    EmitBy(st.task, "join")["at"] = st.fields.at("id");
  }));
  const CancelScope scope = nurseries_.at(name).cancel_scope();
  st.result["cc"] = scope.cancelled_caught();
  st.result["called"] = scope.cancel_called();
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::Spawn(Statement& st) {
  const auto nursery = nurseries_.find(st.Name("n"));
  if (nursery == nurseries_.end()) {
    st.Skip();
    co_return;
  }
  next_label_ = st.Name("task");
  nursery->second.StartSoon(&Interpreter::RunTask, this, std::cref(st.Name("task")), std::cref(st.body()));
}

Task<> Interpreter::Start(Statement& st) {
  const auto found = nurseries_.find(st.Name("n"));
  if (found == nurseries_.end()) {
    st.Skip();
    co_return;
  }
  // The entry may come to mean another nursery while this waits.
  const Nursery nursery = found->second;
  next_label_ = st.Name("task");
  const int value =
      co_await nursery.Start<int>(&Interpreter::RunStarted, this, std::cref(st.Name("task")), std::cref(st.body()));
  st.result["v"] = value;
}

Task<> Interpreter::Started(Statement& st) {
  if (const auto status = status_.find(st.Name("task")); status != status_.end()) {
    status->second.Started(st.Number("v"));
  } else {
    st.Skip();
  }
  co_return;
}

// ---- Cancel scopes.

Task<> Interpreter::Scope(Statement& st) {
  CancelScope scope = scopes_.at(st.Name("scope"));
  if (st.fields.contains("timeout")) scope.set_deadline(Now() + st.Seconds("timeout"));
  auto outcome = co_await Capture(WithScope(scope, [&]() -> Task<> { return RunBody(st.task, st.body()); }));
  st.result["cc"] = scope.cancelled_caught();
  st.result["called"] = scope.cancel_called();
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::MoveOn(Statement& st) {
  const ScopeExit exit =
      co_await MoveOnAfter(st.Seconds("dt"), [&]() -> Task<> { return RunBody(st.task, st.body()); });
  st.result["cc"] = exit.cancelled_caught;
}

Task<> Interpreter::Fail(Statement& st) {
  co_await FailAfter(st.Seconds("dt"), [&]() -> Task<> { return RunBody(st.task, st.body()); });
}

Task<> Interpreter::Cancel(Statement& st) {
  const std::string& name = st.Name("scope");
  if (const auto scope = scopes_.find(name); scope != scopes_.end()) {
    scope->second.Cancel();
  } else if (const auto nursery = nurseries_.find(name); nursery != nurseries_.end()) {
    nursery->second.cancel_scope().Cancel();
  } else {
    st.Skip();
  }
  co_return;
}

Task<> Interpreter::Shield(Statement& st) {
  scopes_.at(st.Name("scope")).set_shield(st.Bool("v"));
  co_return;
}

Task<> Interpreter::Deadline(Statement& st) {
  scopes_.at(st.Name("scope")).set_deadline(Now() + st.Seconds("dt"));
  co_return;
}

// ---- Events and channels.

Task<> Interpreter::EventSet(Statement& st) {
  events_.at(st.Index("e")).Set();
  co_return;
}

SendChannel<int>* Interpreter::Sender(Statement& st) {
  if (const auto end = senders_.find(st.Name("c")); end != senders_.end()) return &end->second;
  st.Skip();
  return nullptr;
}

ReceiveChannel<int>* Interpreter::Receiver(Statement& st) {
  if (const auto end = receivers_.find(st.Name("c")); end != receivers_.end()) return &end->second;
  st.Skip();
  return nullptr;
}

Task<> Interpreter::Send(Statement& st) {
  if (SendChannel<int>* sender = Sender(st)) co_await sender->Send(st.Number("v"));
}

Task<> Interpreter::Receive(Statement& st) {
  ReceiveChannel<int>* receiver = Receiver(st);
  if (receiver == nullptr) co_return;
  const int value = co_await receiver->Receive();
  st.result["v"] = value;
}

Task<> Interpreter::SendNow(Statement& st) {
  if (SendChannel<int>* sender = Sender(st)) sender->SendNow(st.Number("v"));
  co_return;
}

Task<> Interpreter::ReceiveNow(Statement& st) {
  if (ReceiveChannel<int>* receiver = Receiver(st)) st.result["v"] = receiver->ReceiveNow();
  co_return;
}

Task<> Interpreter::Clone(Statement& st) {
  const std::string& name = st.Name("c");
  const std::string& clone = st.Name("as");
  const auto sender = senders_.find(name);
  const auto receiver = receivers_.find(name);
  if (senders_.contains(clone) || receivers_.contains(clone)) {
    st.Skip();
  } else if (sender != senders_.end()) {
    senders_.emplace(clone, sender->second.Clone());
  } else if (receiver != receivers_.end()) {
    receivers_.emplace(clone, receiver->second.Clone());
  } else {
    st.Skip();
  }
  co_return;
}

Task<> Interpreter::Close(Statement& st) {
  const std::string& name = st.Name("c");
  if (const auto sender = senders_.find(name); sender != senders_.end()) {
    sender->second.Close();
  } else if (const auto receiver = receivers_.find(name); receiver != receivers_.end()) {
    receiver->second.Close();
  } else {
    st.Skip();
  }
  co_return;
}

Task<> Interpreter::CloseWithCheckpoint(Statement& st) {
  co_await Close(st);
  if (!st.result.contains("skip")) co_await Checkpoint();
}

Task<> Interpreter::Statistics(Statement& st) {
  const std::string& name = st.Name("c");
  const auto sender = senders_.find(name);
  const ChannelStatistics s = sender != senders_.end() ? sender->second.Statistics() : receivers_.at(name).Statistics();
  st.result["v"] = json::array({s.buffered, s.senders, s.receivers, s.waiting_to_send, s.waiting_to_receive});
  co_return;
}

// ---- Locks and their kin.

template <class Resource>
Task<> Interpreter::Hold(Resource& resource, Statement& st) {
  co_await resource.Acquire();
  Outcome<> outcome = co_await Capture(RunBody(st.task, st.body()));
  resource.Release();
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::Release(Statement& st) {
  locks_.at(st.Index("l")).Release();
  co_return;
}

Task<> Interpreter::Notify(Statement& st) {
  Condition& condition = conditions_.at(st.Index("l"));
  if (const std::size_t count = st.Index("k"); count > 0) {
    condition.Notify(count);
  } else {
    condition.NotifyAll();
  }
  co_return;
}

Task<> Interpreter::SetLimit(Statement& st) {
  limiters_.at(st.Index("s")).set_total(st.Index("v"));
  co_return;
}

// ---- Errors.

Task<> Interpreter::Try(Statement& st) {
  Outcome<> outcome = co_await Capture(TryBody(st));
  if (st.fields.contains("fin")) co_await RunBody(st.task, st.fields.at("fin"));
  co_await Resolve(std::move(outcome));
}

Task<> Interpreter::TryBody(Statement& st) {
  Outcome<> outcome = co_await Capture(RunBody(st.task, st.body()));
  if (outcome.has_value()) co_return;
  const Failure failure = outcome.failure();
  const json classes = st.fields.value("on", json::array());

  bool caught = false;
  Failure rest;  // what is thrown after the handler in any case
  if (!failure.is_group()) {
    caught = Catches(classes, failure);
  } else if (st.fields.value("star", false)) {
    const ExceptionGroup group = failure.group();
    auto [matching, others] = group.Split([&](const Failure& leaf) { return Catches(classes, leaf); });
    caught = static_cast<bool>(matching);
    rest = std::move(others);
  } else {
    // None of the classes is that of a group.
    caught = std::find(classes.begin(), classes.end(), "ANY") != classes.end();
  }
  if (!caught) co_await Resolve(std::move(outcome));

  json& event = EmitBy(st.task, "caught");
  event["at"] = st.fields.at("id");
  event["x"] = Shape(failure);
  if (st.fields.contains("handler")) co_await RunBody(st.task, st.fields.at("handler"));
  if (rest) co_await Resolve(Outcome<>(rest));
  if (!st.fields.value("swallow", true)) co_await Resolve(Outcome<>(failure));
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

json RunProgram(const json& program, std::uint64_t max_steps) {
  CheckProgram(program);
  return Interpreter(program).Run(max_steps);
}

}  // namespace hocket::conformance
