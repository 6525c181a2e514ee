#include "harness/report/recording.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "harness/base_order.h"
#include "harness/describer.h"
#include "harness/execution.h"
#include "harness/strategy/replay.h"
#include "hocket/cancel_reason.h"
#include "hocket/exception_group.h"

namespace hocket::testing {

namespace {

// Groups may nest deeper than the stack is.
std::vector<FailureNode> NodesOf(const Failure& failure) {
  struct Pending {
    Failure failure;
    std::uint32_t depth;
  };
  std::vector<FailureNode> nodes;
  std::vector<Pending> pending{{failure, 0}};
  while (!pending.empty()) {
    const Pending next = std::move(pending.back());
    pending.pop_back();
    if (next.failure.is_group()) {
      const ExceptionGroup group = next.failure.group();
      nodes.push_back({FailureNode::Kind::kGroup, next.depth, group.message()});
      for (auto member = group.members().rbegin(); member != group.members().rend(); ++member)
        pending.push_back({*member, next.depth + 1});
    } else if (next.failure.is_cancelled()) {
      const CancelReason* const reason = next.failure.cancel_reason();
      nodes.push_back(
          {FailureNode::Kind::kCancelled, next.depth, reason == nullptr ? std::string() : reason->ToString()});
    } else {
      nodes.push_back({FailureNode::Kind::kError, next.depth, next.failure.ToString()});
    }
  }
  return nodes;
}

std::size_t IndexOf(Base base) {
  return static_cast<std::size_t>(std::find(kBases.begin(), kBases.end(), base) - kBases.begin());
}

// Stands between a run and its Describer, and adds what that leaves out.
class Recorder final : public Chooser, public Observer {
 public:
  Recorder(Chooser& inner, Base base) : describer_(Describer::Keeps::kAllEvents), base_(IndexOf(base)), order_(base) {
    describer_.Follow(inner);
  }

  // REQUIRES: the execution has ended.
  Recording Take() {
    Description description = describer_.Take();
    recording_.trace = std::move(description.trace);
    recording_.marked = std::move(description.views[base_].marked);
    return std::move(recording_);
  }

  void Begin(const Executor& executor) noexcept override {
    executor_ = &executor;
    order_.Begin(executor);
    describer_.Begin(executor);
  }
  void Added(AlternativeId id) noexcept override {
    order_.Added(id);
    describer_.Added(id);
    if (id >= actors_.size()) actors_.resize(id + 1, kNoActor);
    actors_[id] = ActorOf(id);
    Add(Note::Kind::kReady, actors_[id]);
  }
  void Removed(AlternativeId id, Removal why) noexcept override {
    order_.Removed(id, why);
    describer_.Removed(id, why);
    if (why == Removal::kDisabled) Add(Note::Kind::kUnready, actors_[id]);
  }
  AlternativeId Pick() noexcept override {
    const AlternativeId id = describer_.Pick();
    const AlternativeId base = order_.First();
    if (id != kStopRun && id != base) Add(Note::Kind::kBase, actors_[base]);
    return id;
  }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    return describer_.Draw(n, label, kind);
  }
  void Touched(const Access& access) noexcept override { describer_.Touched(access); }
  bool WantsAccesses() const noexcept override { return describer_.WantsAccesses(); }
  void End() noexcept override {
    describer_.End();
    ended_ = true;
  }

  void OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept override {
    describer_.OnSpawn(task, spawned);
    ++events_;
  }
  void OnReady(std::uint32_t task) noexcept override {
    if (stepping_ != task) Add(Note::Kind::kWake, task);
    if (ended_) Add(Note::Kind::kReady, task);
  }
  void OnStep(std::uint32_t task) noexcept override {
    // A run whose chooser has come to its end goes on with a fair one that nobody asks about.
    if (ended_ && !std::exchange(suffix_noted_, true)) Add(Note::Kind::kSuffix, kNoActor);
    stepping_ = task;
    describer_.OnStep(task);
    ++events_;
  }
  void OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
              const std::source_location& body) noexcept override {
    stepping_ = kNoActor;
    describer_.OnPark(task, operation, where, body);
    ++events_;
  }
  void OnCancel(std::uint32_t task) noexcept override {
    describer_.OnCancel(task);
    ++events_;
  }
  void OnExit(std::uint32_t task, const Failure& failure) noexcept override {
    describer_.OnExit(task, failure);
    ++events_;
    AddFailure(failure);
  }
  void OnCancelFromOutside(const std::string& path) noexcept override {
    stepping_ = kNoActor;
    describer_.OnCancelFromOutside(path);
    ++events_;
  }
  void OnJump(Time now) noexcept override {
    stepping_ = kNoActor;
    describer_.OnJump(now);
    ++events_;
  }
  void OnDraw(const char* label, std::uint32_t value) noexcept override {
    describer_.OnDraw(label, value);
    ++events_;
  }

  void OnJoin(std::uint32_t task, ObjectId nursery) noexcept override {
    if (const auto index = IndexOfScope(nursery)) Add(Note::Kind::kJoin, task, *index);
  }
  void OnEnterScope(std::uint32_t task, const ScopeInfo& scope) noexcept override {
    const auto index = static_cast<std::uint32_t>(recording_.scopes.size());
    recording_.scopes.push_back({scope, task});
    scope_indices_[scope.id] = index;
    Add(Note::Kind::kEnterScope, task, index);
  }
  void OnLeaveScope(std::uint32_t task, ObjectId scope, const Failure& failure, bool caught) noexcept override {
    const auto index = IndexOfScope(scope);
    if (!index) return;
    Add(Note::Kind::kLeaveScope, task, *index).text = caught ? "caught" : "";
    AddFailure(failure);
  }
  void OnCancelScope(ObjectId scope, const CancelReason& reason) noexcept override {
    if (const auto index = IndexOfScope(scope))
      Add(Note::Kind::kCancelScope, kNoActor, *index).text = reason.ToString();
  }
  void OnSetScope(const ScopeInfo& scope) noexcept override {
    if (const auto index = IndexOfScope(scope.id)) Add(Note::Kind::kSetScope, kNoActor, *index).scope = scope;
  }
  // A channel without an identity may be any: its values are left out.
  void OnSend(std::uint32_t task, ObjectId channel) noexcept override {
    if (channel == 0) return;
    in_channels_[channel].push_back(values_);
    Add(Note::Kind::kSend, task, values_++);
  }
  void OnReceive(std::uint32_t task, ObjectId channel) noexcept override {
    std::deque<std::uint32_t>& values = in_channels_[channel];
    if (values.empty()) return;
    Add(Note::Kind::kReceive, task, values.front());
    values.pop_front();
  }

 private:
  Note& Add(Note::Kind kind, Actor actor, std::uint32_t index = 0) {
    Note& note = recording_.notes.emplace_back();
    note.kind = kind;
    note.before = events_;
    note.actor = actor;
    note.index = index;
    return note;
  }

  void AddFailure(const Failure& failure) {
    if (!failure) return;
    Add(Note::Kind::kFailure, kNoActor, static_cast<std::uint32_t>(recording_.failures.size()));
    recording_.failures.push_back(NodesOf(failure));
  }

  std::optional<std::uint32_t> IndexOfScope(ObjectId id) const {
    const auto found = scope_indices_.find(id);
    return found == scope_indices_.end() ? std::nullopt : std::optional(found->second);
  }

  Actor ActorOf(AlternativeId id) {
    const AlternativeInfo info = executor_->Describe(id);
    if (info.kind == AlternativeKind::kTask) return info.spawn_number;
    if (info.kind == AlternativeKind::kClock) return kClockActor;
    std::vector<std::string>& paths = recording_.cancellations;
    const std::string path = executor_->Path(id);
    const auto found = std::find(paths.begin(), paths.end(), path);
    const Actor actor = kFirstCancelActor + static_cast<Actor>(found - paths.begin());
    if (found == paths.end()) paths.push_back(path);
    return actor;
  }

  Describer describer_;
  const std::size_t base_;
  BaseOrder order_;
  const Executor* executor_ = nullptr;
  bool ended_ = false;  // the chooser has been told that its run has ended
  bool suffix_noted_ = false;
  std::size_t events_ = 0;     // in the describer's trace
  Actor stepping_ = kNoActor;  // the task whose step is under way
  std::vector<Actor> actors_;  // by alternative
  absl::flat_hash_map<ObjectId, std::uint32_t> scope_indices_;
  absl::flat_hash_map<ObjectId, std::deque<std::uint32_t>> in_channels_;  // what is in them, oldest first
  std::uint32_t values_ = 0;
  Recording recording_;
};

}  // namespace

Recording RecordSchedule(const Body& body, const Schedule& schedule, const ExploreOptions& given) {
  ExploreOptions options = given;
  options.isolate = false;  // or the recorder would listen in another process
  Execution execution(body, options);
  Replay replay(schedule);
  replay.StartExecution(0);
  Recorder recorder(replay, schedule.base);
  execution.Run(recorder, &recorder);
  return recorder.Take();
}

}  // namespace hocket::testing
