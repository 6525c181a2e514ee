// Several callers wait for one result that must not be cancelled with them, each with a callback at the shared result.
// A caller that is cancelled leaves its callback there; with a slow result and impatient callers they pile up. The fix:
// who goes takes its callback along.
//
// After bpo-35125 and cpython gh-155854 (asyncio.shield).
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class SharedResult {
 public:
  explicit SharedResult(bool fixed) : fixed_(fixed) {}

  Task<> Await() {
    if (done_) co_return;
    const auto callback = std::make_shared<Event>();
    callbacks_.push_back(callback);
    const Remove remove(*this, callback);
    co_await callback->Wait();
  }

  void Complete() {
    done_ = true;
    for (const std::shared_ptr<Event>& callback : callbacks_) callback->Set();
    callbacks_.clear();
  }

  std::size_t callbacks() const { return callbacks_.size(); }

 private:
  class Remove {
   public:
    Remove(SharedResult& result, std::shared_ptr<Event> callback) : result_(result), callback_(std::move(callback)) {}
    Remove(const Remove&) = delete;
    Remove& operator=(const Remove&) = delete;
    ~Remove() {
      if (result_.fixed_) std::erase(result_.callbacks_, callback_);
    }

   private:
    SharedResult& result_;
    const std::shared_ptr<Event> callback_;
  };

  const bool fixed_;
  bool done_ = false;
  std::vector<std::shared_ptr<Event>> callbacks_;
};

Task<> Body(Setting& setting) {
  SharedResult result(setting.fixed());
  CancelScope scope;
  int impatient = 0;
  int got_it = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 3; ++step) co_await Checkpoint();
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("callers"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await WithNursery([&](Nursery& callers) -> Task<> {
          for (int caller = 0; caller < 2; ++caller) {
            callers.StartSoon(TaskName("caller"), [&]() -> Task<> {
              co_await setting.Pad();
              co_await result.Await();
              ++got_it;
            });
          }
          co_return;
        });
      });
      impatient = 2 - got_it;
      Require(result.callbacks() == 0, "there are callbacks of callers that have gone");
    });
    nursery.StartSoon(TaskName("worker"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint();
      result.Complete();
    });
    co_return;
  });
  setting.Observe("impatient " + std::to_string(impatient));
}

}  // namespace

Program ShieldLeaksCallbacks() {
  return {.name = "shield_leaks_callbacks",
          .essence = "a caller that is cancelled leaves its callback at the shared result",
          .source = "bpo-35125, cpython gh-155854",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
