// cockroach3710: a task that reads under a read-write lock calls a function that takes the lock for reading again.
// Readers give way to writers that wait, so if one has come in between, reader and writer wait for each other. The fix:
// the function leaves locking to its caller.
#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

class ReadWriteLock {
 public:
  Task<> AcquireRead() {
    while (writing_ || waiting_writers_ > 0) co_await lot_.Park();
    ++readers_;
  }
  void ReleaseRead() {
    --readers_;
    lot_.Unpark(ParkingLot::kAll);
  }
  Task<> AcquireWrite() {
    ++waiting_writers_;
    while (writing_ || readers_ > 0) co_await lot_.Park();
    --waiting_writers_;
    writing_ = true;
  }
  void ReleaseWrite() {
    writing_ = false;
    lot_.Unpark(ParkingLot::kAll);
  }

 private:
  ParkingLot lot_;
  int readers_ = 0;
  int waiting_writers_ = 0;
  bool writing_ = false;
};

struct Store {
  ReadWriteLock lock;
  int value = 0;
  int seen = 0;
};

Task<> ReadValue(Setting& setting, Store& store) {
  if (!setting.fixed()) co_await store.lock.AcquireRead();
  store.seen = store.value;
  if (!setting.fixed()) store.lock.ReleaseRead();
}

Task<> Read(Setting& setting, Store& store) {
  co_await setting.Pad();
  co_await store.lock.AcquireRead();
  co_await setting.Pad();
  co_await Checkpoint();
  co_await ReadValue(setting, store);
  store.lock.ReleaseRead();
}

Task<> Write(Setting& setting, Store& store) {
  co_await setting.Pad();
  co_await Checkpoint();
  co_await store.lock.AcquireWrite();
  co_await setting.Pad();
  co_await Checkpoint();
  store.value = 1;
  store.lock.ReleaseWrite();
}

Task<> Body(Setting& setting) {
  Store store;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("read"), Read, std::ref(setting), std::ref(store));
    nursery.StartSoon(TaskName("write"), Write, std::ref(setting), std::ref(store));
    co_return;
  });
  setting.Observe(std::to_string(store.seen));
}

}  // namespace

Program Cockroach3710() {
  return {.name = "cockroach3710",
          .essence = "a read lock is taken again while a writer waits",
          .source = "github.com/cockroachdb/cockroach/pull/3710; GoBench",
          .body = Body};
}

}  // namespace hocket::bugs
