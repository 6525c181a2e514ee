// Shared: a value that several tasks use, and that says so. For explorers: plain memory is invisible to them unless the
// program is built with instrumentation (docs/strategies.md), while a Shared reports each read and write, so that a
// search knows which steps depend on each other.
//
//     Shared<int> balance{100};
//     const int before = balance;  // a read
//     balance = before - 10;       // a write
//     balance += 5;                // an update
//
// What cannot happen: a value that is torn or raced for; tasks of one run never run at once. Costs a copy of T where a
// reference would do. Threads: the run's.
#ifndef HOCKET_SHARED_H_
#define HOCKET_SHARED_H_

#include <utility>

#include "hocket/access.h"

namespace hocket {

// The name of something that tasks share, for structures that Shared does not fit: call Read, Write or Update in the
// step that does it. Objects made outside of a run have no name, and are taken to be any.
class SharedObject {
 public:
  SharedObject() noexcept;
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  void Read() const noexcept { Report(AccessKind::kRead); }
  void Write() const noexcept { Report(AccessKind::kWrite); }
  void Update() const noexcept { Report(AccessKind::kUpdate); }

  // To announce what follows a checkpoint: co_await Checkpoint(object.Will(AccessKind::kRead)).
  Access Will(AccessKind kind) const noexcept { return {.object = id_, .size = 1, .kind = kind}; }

 private:
  void Report(AccessKind kind) const noexcept;
  ObjectId id_;
};

// For copyable T.
template <class T>
class Shared : public SharedObject {
 public:
  Shared() = default;
  explicit Shared(T value) : value_(std::move(value)) {}

  T Get() const {
    Read();
    return value_;
  }
  void Set(T value) {
    Write();
    value_ = std::move(value);
  }
  operator T() const { return Get(); }
  Shared& operator=(T value) {
    Set(std::move(value));
    return *this;
  }
  template <class U>
  Shared& operator+=(const U& other) {
    Update();
    value_ += other;
    return *this;
  }
  template <class U>
  Shared& operator-=(const U& other) {
    Update();
    value_ -= other;
    return *this;
  }

 private:
  T value_{};
};

}  // namespace hocket

#endif  // HOCKET_SHARED_H_
