// A pool of two connections for three users. A connection that comes back is handed straight to the user that waits; if
// that one is cancelled before it runs, the connection is neither used nor in the pool. It takes both connections lent,
// one given back, and a cancellation in between. The fix: a user that unwinds with a connection gives it back.
//
// After asyncpg#467.
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class Pool {
 public:
  explicit Pool(bool fixed) : fixed_(fixed) {}

  Access WillChange() const noexcept { return state_.Will(AccessKind::kUpdate); }

  Task<int> Acquire() {
    state_.Update();
    if (!free_.empty()) {
      const int connection = free_.back();
      free_.pop_back();
      co_return connection;
    }
    Waiter waiter(*this);
    waiters_.push_back(&waiter);
    co_await waiter.served.Wait();
    co_await Checkpoint(WillChange());  // a cancellation that came after the wake-up arrives here
    state_.Update();
    co_return *std::exchange(waiter.connection, std::nullopt);
  }

  void Release(int connection) {
    state_.Update();
    if (waiters_.empty()) {
      free_.push_back(connection);
      return;
    }
    Waiter* const waiter = waiters_.front();
    waiters_.pop_front();
    waiter->connection = connection;
    waiter->served.Set();
  }

  std::size_t free() const { return free_.size(); }

 private:
  struct Waiter {
    explicit Waiter(Pool& pool_in) : pool(pool_in) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
      pool.state_.Update();
      std::erase(pool.waiters_, this);
      if (connection && pool.fixed_) pool.Release(*connection);
    }

    Pool& pool;
    Event served;
    std::optional<int> connection;
  };

  const bool fixed_;
  SharedObject state_;
  std::vector<int> free_ = {1, 0};
  std::deque<Waiter*> waiters_;
};

class Lease {
 public:
  Lease(Pool& pool, int connection) : pool_(pool), connection_(connection) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { pool_.Release(connection_); }

 private:
  Pool& pool_;
  const int connection_;
};

Task<> Use(Setting& setting, Pool& pool) {
  co_await setting.Pad();
  co_await Checkpoint(pool.WillChange());
  const int connection = co_await pool.Acquire();
  const Lease lease(pool, connection);
  co_await setting.Pad();
  co_await Checkpoint(pool.WillChange());
}

Task<> Body(Setting& setting) {
  Pool pool(setting.fixed());
  CancelScope scope;
  bool used = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint({.kind = AccessKind::kYield});
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("first"), Use, std::ref(setting), std::ref(pool));
    nursery.StartSoon(TaskName("second"), Use, std::ref(setting), std::ref(pool));
    nursery.StartSoon(TaskName("third"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await Use(setting, pool);
        used = true;
      });
    });
    co_return;
  });
  setting.Observe(used ? "used" : "cancelled");
  setting.Observe("free " + std::to_string(pool.free()));
  Require(pool.free() == 2, "a connection has leaked");
}

}  // namespace

Program PoolOfTwo() {
  return {.name = "pool_of_two",
          .essence = "a connection that was handed to a waiting user is lost if that one is cancelled before it runs",
          .source = "asyncpg#467",
          .body = Body,
          .declares = true,
          .cancels = true,
          .study = true};
}

}  // namespace hocket::bugs
