// A lock for readers and writers lets no new reader in while a writer waits. A writer that is cancelled while it waits
// makes room for the readers behind it, but does not wake them; they sleep until the next release. The first reader
// does not release before the second one has read. The fix: the last writer to give up wakes the readers.
//
// After AsyncEx#134 and corefx#3364 (ReaderWriterLockSlim).
#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

namespace {

class ReadersWriterLock {
 public:
  explicit ReadersWriterLock(bool fixed) : fixed_(fixed) {}

  Task<> AcquireRead() {
    while (writing_ || writers_waiting_ > 0) co_await readers_.Park();
    ++reading_;
  }
  void ReleaseRead() {
    if (--reading_ == 0) writers_.Unpark();
  }

  Task<> AcquireWrite() {
    const Waiting waiting(*this);
    while (writing_ || reading_ > 0) co_await writers_.Park();
    writing_ = true;
  }
  void ReleaseWrite() {
    writing_ = false;
    writers_.Unpark();
    readers_.Unpark(ParkingLot::kAll);
  }

 private:
  class Waiting {
   public:
    explicit Waiting(ReadersWriterLock& lock) : lock_(lock) { ++lock_.writers_waiting_; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
      if (--lock_.writers_waiting_ == 0 && lock_.fixed_) lock_.readers_.Unpark(ParkingLot::kAll);
    }

   private:
    ReadersWriterLock& lock_;
  };

  const bool fixed_;
  int reading_ = 0;
  bool writing_ = false;
  int writers_waiting_ = 0;
  ParkingLot readers_;
  ParkingLot writers_;
};

Task<> Body(Setting& setting) {
  ReadersWriterLock lock(setting.fixed());
  CancelScope scope;
  Event second_has_read;
  bool written = false;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("first reader"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await lock.AcquireRead();
      co_await second_has_read.Wait();
      lock.ReleaseRead();
    });
    nursery.StartSoon(TaskName("second reader"), [&]() -> Task<> {
      co_await setting.Pad();
      co_await Checkpoint();
      co_await lock.AcquireRead();
      second_has_read.Set();
      lock.ReleaseRead();
    });
    nursery.StartSoon(TaskName("writer"), [&]() -> Task<> {
      co_await WithScope(scope, [&]() -> Task<> {
        co_await setting.Pad();
        for (int step = 0; step < 2; ++step) co_await Checkpoint();
        co_await lock.AcquireWrite();
        written = true;
        lock.ReleaseWrite();
      });
    });
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 3; ++step) co_await Checkpoint();
      scope.Cancel();
    });
    co_return;
  });
  setting.Observe(written ? "written" : "cancelled");
}

}  // namespace

Program RwlockReadersLeft() {
  return {.name = "rwlock_readers_left",
          .essence = "a writer that gives up does not wake the readers that wait behind it",
          .source = "AsyncEx#134, corefx#3364",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
