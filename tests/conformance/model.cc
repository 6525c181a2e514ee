// The idea: tasks are coroutines of the smallest kind. They give back how they ended as a value (nobody throws), and
// stop only in a Trap, where the loop takes over. Everything is kept in lists in the order in which it came, so that no
// choice is left but the schedule's.
//
// The source: docs/semantics.md; the S numbers below are its.
// Left out: threads, reasons of cancellations, scopes left in the wrong order, and all that the language cannot say.
// Tests: conformance_test.cc, against Trio's own traces.
#include "tests/conformance/model.h"

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hocket::conformance {

namespace {

using nlohmann::json;

// ---- Failures.

struct Error;
// How something ended: null if well.
using Exc = std::shared_ptr<const Error>;
struct Error {
  std::string name;          // of a leaf
  std::vector<Exc> members;  // of a group
  bool is_group() const { return !members.empty(); }
};

constexpr char kCancelled[] = "Cancelled";

Exc Leaf(const char* name) { return std::make_shared<const Error>(Error{name, {}}); }
Exc Leaf(const std::string& name) { return Leaf(name.c_str()); }

bool IsCancelled(const Error& leaf) { return leaf.name == kCancelled; }

// What of `exc` is left when only the leaves that `takes` are kept.
Exc Part(const Exc& exc, const std::function<bool(const Error&)>& takes) {
  if (!exc->is_group()) return takes(*exc) ? exc : nullptr;
  std::vector<Exc> members;
  for (const Exc& member : exc->members) {
    if (Exc part = Part(member, takes)) members.push_back(std::move(part));
  }
  if (members.empty()) return nullptr;
  return std::make_shared<const Error>(Error{"", std::move(members)});
}

bool HasBase(const Error& error) {
  if (!error.is_group()) return IsCancelled(error) || error.name == "B0";
  return std::any_of(error.members.begin(), error.members.end(), [](const Exc& member) { return HasBase(*member); });
}

json ShapeOf(const Exc& exc) {
  if (exc == nullptr) return nullptr;
  if (!exc->is_group()) return exc->name;
  json members = json::array();
  for (const Exc& member : exc->members) members.push_back(ShapeOf(member));
  return {{"group", HasBase(*exc) ? "B" : "E"}, {"of", std::move(members)}};
}

bool Takes(const json& classes, const Error& leaf) {
  return std::any_of(classes.begin(), classes.end(), [&](const json& wanted) {
    const auto& name = wanted.get_ref<const std::string&>();
    return name == "ANY" || name == leaf.name || (name == "RuntimeError" && leaf.name.rfind("RuntimeError.", 0) == 0);
  });
}

// ---- Coroutines.

class [[nodiscard]] Async {
 public:
  struct promise_type {
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> done) noexcept {
        return done.promise().awaiter;
      }
      void await_resume() noexcept {}
    };
    Async get_return_object() { return Async(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void return_value(Exc exc) { ended = std::move(exc); }
    void unhandled_exception() { std::terminate(); }

    Exc ended;
    std::coroutine_handle<> awaiter = std::noop_coroutine();
  };

  Async(Async&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Async& operator=(Async&&) = delete;
  ~Async() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept {
    handle_.promise().awaiter = awaiter;
    return handle_;
  }
  Exc await_resume() noexcept { return std::move(handle_.promise().ended); }

  std::coroutine_handle<> handle() const { return handle_; }
  const Exc& ended() const { return handle_.promise().ended; }

 private:
  explicit Async(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// ---- Times, lists.

using Seconds = std::int64_t;
constexpr Seconds kNever = std::numeric_limits<Seconds>::max();
constexpr Seconds kAlways = std::numeric_limits<Seconds>::min();

json InSeconds(Seconds time) {
  if (time == kNever) return "inf";
  if (time == kAlways) return "-inf";
  return time;
}

template <class T>
bool Holds(const std::vector<T>& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}
template <class T>
void Erase(std::vector<T>& list, const T& item) {
  list.erase(std::remove(list.begin(), list.end(), item), list.end());
}

// ---- Tasks and scopes.

struct Scope;
struct Nursery;
struct Lot;
struct Channel;

struct Task {
  std::string label;
  std::size_t number = 0;  // in the order in which tasks were spawned
  Nursery* nursery = nullptr;
  Scope* scope = nullptr;
  std::optional<Async> main;
  std::coroutine_handle<> at;   // where it goes on
  std::function<bool()> abort;  // of its wait, until that has been called
  Exc woken_by;                 // what its wait ends with
  int value = 0;                // what it is handed
  Lot* lot = nullptr;           // where it is parked
  std::vector<Lot*> breaks;     // when it ends
};

struct Scope {
  Seconds deadline = kNever;
  Seconds relative = kNever;  // the deadline from its entry on
  bool shield = false;
  bool called = false;
  bool caught = false;
  bool effective = false;
  bool entered = false;
  bool active = false;
  Scope* parent = nullptr;
  std::vector<Scope*> kids;
  std::vector<Task*> tasks;
};

struct Nursery {
  Task* task = nullptr;
  Scope* scope = nullptr;
  std::vector<Task*> children;
  std::vector<Exc> failures;
  bool body = true;
  bool waiting = false;
  bool closed = false;
  int pending = 0;  // starts
};

struct Status {
  Nursery* cradle = nullptr;
  Nursery* target = nullptr;
  std::optional<int> value;
};

// ---- What the primitives are made of.

struct Lot {
  std::vector<Task*> queue;
  bool broken = false;
};

struct LockModel {
  Lot lot;
  Task* owner = nullptr;
};
struct SemaphoreModel {
  Lot lot;
  std::size_t value = 0;
};
struct LimiterModel {
  Lot lot;
  std::size_t total = 0;
  std::vector<Task*> holders;
};
struct EventModel {
  bool is_set = false;
  std::vector<Task*> waiting;
};

struct End {
  Channel* channel = nullptr;
  bool sends = false;
  bool closed = false;
};
struct Waiter {
  Task* task = nullptr;
  End* end = nullptr;
  int value = 0;
};
struct Channel {
  std::size_t capacity = 0;
  std::deque<int> buffer;
  std::size_t senders = 0;
  std::size_t receivers = 0;
  std::vector<Waiter> sending;
  std::vector<Waiter> receiving;
};

Task* Popped(std::vector<Waiter>& waiters) {
  Task* const task = waiters.front().task;
  waiters.erase(waiters.begin());
  return task;
}
void Drop(std::vector<Waiter>& waiters, const Task* task) {
  std::erase_if(waiters, [task](const Waiter& waiter) { return waiter.task == task; });
}

class Model {
 public:
  explicit Model(const json& program);
  json Run();

 private:
  // ---- The schedule.
  std::size_t Decide(std::size_t n);

  // ---- The trace.
  json& Emit(const char* event);
  json& EmitBy(const std::string& task, const char* event);
  static json Labels(const std::vector<Task*>& tasks);

  // ---- The loop.
  Task* Spawn(const std::string& label, Nursery* nursery);
  void Begin(Task* task, Async main);
  void Wake(Task* task, Exc exc = nullptr);
  void Step(Task* task);
  void Exited(Task* task);
  bool Pass();
  bool OnDeadlock();
  Seconds NextDeadline() const;

  // What a task gives up its turn with.
  struct Trap {
    Model& model;
    std::function<bool()> abort;  // none: it goes on in its next turn
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> at) {
      model.current_->at = at;
      model.trapped_ = this;
    }
    Exc await_resume() { return std::move(model.current_->woken_by); }
  };
  Trap Turn() { return {*this, nullptr}; }
  Trap Wait(std::function<bool()> abort) { return {*this, std::move(abort)}; }

  // ---- Scopes.
  void Move(Task* task, Scope* scope);
  void Deliver(Task* task);
  bool CancelCalled(Scope* scope);
  static bool SeesParent(const Scope* scope) {
    return scope->parent != nullptr && !scope->shield && scope->parent->effective;
  }
  void Update(Scope* scope);
  void Register(Scope* scope);
  void CancelScope(Scope* scope);
  void SetShield(Scope* scope, bool shield);
  void SetParent(Scope* scope, Scope* parent);
  Exc Enter(Scope* scope);
  Exc Leave(Scope* scope, Exc exc);
  Scope* NewScope() { return &scopes_.emplace_back(); }

  // ---- Nurseries.
  Nursery* Open();
  Async Close(Nursery* nursery, Exc of_body);
  void AddFailure(Nursery* nursery, Exc exc);
  void Check(Nursery* nursery);
  void Started(Status& status);

  // ---- Waiting.
  Async Checkpoint();
  Async CheckpointIfCancelled();
  Async SleepUntil(Seconds time);
  Async Park(Lot* lot);
  std::vector<Task*> Unpark(Lot& lot, std::size_t count);
  static void Repark(Lot& from, Lot& to, std::size_t count);

  void Own(LockModel& lock, Task* task);
  Async AcquireLock(LockModel& lock);
  Exc ReleaseLock(LockModel& lock);
  void ServeLimiter(LimiterModel& limiter);

  Exc SendNow(End& end, int value);
  Exc ReceiveNow(End& end);
  void CloseEnd(End& end);

  // ---- Statements.
  Async RunTask(Task* task, const json& body, Status* status);
  Async RunBody(const json& body);
  Async RunStatement(const json& st);

  using Operation = Async (Model::*)(const json& st, json& result);
  static const std::map<std::string, Operation>& Operations();

  Async Cp(const json&, json&) { return Checkpoint(); }
  Async Scp(const json&, json&) { co_return co_await Turn(); }
  Async Cpif(const json&, json&) { return CheckpointIfCancelled(); }
  Async Sleep(const json& st, json&);
  Async SleepTill(const json& st, json&) { return SleepUntil(st.at("at_time").get<Seconds>()); }
  Async Forever(const json&, json&) {
    co_return co_await Wait([] { return true; });
  }
  Async Settle(const json&, json&);
  Async Obs(const json& st, json& result);
  Async Raise(const json& st, json&) { co_return Leaf(st.at("err").get_ref<const std::string&>()); }
  Async WithNursery(const json& st, json& result);
  Async SpawnChild(const json& st, json& result);
  Async StartChild(const json& st, json& result);
  Async CallStarted(const json& st, json& result);
  Async WithScope(const json& st, json& result);
  Async MoveOnAfter(const json& st, json& result);
  Async FailAfter(const json& st, json&);
  Async Cancel(const json& st, json& result);
  Async Shield(const json& st, json&);
  Async Deadline(const json& st, json&);
  Async EventSet(const json& st, json&);
  Async EventWait(const json& st, json&);
  Async Send(const json& st, json& result);
  Async Receive(const json& st, json& result);
  Async SendNowStatement(const json& st, json& result);
  Async ReceiveNowStatement(const json& st, json& result);
  Async Clone(const json& st, json& result);
  Async CloseStatement(const json& st, json& result);
  Async CloseWithCheckpoint(const json& st, json& result);
  Async Statistics(const json& st, json& result);
  Async WithLock(const json& st, json&);
  Async Acquire(const json& st, json&) { return AcquireLock(LockOf(st)); }
  Async Release(const json& st, json&) { co_return ReleaseLock(LockOf(st)); }
  Async ConditionWait(const json& st, json&);
  Async Notify(const json& st, json&);
  Async WithSemaphore(const json& st, json&);
  Async WithLimiter(const json& st, json&);
  Async SetLimit(const json& st, json&);
  Async Try(const json& st, json&);
  Async TryBody(const json& st);

  LockModel& LockOf(const json& st) { return locks_[st.at("l").get<std::size_t>()]; }
  End* EndOf(const json& st, json& result);
  void AddEnd(const std::string& name, Channel* channel, bool sends);
  void MakeScopes(const json& body);

  const json& program_;
  const bool batch_;
  const std::string kind_;
  std::uint64_t random_;
  std::vector<std::uint64_t> picks_;
  std::size_t decisions_ = 0;

  json out_ = json::array();
  Seconds now_ = 0;
  int deadlocks_ = 0;
  bool unbreakable_ = false;

  std::deque<Task> all_tasks_;
  std::deque<Scope> scopes_;
  std::deque<Nursery> nurseries_;
  std::deque<Status> statuses_;
  std::deque<Channel> channels_;
  std::deque<End> ends_;
  std::deque<EventModel> events_;
  std::deque<LockModel> locks_;
  std::deque<Lot> conditions_;
  std::deque<SemaphoreModel> semaphores_;
  std::deque<LimiterModel> limiters_;
  std::map<std::string, Scope*> scope_names_;
  std::map<std::string, Nursery*> nursery_names_;
  std::map<std::string, Status*> status_names_;
  std::map<std::string, End*> end_names_;

  std::vector<Task*> living_;
  std::vector<Task*> ready_;
  std::vector<Task*> settling_;
  std::vector<Scope*> deadlines_;
  Scope* root_ = nullptr;
  Task* main_ = nullptr;
  Exc outcome_;
  Task* current_ = nullptr;
  Trap* trapped_ = nullptr;
};

Model::Model(const json& program)
    : program_(program),
      batch_(program.value("mode", "batch") == "batch"),
      kind_(program.value("sched", json::object()).value("kind", "fifo")),
      random_(program.value("sched", json::object()).value("seed", std::uint64_t{0})),
      picks_(program.value("sched", json::object()).value("picks", std::vector<std::uint64_t>())) {
  events_.resize(program.value("ev", std::size_t{0}));
  locks_.resize(program.value("lock", std::size_t{0}));
  conditions_.resize(locks_.size());
  for (const json& initial : program.value("sem", json::array()))
    semaphores_.emplace_back().value = initial.get<std::size_t>();
  for (const json& total : program.value("lim", json::array()))
    limiters_.emplace_back().total = total.get<std::size_t>();
  for (const json& capacity : program.value("chan", json::array())) {
    const std::string name = "c" + std::to_string(channels_.size());
    Channel& channel = channels_.emplace_back();
    channel.capacity = capacity.get<int>() < 0 ? std::numeric_limits<std::size_t>::max() : capacity.get<std::size_t>();
    AddEnd(name + "s0", &channel, true);
    AddEnd(name + "r0", &channel, false);
  }
  MakeScopes(program.at("main"));
  root_ = NewScope();
}

void Model::MakeScopes(const json& body) {
  for (const json& st : body) {
    if (st.at("op") == "scope") {
      Scope* const scope = NewScope();
      scope->shield = st.value("shield", false);
      scope_names_[st.at("scope").get<std::string>()] = scope;
    }
    for (const char* inner : {"body", "handler", "fin"}) {
      if (st.contains(inner)) MakeScopes(st.at(inner));
    }
  }
}

void Model::AddEnd(const std::string& name, Channel* channel, bool sends) {
  ends_.push_back({channel, sends, false});
  end_names_[name] = &ends_.back();
  ++(sends ? channel->senders : channel->receivers);
}

// ---- The schedule and the trace.

std::size_t Model::Decide(std::size_t n) {
  if (n == 1) return 0;
  const std::size_t number = decisions_++;
  if (kind_ == "lifo") return n - 1;
  if (kind_ == "list") return number < picks_.size() ? picks_[number] % n : 0;
  if (kind_ != "seed") return 0;
  random_ += 0x9E3779B97F4A7C15u;
  std::uint64_t z = random_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return (z ^ (z >> 31)) % n;
}

json& Model::Emit(const char* event) {
  out_.push_back({{"ev", event}, {"t", now_}});
  return out_.back();
}
json& Model::EmitBy(const std::string& task, const char* event) {
  json& object = Emit(event);
  object["task"] = task;
  return object;
}
json Model::Labels(const std::vector<Task*>& tasks) {
  json labels = json::array();
  for (const Task* task : tasks) labels.push_back(task->label);
  return labels;
}

// ---- The loop.

Task* Model::Spawn(const std::string& label, Nursery* nursery) {
  Task& task = all_tasks_.emplace_back();
  task.label = label;
  task.number = all_tasks_.size();
  task.nursery = nursery;
  living_.push_back(&task);
  if (nursery != nullptr) {
    nursery->children.push_back(&task);
    Move(&task, nursery->scope);
  }
  return &task;
}

void Model::Begin(Task* task, Async main) {
  task->main.emplace(std::move(main));
  task->at = task->main->handle();
  Wake(task);
}

void Model::Wake(Task* task, Exc exc) {
  task->woken_by = std::move(exc);
  task->abort = nullptr;
  ready_.push_back(task);
}

void Model::Step(Task* task) {
  current_ = task;
  trapped_ = nullptr;
  task->at.resume();
  if (trapped_ == nullptr) {
    Exited(task);
  } else if (!trapped_->abort) {
    Wake(task);
  } else {
    task->abort = std::move(trapped_->abort);
    Deliver(task);
  }
  current_ = nullptr;
}

void Model::Exited(Task* task) {
  Move(task, nullptr);
  Erase(living_, task);
  // S64, S67: its locks break.
  for (Lot* lot : std::exchange(task->breaks, {})) {
    if (std::exchange(lot->broken, true)) continue;
    for (Task* parked : std::exchange(lot->queue, {})) Wake(parked, Leaf("Broken"));
  }
  if (task == main_) {
    outcome_ = task->main->ended();
    return;
  }
  Nursery* const nursery = task->nursery;
  Erase(nursery->children, task);
  if (task->main->ended()) AddFailure(nursery, task->main->ended());
  Check(nursery);
}

Seconds Model::NextDeadline() const {
  Seconds next = kNever;
  for (const Scope* scope : deadlines_) next = std::min(next, scope->deadline);
  return next;
}

// One pass: expire deadlines, then settle or jump if nothing can run, then run a batch (or one task). False: given up.
bool Model::Pass() {
  const bool was_idle = ready_.empty() && NextDeadline() > now_;
  const bool settles = !settling_.empty();
  // S25: all of them, before any task runs.
  std::multimap<Seconds, Scope*> due;
  for (Scope* scope : deadlines_) {
    if (scope->deadline <= now_) due.emplace(scope->deadline, scope);
  }
  for (const auto& [deadline, scope] : due) CancelScope(scope);
  if (was_idle && due.empty() && ready_.empty()) {
    if (settles) {  // S81
      for (Task* task : std::exchange(settling_, {})) Wake(task);
    } else if (NextDeadline() < kNever) {  // S80
      now_ = NextDeadline();
      Emit("jump");
    } else if (!OnDeadlock()) {
      return false;
    }
  }
  std::vector<Task*> pool = ready_;
  std::sort(pool.begin(), pool.end(), [](const Task* a, const Task* b) { return a->number < b->number; });
  if (pool.empty()) return true;
  if (!batch_) {
    Task* const task = pool[Decide(pool.size())];
    json& event = Emit("run");
    event["of"] = Labels(pool);
    event["pick"] = task->label;
    Erase(ready_, task);
    Step(task);
    return true;
  }
  ready_.clear();
  std::vector<Task*> order;
  while (!pool.empty()) {
    const auto next = pool.begin() + static_cast<std::ptrdiff_t>(Decide(pool.size()));
    order.push_back(*next);
    pool.erase(next);
  }
  Emit("batch")["run"] = Labels(order);
  for (Task* task : order) Step(task);
  return true;
}

bool Model::OnDeadlock() {
  json& event = Emit("deadlock");
  event["n"] = ++deadlocks_;
  event["tasks"] = Labels(living_);
  if (deadlocks_ == 1) {
    CancelScope(root_);
  } else if (deadlocks_ == 2) {
    const std::vector<Task*> blocked = living_;
    for (Task* task : blocked) {
      for (Scope* scope = task->scope; scope != nullptr; scope = scope->parent) SetShield(scope, false);
    }
  }
  return deadlocks_ <= 2;
}

json Model::Run() {
  main_ = Spawn("main", nullptr);
  Scope* const top = NewScope();
  top->active = true;
  Move(main_, top);
  Begin(main_, RunTask(main_, program_.at("main"), nullptr));
  while (!living_.empty() && !unbreakable_) unbreakable_ = !Pass();
  json& end = Emit("end");
  end["x"] = unbreakable_ ? json("TrioInternalError:RuntimeError('unbreakable deadlock')") : ShapeOf(outcome_);
  end["decisions"] = decisions_;
  return std::move(out_);
}

// ---- Scopes.

void Model::Move(Task* task, Scope* scope) {
  if (task->scope != nullptr) Erase(task->scope->tasks, task);
  task->scope = scope;
  if (scope == nullptr) return;
  scope->tasks.push_back(task);
  if (scope->effective) Deliver(task);
}

// S58: one attempt for each wait.
void Model::Deliver(Task* task) {
  if (!task->abort || !task->scope->effective) return;
  const std::function<bool()> abort = std::exchange(task->abort, nullptr);
  if (abort()) Wake(task, Leaf(kCancelled));
}

// S22: whoever asks notices a deadline that has passed.
bool Model::CancelCalled(Scope* scope) {
  if ((scope->active || !scope->entered) && !scope->called && now_ >= scope->deadline) CancelScope(scope);
  return scope->called;
}

// S14
void Model::Update(Scope* scope) {
  std::vector<Scope*> left = {scope};
  while (!left.empty()) {
    Scope* const next = left.back();
    left.pop_back();
    const bool effective = CancelCalled(next) || SeesParent(next);
    if (effective == next->effective) continue;
    next->effective = effective;
    if (effective) {
      const std::vector<Task*> tasks = next->tasks;
      for (Task* task : tasks) Deliver(task);
    }
    left.insert(left.end(), next->kids.begin(), next->kids.end());
  }
}

void Model::Register(Scope* scope) {
  const bool counts = scope->active && !scope->called && scope->deadline != kNever;
  if (!counts) {
    Erase(deadlines_, scope);
  } else if (!Holds(deadlines_, scope)) {
    deadlines_.push_back(scope);
  }
}

void Model::CancelScope(Scope* scope) {
  if (std::exchange(scope->called, true)) return;
  Register(scope);
  if (scope->active) Update(scope);
}

void Model::SetShield(Scope* scope, bool shield) {
  scope->shield = shield;
  if (scope->active) Update(scope);
}

void Model::SetParent(Scope* scope, Scope* parent) {
  if (scope->parent != nullptr) Erase(scope->parent->kids, scope);
  scope->parent = parent;
  if (parent == nullptr) return;
  parent->kids.push_back(scope);
  Update(scope);
}

Exc Model::Enter(Scope* scope) {
  if (std::exchange(scope->entered, true)) return Leaf("RuntimeError.scope_reuse");
  if (scope->relative != kNever) scope->deadline = now_ + scope->relative;
  if (now_ >= scope->deadline) CancelScope(scope);
  scope->active = true;
  SetParent(scope, current_->scope);
  Register(scope);
  Move(current_, scope);
  return nullptr;
}

// S16 to S19: what of `exc` goes on outside.
Exc Model::Leave(Scope* scope, Exc exc) {
  Move(current_, scope->parent);
  if (exc != nullptr && scope->effective && !SeesParent(scope)) {
    Exc rest = Part(exc, [](const Error& leaf) { return !IsCancelled(leaf); });
    if (Part(exc, IsCancelled) != nullptr) {
      scope->caught = true;
      exc = std::move(rest);
    }
  }
  SetParent(scope, nullptr);
  scope->active = false;
  Register(scope);
  return exc;
}

// ---- Nurseries.

Nursery* Model::Open() {
  Scope* const scope = NewScope();
  Enter(scope);
  Nursery& nursery = nurseries_.emplace_back();
  nursery.task = current_;
  nursery.scope = scope;
  return &nursery;
}

void Model::AddFailure(Nursery* nursery, Exc exc) {  // S40
  nursery->failures.push_back(std::move(exc));
  CancelScope(nursery->scope);
}

void Model::Check(Nursery* nursery) {  // S38
  if (nursery->body || !nursery->children.empty() || nursery->pending > 0) return;
  nursery->closed = true;
  if (std::exchange(nursery->waiting, false)) Wake(nursery->task);
}

// S39, S41, S42
Async Model::Close(Nursery* nursery, Exc of_body) {
  if (of_body != nullptr) AddFailure(nursery, of_body);
  nursery->body = false;
  Check(nursery);
  if (nursery->closed) {
    co_await Turn();
  } else {
    nursery->waiting = true;
    co_await Wait([] { return false; });
  }
  Exc failures;
  if (!nursery->failures.empty()) failures = std::make_shared<const Error>(Error{"", nursery->failures});
  co_return Leave(nursery->scope, failures);
}

// S53, S54
void Model::Started(Status& status) {
  Nursery* const cradle = status.cradle;
  Nursery* const target = status.target;
  if (cradle->scope->effective) return;
  for (Task* task : std::exchange(cradle->children, {})) {
    task->nursery = target;
    target->children.push_back(task);
  }
  const std::vector<Scope*> scopes = cradle->scope->kids;
  std::vector<Task*> tasks = cradle->scope->tasks;
  Erase(tasks, cradle->task);
  for (Scope* scope : scopes) SetParent(scope, nullptr);
  for (Task* task : tasks) Move(task, nullptr);
  for (Scope* scope : scopes) SetParent(scope, target->scope);
  for (Task* task : tasks) Move(task, target->scope);
  Check(cradle);
}

// ---- Waiting.

Async Model::Checkpoint() {  // S30, S31
  co_await Turn();
  if (!current_->scope->effective) co_return nullptr;
  Scope* const scope = NewScope();
  scope->deadline = kAlways;
  Enter(scope);
  const Exc exc = co_await Wait([] { return true; });
  co_return Leave(scope, exc);
}

Async Model::CheckpointIfCancelled() {  // S32, with the deviation
  while (current_->scope->effective) {
    const Exc exc = co_await Checkpoint();
    if (exc != nullptr) co_return exc;
  }
  co_return nullptr;
}

Async Model::SleepUntil(Seconds time) {
  Scope* const scope = NewScope();
  scope->deadline = time;
  Enter(scope);
  const Exc exc = co_await Wait([] { return true; });
  co_return Leave(scope, exc);
}

Async Model::Park(Lot* lot) {  // S63
  if (lot->broken) co_return Leaf("Broken");
  Task* const task = current_;
  lot->queue.push_back(task);
  task->lot = lot;
  co_return co_await Wait([task] {
    Erase(task->lot->queue, task);
    return true;
  });
}

std::vector<Task*> Model::Unpark(Lot& lot, std::size_t count) {
  std::vector<Task*> first;
  while (first.size() < count && !lot.queue.empty()) {
    first.push_back(lot.queue.front());
    lot.queue.erase(lot.queue.begin());
    Wake(first.back());
  }
  return first;
}

void Model::Repark(Lot& from, Lot& to, std::size_t count) {
  for (; count > 0 && !from.queue.empty(); --count) {
    to.queue.push_back(from.queue.front());
    to.queue.back()->lot = &to;
    from.queue.erase(from.queue.begin());
  }
}

void Model::Own(LockModel& lock, Task* task) {
  if (lock.owner != nullptr) Erase(lock.owner->breaks, &lock.lot);
  lock.owner = task;
  if (task != nullptr) task->breaks.push_back(&lock.lot);
}

Async Model::AcquireLock(LockModel& lock) {  // S34, S66
  Exc exc = co_await CheckpointIfCancelled();
  if (exc != nullptr) co_return exc;
  if (lock.owner == current_) co_return Leaf("RuntimeError.lock_reacquire");
  if (lock.owner == nullptr && lock.lot.queue.empty()) {
    Own(lock, current_);
    co_await Turn();
    co_return nullptr;
  }
  exc = co_await Park(&lock.lot);
  co_return exc;
}

Exc Model::ReleaseLock(LockModel& lock) {
  if (lock.owner != current_) return Leaf("RuntimeError.lock_not_owner");
  const std::vector<Task*> next = Unpark(lock.lot, 1);
  Own(lock, next.empty() ? nullptr : next.front());
  return nullptr;
}

void Model::ServeLimiter(LimiterModel& limiter) {
  if (limiter.holders.size() >= limiter.total) return;
  for (Task* task : Unpark(limiter.lot, limiter.total - limiter.holders.size())) limiter.holders.push_back(task);
}

// ---- Channels.

Exc Model::SendNow(End& end, int value) {  // S72
  Channel& channel = *end.channel;
  if (end.closed) return Leaf("Closed");
  if (channel.receivers == 0) return Leaf("Broken");
  if (!channel.receiving.empty()) {
    Task* const receiver = Popped(channel.receiving);
    receiver->value = value;
    Wake(receiver);
  } else if (channel.buffer.size() < channel.capacity) {
    channel.buffer.push_back(value);
  } else {
    return Leaf("WouldBlock");
  }
  return nullptr;
}

// S73: what it receives is the current task's value.
Exc Model::ReceiveNow(End& end) {
  Channel& channel = *end.channel;
  if (end.closed) return Leaf("Closed");
  if (!channel.sending.empty()) {
    channel.buffer.push_back(channel.sending.front().value);
    Wake(Popped(channel.sending));
  }
  if (channel.buffer.empty()) return Leaf(channel.senders == 0 ? "EndOfChannel" : "WouldBlock");
  current_->value = channel.buffer.front();
  channel.buffer.pop_front();
  return nullptr;
}

void Model::CloseEnd(End& end) {  // S76
  if (std::exchange(end.closed, true)) return;
  Channel& channel = *end.channel;
  std::vector<Waiter>& own = end.sends ? channel.sending : channel.receiving;
  std::vector<Waiter>& others = end.sends ? channel.receiving : channel.sending;
  const std::vector<Waiter> waiters = own;
  for (const Waiter& waiter : waiters) {
    if (waiter.end != &end) continue;
    Drop(own, waiter.task);
    Wake(waiter.task, Leaf("Closed"));
  }
  if (--(end.sends ? channel.senders : channel.receivers) > 0) return;
  for (const Waiter& waiter : std::exchange(others, {})) Wake(waiter.task, Leaf(end.sends ? "EndOfChannel" : "Broken"));
  if (!end.sends) channel.buffer.clear();
}

End* Model::EndOf(const json& st, json& result) {
  const auto end = end_names_.find(st.at("c").get_ref<const std::string&>());
  if (end != end_names_.end()) return end->second;
  result["skip"] = true;
  return nullptr;
}

// ---- Tasks and statements.

Async Model::RunTask(Task* task, const json& body, Status* status) {
  if (status != nullptr) status_names_[task->label] = status;
  if (task == main_) Enter(root_);
  EmitBy(task->label, "start");
  Exc exc = co_await RunBody(body);
  EmitBy(task->label, "exit")["x"] = ShapeOf(exc);
  if (task == main_) exc = Leave(root_, exc);
  co_return exc;
}

Async Model::RunBody(const json& body) {
  for (const json& st : body) {
    Exc exc = co_await RunStatement(st);
    if (exc != nullptr) co_return exc;
  }
  co_return nullptr;
}

Async Model::RunStatement(const json& st) {
  const std::string& label = current_->label;
  json& begin = EmitBy(label, "do");
  begin["at"] = st.at("id");
  begin["op"] = st.at("op");
  json result = json::object();
  const Operation operation = Operations().at(st.at("op").get<std::string>());
  const Exc exc = co_await (this->*operation)(st, result);
  json& end = EmitBy(label, exc == nullptr ? "ok" : "exc");
  end["at"] = st.at("id");
  if (exc != nullptr) end["x"] = ShapeOf(exc);
  end.update(result);
  co_return exc;
}

Async Model::Sleep(const json& st, json&) {
  const auto time = st.at("dt").get<Seconds>();
  return time == 0 ? Checkpoint() : SleepUntil(now_ + time);
}

Async Model::Settle(const json&, json&) {
  Task* const task = current_;
  settling_.push_back(task);
  co_return co_await Wait([this, task] {
    Erase(settling_, task);
    return true;
  });
}

Async Model::Obs(const json&, json& result) {  // S24
  Seconds deadline = kNever;
  for (const Scope* scope = current_->scope; scope != nullptr; scope = scope->parent) {
    deadline = std::min(deadline, scope->deadline);
    if (scope->shield) break;
  }
  result["dl"] = InSeconds(current_->scope->effective ? kAlways : deadline);
  result["living"] = living_.size();
  co_return nullptr;
}

Async Model::WithNursery(const json& st, json& result) {
  const auto& name = st.at("n").get_ref<const std::string&>();
  Nursery* const nursery = Open();
  nursery_names_[name] = nursery;
  Exc exc = co_await RunBody(st.at("body"));
  if (exc == nullptr) EmitBy(current_->label, "join")["at"] = st.at("id");
  exc = co_await Close(nursery, exc);
  Scope* const scope = nursery_names_.at(name)->scope;
  result["cc"] = scope->caught;
  result["called"] = CancelCalled(scope);
  co_return exc;
}

Async Model::SpawnChild(const json& st, json& result) {
  const auto nursery = nursery_names_.find(st.at("n").get_ref<const std::string&>());
  if (nursery == nursery_names_.end()) {
    result["skip"] = true;
    co_return nullptr;
  }
  if (nursery->second->closed) co_return Leaf("RuntimeError.nursery_closed");  // S44
  Task* const task = Spawn(st.at("task").get_ref<const std::string&>(), nursery->second);
  Begin(task, RunTask(task, st.at("body"), nullptr));
  co_return nullptr;
}

Async Model::StartChild(const json& st, json& result) {  // S49 to S56
  const auto found = nursery_names_.find(st.at("n").get_ref<const std::string&>());
  if (found == nursery_names_.end()) {
    result["skip"] = true;
    co_return nullptr;
  }
  Nursery* const target = found->second;
  if (target->closed) co_return Leaf("RuntimeError.nursery_closed");
  ++target->pending;
  Nursery* const cradle = Open();
  Status& status = statuses_.emplace_back();
  status.cradle = cradle;
  status.target = target;
  Task* const task = Spawn(st.at("task").get_ref<const std::string&>(), cradle);
  Begin(task, RunTask(task, st.at("body"), &status));
  const Exc exc = co_await Close(cradle, nullptr);
  --target->pending;
  Check(target);
  if (exc != nullptr) co_return exc->members.size() == 1 ? exc->members.front() : exc;
  if (!status.value) co_return Leaf("RuntimeError.not_started");
  result["v"] = *status.value;
  co_return nullptr;
}

Async Model::CallStarted(const json& st, json& result) {
  const auto status = status_names_.find(st.at("task").get_ref<const std::string&>());
  if (status == status_names_.end()) {
    result["skip"] = true;
    co_return nullptr;
  }
  if (status->second->value) co_return Leaf("RuntimeError.started_twice");
  status->second->value = st.at("v").get<int>();
  Started(*status->second);
  co_return nullptr;
}

Async Model::WithScope(const json& st, json& result) {
  Scope* const scope = scope_names_.at(st.at("scope").get_ref<const std::string&>());
  if (st.contains("timeout")) {
    scope->deadline = now_ + st.at("timeout").get<Seconds>();
    Register(scope);
  }
  Exc exc = Enter(scope);
  if (exc == nullptr) {
    exc = co_await RunBody(st.at("body"));
    exc = Leave(scope, exc);
  }
  result["cc"] = scope->caught;
  result["called"] = CancelCalled(scope);
  co_return exc;
}

Async Model::MoveOnAfter(const json& st, json& result) {
  Scope* const scope = NewScope();
  scope->relative = st.at("dt").get<Seconds>();
  Enter(scope);
  Exc exc = co_await RunBody(st.at("body"));
  exc = Leave(scope, exc);
  if (exc == nullptr) result["cc"] = scope->caught;
  co_return exc;
}

Async Model::FailAfter(const json& st, json&) {  // S26
  Scope* const scope = NewScope();
  scope->relative = st.at("dt").get<Seconds>();
  Enter(scope);
  Exc exc = co_await RunBody(st.at("body"));
  exc = Leave(scope, exc);
  if (exc == nullptr && scope->caught) co_return Leaf("TooSlow");
  co_return exc;
}

Async Model::Cancel(const json& st, json& result) {
  const auto& name = st.at("scope").get_ref<const std::string&>();
  if (const auto scope = scope_names_.find(name); scope != scope_names_.end()) {
    CancelScope(scope->second);
  } else if (const auto nursery = nursery_names_.find(name); nursery != nursery_names_.end()) {
    CancelScope(nursery->second->scope);
  } else {
    result["skip"] = true;
  }
  co_return nullptr;
}

Async Model::Shield(const json& st, json&) {
  SetShield(scope_names_.at(st.at("scope").get_ref<const std::string&>()), st.at("v").get<bool>());
  co_return nullptr;
}

Async Model::Deadline(const json& st, json&) {
  Scope* const scope = scope_names_.at(st.at("scope").get_ref<const std::string&>());
  scope->deadline = now_ + st.at("dt").get<Seconds>();
  Register(scope);
  co_return nullptr;
}

Async Model::EventSet(const json& st, json&) {
  EventModel& event = events_[st.at("e").get<std::size_t>()];
  event.is_set = true;
  for (Task* task : std::exchange(event.waiting, {})) Wake(task);
  co_return nullptr;
}

Async Model::EventWait(const json& st, json&) {  // S65
  EventModel& event = events_[st.at("e").get<std::size_t>()];
  if (event.is_set) {
    const Exc cancelled = co_await Checkpoint();
    co_return cancelled;
  }
  Task* const task = current_;
  event.waiting.push_back(task);
  co_return co_await Wait([&event, task] {
    Erase(event.waiting, task);
    return true;
  });
}

Async Model::Send(const json& st, json& result) {  // S75
  End* const end = EndOf(st, result);
  if (end == nullptr) co_return nullptr;
  Exc exc = co_await CheckpointIfCancelled();
  if (exc != nullptr) co_return exc;
  const int value = st.at("v").get<int>();
  exc = SendNow(*end, value);
  if (exc == nullptr) co_await Turn();
  if (exc == nullptr || exc->name != "WouldBlock") co_return exc;
  Task* const task = current_;
  end->channel->sending.push_back({task, end, value});
  co_return co_await Wait([end, task] {
    Drop(end->channel->sending, task);
    return true;
  });
}

Async Model::Receive(const json& st, json& result) {
  End* const end = EndOf(st, result);
  if (end == nullptr) co_return nullptr;
  Exc exc = co_await CheckpointIfCancelled();
  if (exc != nullptr) co_return exc;
  exc = ReceiveNow(*end);
  if (exc == nullptr) {
    co_await Turn();
  } else if (exc->name == "WouldBlock") {
    Task* const task = current_;
    end->channel->receiving.push_back({task, end, 0});
    exc = co_await Wait([end, task] {
      Drop(end->channel->receiving, task);
      return true;
    });
  }
  if (exc == nullptr) result["v"] = current_->value;
  co_return exc;
}

Async Model::SendNowStatement(const json& st, json& result) {
  End* const end = EndOf(st, result);
  co_return end == nullptr ? nullptr : SendNow(*end, st.at("v").get<int>());
}

Async Model::ReceiveNowStatement(const json& st, json& result) {
  End* const end = EndOf(st, result);
  if (end == nullptr) co_return nullptr;
  Exc exc = ReceiveNow(*end);
  if (exc == nullptr) result["v"] = current_->value;
  co_return exc;
}

Async Model::Clone(const json& st, json& result) {
  const auto& name = st.at("as").get_ref<const std::string&>();
  End* const end = EndOf(st, result);
  if (end == nullptr) co_return nullptr;
  if (end_names_.contains(name)) {
    result["skip"] = true;
    co_return nullptr;
  }
  if (end->closed) co_return Leaf("Closed");
  AddEnd(name, end->channel, end->sends);
  co_return nullptr;
}

Async Model::CloseStatement(const json& st, json& result) {
  if (End* const end = EndOf(st, result)) CloseEnd(*end);
  co_return nullptr;
}

Async Model::CloseWithCheckpoint(const json& st, json& result) {
  End* const end = EndOf(st, result);
  if (end == nullptr) co_return nullptr;
  CloseEnd(*end);
  const Exc exc = co_await Checkpoint();
  co_return exc;
}

Async Model::Statistics(const json& st, json& result) {
  const Channel& channel = *EndOf(st, result)->channel;
  result["v"] = json::array(
      {channel.buffer.size(), channel.senders, channel.receivers, channel.sending.size(), channel.receiving.size()});
  co_return nullptr;
}

Async Model::WithLock(const json& st, json&) {
  LockModel& lock = LockOf(st);
  Exc exc = co_await AcquireLock(lock);
  if (exc != nullptr) co_return exc;
  exc = co_await RunBody(st.at("body"));
  Exc of_release = ReleaseLock(lock);
  co_return of_release != nullptr ? of_release : exc;
}

Async Model::ConditionWait(const json& st, json&) {  // S68, with the deviation
  LockModel& lock = LockOf(st);
  Lot& lot = conditions_[st.at("l").get<std::size_t>()];
  if (lock.owner != current_) co_return Leaf("RuntimeError.must_hold_lock");
  ReleaseLock(lock);
  Task* const task = current_;
  lot.queue.push_back(task);
  task->lot = &lot;
  const Exc exc = co_await Wait([&lock, &lot, task] {
    Erase(task->lot->queue, task);
    if (task->lot == &lock.lot) Repark(lot, lock.lot, 1);
    return true;
  });
  if (exc == nullptr) co_return nullptr;
  Scope* const scope = NewScope();
  scope->shield = true;
  Enter(scope);
  Exc again = co_await AcquireLock(lock);
  again = Leave(scope, again);
  co_return again != nullptr ? again : exc;
}

Async Model::Notify(const json& st, json&) {
  LockModel& lock = LockOf(st);
  Lot& lot = conditions_[st.at("l").get<std::size_t>()];
  if (lock.owner != current_) co_return Leaf("RuntimeError.must_hold_lock");
  const auto count = st.at("k").get<std::size_t>();
  Repark(lot, lock.lot, count > 0 ? count : lot.queue.size());
  co_return nullptr;
}

Async Model::WithSemaphore(const json& st, json&) {  // S69
  SemaphoreModel& semaphore = semaphores_[st.at("s").get<std::size_t>()];
  Exc exc = co_await CheckpointIfCancelled();
  if (exc != nullptr) co_return exc;
  if (semaphore.value > 0) {
    --semaphore.value;
    co_await Turn();
  } else {
    exc = co_await Park(&semaphore.lot);
    if (exc != nullptr) co_return exc;
  }
  exc = co_await RunBody(st.at("body"));
  if (Unpark(semaphore.lot, 1).empty()) ++semaphore.value;
  co_return exc;
}

Async Model::WithLimiter(const json& st, json&) {  // S70
  LimiterModel& limiter = limiters_[st.at("s").get<std::size_t>()];
  Exc exc = co_await CheckpointIfCancelled();
  if (exc != nullptr) co_return exc;
  Task* const task = current_;
  if (Holds(limiter.holders, task)) co_return Leaf("RuntimeError.limiter_held");
  if (limiter.holders.size() < limiter.total && limiter.lot.queue.empty()) {
    limiter.holders.push_back(task);
    co_await Turn();
  } else {
    exc = co_await Park(&limiter.lot);
    if (exc != nullptr) co_return exc;
  }
  exc = co_await RunBody(st.at("body"));
  if (!Holds(limiter.holders, task)) co_return Leaf("RuntimeError.limiter_not_held");
  Erase(limiter.holders, task);
  ServeLimiter(limiter);
  co_return exc;
}

Async Model::SetLimit(const json& st, json&) {
  LimiterModel& limiter = limiters_[st.at("s").get<std::size_t>()];
  limiter.total = st.at("v").get<std::size_t>();
  ServeLimiter(limiter);
  co_return nullptr;
}

Async Model::Try(const json& st, json&) {
  Exc exc = co_await TryBody(st);
  if (st.contains("fin")) {
    const Exc of_fin = co_await RunBody(st.at("fin"));
    if (of_fin != nullptr) co_return of_fin;
  }
  co_return exc;
}

Async Model::TryBody(const json& st) {
  const Exc exc = co_await RunBody(st.at("body"));
  if (exc == nullptr) co_return nullptr;
  const json classes = st.value("on", json::array());
  bool caught = false;
  Exc rest;
  if (!exc->is_group()) {
    caught = Takes(classes, *exc);
  } else if (st.value("star", false)) {
    caught = Part(exc, [&](const Error& leaf) { return Takes(classes, leaf); }) != nullptr;
    rest = Part(exc, [&](const Error& leaf) { return !Takes(classes, leaf); });
  } else {
    caught = Holds(classes.get<std::vector<std::string>>(), std::string("ANY"));
  }
  if (!caught) co_return exc;
  json& event = EmitBy(current_->label, "caught");
  event["at"] = st.at("id");
  event["x"] = ShapeOf(exc);
  if (st.contains("handler")) {
    const Exc of_handler = co_await RunBody(st.at("handler"));
    if (of_handler != nullptr) co_return of_handler;
  }
  if (rest != nullptr) co_return rest;
  if (!st.value("swallow", true)) co_return exc;
  co_return nullptr;
}

const std::map<std::string, Model::Operation>& Model::Operations() {
  using M = Model;
  static const auto* operations = new std::map<std::string, Operation>{
      {"cp", &M::Cp},
      {"scp", &M::Scp},
      {"cpif", &M::Cpif},
      {"sleep", &M::Sleep},
      {"sleep_until", &M::SleepTill},
      {"forever", &M::Forever},
      {"settle", &M::Settle},
      {"obs", &M::Obs},
      {"raise", &M::Raise},
      {"nursery", &M::WithNursery},
      {"spawn", &M::SpawnChild},
      {"start", &M::StartChild},
      {"started", &M::CallStarted},
      {"scope", &M::WithScope},
      {"move_on_after", &M::MoveOnAfter},
      {"fail_after", &M::FailAfter},
      {"cancel", &M::Cancel},
      {"shield", &M::Shield},
      {"deadline", &M::Deadline},
      {"ev_set", &M::EventSet},
      {"ev_wait", &M::EventWait},
      {"send", &M::Send},
      {"recv", &M::Receive},
      {"send_nw", &M::SendNowStatement},
      {"recv_nw", &M::ReceiveNowStatement},
      {"clone", &M::Clone},
      {"close", &M::CloseStatement},
      {"aclose", &M::CloseWithCheckpoint},
      {"chstat", &M::Statistics},
      {"lock", &M::WithLock},
      {"acq", &M::Acquire},
      {"rel", &M::Release},
      {"cond_wait", &M::ConditionWait},
      {"notify", &M::Notify},
      {"sem", &M::WithSemaphore},
      {"limit", &M::WithLimiter},
      {"set_limit", &M::SetLimit},
      {"try", &M::Try},
  };
  return *operations;
}

}  // namespace

json RunModel(const json& program) { return Model(program).Run(); }

}  // namespace hocket::conformance
