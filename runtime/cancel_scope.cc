#include "hocket/cancel_scope.h"

#include <utility>

#include "runtime/scheduler.h"
#include "runtime/scope_state.h"

namespace hocket {

CancelScope::CancelScope(CancelScopeOptions options) : CancelScope(new internal::ScopeState(options)) {}
CancelScope::CancelScope(internal::ScopeState* state) noexcept : state_(state) { AddRef(state_); }
CancelScope::CancelScope(const CancelScope& other) noexcept : CancelScope(other.state_) {}
CancelScope& CancelScope::operator=(const CancelScope& other) noexcept {
  AddRef(other.state_);
  Release(state_);
  state_ = other.state_;
  return *this;
}
CancelScope::~CancelScope() { Release(state_); }

void CancelScope::Cancel(std::source_location where) noexcept { Cancel(std::string(), where); }
void CancelScope::Cancel(std::string reason, std::source_location where) noexcept {
  state_->Cancel(CancelSource::kExplicit, std::move(reason), where);
}
std::optional<CancelReason> CancelScope::cancel_reason() const {
  state_->TouchRead();
  const CancelReason* reason = state_->cancellation().cancel_reason();
  return reason == nullptr ? std::nullopt : std::optional<CancelReason>(*reason);
}
bool CancelScope::cancel_called() const noexcept { return state_->NoticeCancelled(); }
bool CancelScope::cancelled_caught() const noexcept {
  state_->TouchRead();
  return state_->caught();
}
Time CancelScope::deadline() const { return state_->deadline(); }
void CancelScope::set_deadline(Time deadline) noexcept { state_->set_deadline(deadline); }
bool CancelScope::shield() const noexcept {
  state_->TouchRead();
  return state_->shield();
}
void CancelScope::set_shield(bool shield) noexcept { state_->set_shield(shield); }

void OfferCancellation(const CancelScope& scope) {
  internal::Scheduler::Current().OfferCancellation(internal::ScopeState::Of(scope));
}

ScopeGuard::ScopeGuard(const CancelScope& scope) : state_(internal::ScopeState::Of(scope)) {
  state_->Enter(internal::Scheduler::Current().current_task());
  AddRef(state_);
}

Failure ScopeGuard::Exit(Failure failure) noexcept {
  inside_ = false;
  return state_->Leave(internal::Scheduler::Current().current_task(), std::move(failure));
}

ScopeGuard::~ScopeGuard() {
  if (inside_) {
    HOCKET_CHECK(internal::Scheduler::Current().abandoning())
        << "a ScopeGuard was destroyed without Exit: capture the body's outcome and pass it to Exit";
    state_->Abandon();
  }
  Release(state_);
}

Time CurrentEffectiveDeadline() noexcept {
  return internal::Scheduler::Current().current_task()->scope->EffectiveDeadline();
}

}  // namespace hocket
