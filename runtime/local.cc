#include "hocket/local.h"

#include <atomic>
#include <utility>

#include "hocket/internal/in_task.h"
#include "runtime/hash.h"
#include "runtime/locals.h"
#include "runtime/scheduler.h"

namespace hocket {

namespace internal {

namespace {

std::shared_ptr<Locals>& LocalsOf(LocalKind kind) {
  Scheduler& scheduler = Scheduler::Current();
  return kind == LocalKind::kRun ? scheduler.run_locals() : scheduler.current_task()->extra().locals;
}

// The same to look at, without making any.
const Locals* SetLocals(LocalKind kind) {
  Scheduler& scheduler = Scheduler::Current();
  if (kind == LocalKind::kRun) return scheduler.run_locals().get();
  const TaskExtras* const extras = scheduler.current_task()->extras;
  return extras == nullptr ? nullptr : extras->locals.get();
}

}  // namespace

// The only thing that decides the key is the order in which Locals are made, and nothing depends on it.
LocalKey NewLocalKey() noexcept {
  static std::atomic<LocalKey> last{0};
  return ++last;
}

bool InTask() noexcept { return Scheduler::InRun() && Scheduler::Current().has_current_task(); }

const std::any* FindLocal(LocalKind kind, LocalKey key) {
  if (kind == LocalKind::kRun) Scheduler::Current().Touch(kRunLocalsId, AccessKind::kRead);
  const Locals* const locals = SetLocals(kind);
  if (locals == nullptr) return nullptr;
  const auto found = locals->find(key);
  return found == locals->end() ? nullptr : found->second.get();
}

std::shared_ptr<const std::any> ExchangeLocal(LocalKind kind, LocalKey key, std::shared_ptr<const std::any> value) {
  if (kind == LocalKind::kRun) Scheduler::Current().Touch(kRunLocalsId, AccessKind::kUpdate);
  std::shared_ptr<Locals>& locals = LocalsOf(kind);
  if (locals == nullptr) {
    locals = std::make_shared<Locals>();
  } else if (locals.use_count() > 1) {
    locals = std::make_shared<Locals>(*locals);
  }
  std::shared_ptr<const std::any> previous = std::exchange((*locals)[key], std::move(value));
  if ((*locals)[key] == nullptr) locals->erase(key);
  return previous;
}

}  // namespace internal

LocalValue::LocalValue(LocalValue&& other) noexcept
    : previous_(std::move(other.previous_)), key_(std::exchange(other.key_, 0)), kind_(other.kind_) {}

LocalValue::~LocalValue() {
  if (key_ == 0 || !internal::Scheduler::InRun() || internal::Scheduler::Current().abandoning()) return;
  if (kind_ == internal::LocalKind::kTask && !internal::Scheduler::Current().has_current_task()) return;
  internal::ExchangeLocal(kind_, key_, std::move(previous_));
}

}  // namespace hocket
