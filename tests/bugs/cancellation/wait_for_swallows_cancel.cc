// A request to stop is delivered once, to the wait under way, as asyncio delivers a cancellation. A wait for an item
// that wakes up for both, an item and the request, takes the request as dealt with and returns the item; the loop
// around it then waits for ever for a next item. It takes both between two steps of the worker. The fix: leave the
// request pending for the next wait.
//
// After cpython#86296 (bpo-42130, wait_for suppresses cancellation).
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class Worker {
 public:
  explicit Worker(bool fixed) : fixed_(fixed) {}

  void Put(int item) {
    items_.push_back(item);
    WakeUp();
  }
  void Stop() {
    stop_requested_ = true;
    WakeUp();
  }

  // An item, or nothing if a request to stop is delivered.
  Task<std::optional<int>> WaitForItem() {
    while (items_.empty() && !stop_requested_) {
      Event changed;
      changed_ = &changed;
      co_await changed.Wait();
      changed_ = nullptr;
    }
    if (!items_.empty()) {
      if (!fixed_) stop_requested_ = false;
      const int item = items_.front();
      items_.pop_front();
      co_return item;
    }
    stop_requested_ = false;
    co_return std::nullopt;
  }

 private:
  void WakeUp() {
    if (changed_ != nullptr) changed_->Set();
  }

  const bool fixed_;
  std::deque<int> items_;
  bool stop_requested_ = false;
  Event* changed_ = nullptr;
};

Task<> Body(Setting& setting) {
  Worker worker(setting.fixed());
  int handled = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("worker"), [&]() -> Task<> {
      for (;;) {
        co_await setting.Pad();
        const std::optional<int> item = co_await worker.WaitForItem();
        if (!item) co_return;
        ++handled;
        co_await Checkpoint();
      }
    });
    nursery.StartSoon(TaskName("producer"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint();
      worker.Put(1);
    });
    nursery.StartSoon(TaskName("stopper"), [&]() -> Task<> {
      for (int step = 0; step < 2; ++step) {
        co_await setting.Pad();
        co_await Checkpoint();
      }
      worker.Stop();
    });
    co_return;
  });
  setting.Observe("handled " + std::to_string(handled));
}

}  // namespace

Program WaitForSwallowsCancel() {
  return {.name = "wait_for_swallows_cancel",
          .essence = "a wait that gets its result and a request to stop at once drops the request",
          .source = "cpython#86296",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
