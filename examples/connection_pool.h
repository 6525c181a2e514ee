// A pool of connections, whose users give up after a while.
#ifndef HOCKET_EXAMPLES_CONNECTION_POOL_H_
#define HOCKET_EXAMPLES_CONNECTION_POOL_H_

#include <chrono>
#include <deque>
#include <stdexcept>

#include "hocket/hocket.h"

namespace examples {

class ConnectionPool {
 public:
  explicit ConnectionPool(int slots) : free_(slots) {}

  // Waits for a slot, which then belongs to the caller.
  hocket::Task<> Acquire() {
    while (free_ == 0) {
      hocket::Event released;
      waiters_.push_back(&released);
      const Unlink unlink{*this, released};
      co_await released.Wait();
    }
    --free_;
  }

  void Release() {
    ++free_;
    if (!waiters_.empty()) waiters_.front()->Set();
  }

  int free() const { return free_; }

 private:
  // Takes a waiter out of the line, however its wait ends.
  struct Unlink {
    ConnectionPool& pool;
    hocket::Event& waiter;
    ~Unlink() { std::erase(pool.waiters_, &waiter); }
  };

  int free_;
  std::deque<hocket::Event*> waiters_;
};

// Gives a slot back when it goes.
class Lease {
 public:
  explicit Lease(ConnectionPool& pool) : pool_(pool) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { pool_.Release(); }

 private:
  ConnectionPool& pool_;
};

// Makes sure that the connection in the slot is alive.
inline hocket::Task<> Ping() { co_await hocket::Checkpoint(); }

// Wrong: a query that is cancelled during the ping has a slot that nobody gives back.
inline hocket::Task<> QueryThenLease(ConnectionPool& pool) {
  co_await pool.Acquire();
  co_await Ping();
  const Lease lease(pool);
  co_await hocket::Sleep(std::chrono::milliseconds(1));
}

// Right: from the moment that the slot is taken, somebody is there to give it back.
inline hocket::Task<> LeaseThenQuery(ConnectionPool& pool) {
  co_await pool.Acquire();
  const Lease lease(pool);
  co_await Ping();
  co_await hocket::Sleep(std::chrono::milliseconds(1));
}

template <class Query>
hocket::Task<> QueryForAtMost(std::chrono::milliseconds timeout, ConnectionPool& pool, Query query) {
  co_await hocket::MoveOnAfter(timeout, [&] { return query(pool); });
}

// Three queries share two slots, each with a timeout. Whatever they do, in the end the slots are back.
template <class Query>
hocket::Task<> QueryWithTimeouts(Query query) {
  ConnectionPool pool(2);
  co_await hocket::WithNursery([&](hocket::Nursery& nursery) -> hocket::Task<> {
    for (int i = 0; i < 3; ++i)
      nursery.StartSoon(QueryForAtMost<Query>, std::chrono::milliseconds(5), std::ref(pool), query);
    co_return;
  });
  if (pool.free() != 2) throw std::logic_error("a slot has leaked");
}

}  // namespace examples

#endif  // HOCKET_EXAMPLES_CONNECTION_POOL_H_
