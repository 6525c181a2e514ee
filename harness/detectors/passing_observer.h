// An observer that passes everything on to another one: detectors sit between a run and who wants to watch it.
#ifndef HOCKET_HARNESS_DETECTORS_PASSING_OBSERVER_H_
#define HOCKET_HARNESS_DETECTORS_PASSING_OBSERVER_H_

#include <cstdint>
#include <source_location>
#include <string>

#include "hocket/observer.h"

namespace hocket::testing {

class PassingObserver : public Observer {
 public:
  // To whom from now on; none: nobody.
  void PassOnTo(Observer* inner) noexcept { inner_ = inner; }

  void OnBegin() noexcept override {
    if (inner_ != nullptr) inner_->OnBegin();
  }
  void OnEnd() noexcept override {
    if (inner_ != nullptr) inner_->OnEnd();
  }
  void OnReady(std::uint32_t task) noexcept override {
    if (inner_ != nullptr) inner_->OnReady(task);
  }
  void OnIdle(Time until) noexcept override {
    if (inner_ != nullptr) inner_->OnIdle(until);
  }
  void OnWoken() noexcept override {
    if (inner_ != nullptr) inner_->OnWoken();
  }
  void OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept override {
    if (inner_ != nullptr) inner_->OnSpawn(task, spawned);
  }
  void OnStep(std::uint32_t task) noexcept override {
    if (inner_ != nullptr) inner_->OnStep(task);
  }
  bool WatchesCancellations() const noexcept override { return inner_ != nullptr && inner_->WatchesCancellations(); }
  void OnCancelledStep(std::uint32_t task, ObjectId scope, bool shielded) noexcept override {
    if (inner_ != nullptr) inner_->OnCancelledStep(task, scope, shielded);
  }
  void OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
              const std::source_location& body) noexcept override {
    if (inner_ != nullptr) inner_->OnPark(task, operation, where, body);
  }
  void OnCancel(std::uint32_t task) noexcept override {
    if (inner_ != nullptr) inner_->OnCancel(task);
  }
  void OnExit(std::uint32_t task, const Failure& failure) noexcept override {
    if (inner_ != nullptr) inner_->OnExit(task, failure);
  }
  void OnJoin(std::uint32_t task, ObjectId nursery) noexcept override {
    if (inner_ != nullptr) inner_->OnJoin(task, nursery);
  }
  void OnEnterScope(std::uint32_t task, const ScopeInfo& scope) noexcept override {
    if (inner_ != nullptr) inner_->OnEnterScope(task, scope);
  }
  void OnLeaveScope(std::uint32_t task, ObjectId scope, const Failure& failure, bool caught) noexcept override {
    if (inner_ != nullptr) inner_->OnLeaveScope(task, scope, failure, caught);
  }
  void OnCancelScope(ObjectId scope, const CancelReason& reason) noexcept override {
    if (inner_ != nullptr) inner_->OnCancelScope(scope, reason);
  }
  void OnSetScope(const ScopeInfo& scope) noexcept override {
    if (inner_ != nullptr) inner_->OnSetScope(scope);
  }
  void OnSend(std::uint32_t task, ObjectId channel) noexcept override {
    if (inner_ != nullptr) inner_->OnSend(task, channel);
  }
  void OnReceive(std::uint32_t task, ObjectId channel) noexcept override {
    if (inner_ != nullptr) inner_->OnReceive(task, channel);
  }
  void OnCancelFromOutside(const std::string& path) noexcept override {
    if (inner_ != nullptr) inner_->OnCancelFromOutside(path);
  }
  void OnJump(Time now) noexcept override {
    if (inner_ != nullptr) inner_->OnJump(now);
  }
  void OnDraw(const char* label, std::uint32_t value) noexcept override {
    if (inner_ != nullptr) inner_->OnDraw(label, value);
  }

 private:
  Observer* inner_ = nullptr;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DETECTORS_PASSING_OBSERVER_H_
