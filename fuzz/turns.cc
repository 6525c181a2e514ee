// Two tasks that do the same, in the one order or in the other. Nothing but the lock tells the orders apart: this file
// is compiled without coverage of code. merge_test runs it.
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("coverage"))), apply_to = function)
#endif

#include "hocket/hocket.h"
#include "hocket/testing/test.h"

namespace {

hocket::Task<> TakeTurn(hocket::Lock& lock) {
  co_await lock.Acquire();
  const hocket::LockGuard guard(lock);
}

HOCKET_TEST(Turns, AreTaken) {
  hocket::Lock lock;
  co_await hocket::WithNursery([&](hocket::Nursery& nursery) -> hocket::Task<> {
    nursery.StartSoon(TakeTurn, std::ref(lock));
    nursery.StartSoon(TakeTurn, std::ref(lock));
    co_return;
  });
}

}  // namespace

#ifdef __clang__
#pragma clang attribute pop
#endif
