// RunLocal and TaskLocal: values that belong to a run, or to a task, without being passed to every function.
//
//     TaskLocal<std::string> request_id;                    // a global, usually
//     ...
//     const LocalValue id = request_id.Set("r-17");         // for this task until the end of the block, and for the
//     nursery.StartSoon(Serve);                             // tasks that it starts meanwhile
//     ...
//     Log(*request_id.Get());                               // in Serve
//
// A task starts with the values that its spawner had at that moment; what either sets later the other does not see.
// Tasks started by posted functions have none. A run starts without values, and takes them along when it ends.
//
// What cannot happen: a value that leaks into another run; an order of lookups that depends on addresses.
// Threads: the run's; the Local objects themselves may be shared by runs on several threads. Lifetime: a Local may go
// before the runs in which it was set.
#ifndef HOCKET_LOCAL_H_
#define HOCKET_LOCAL_H_

#include <any>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace hocket {

namespace internal {

using LocalKey = std::uint64_t;
enum class LocalKind : unsigned char { kRun, kTask };

LocalKey NewLocalKey() noexcept;
// The value, or none. REQUIRES: inside a run; for kTask in a task.
const std::any* FindLocal(LocalKind kind, LocalKey key);
// Sets it, or removes it, and gives what was there.
std::shared_ptr<const std::any> ExchangeLocal(LocalKind kind, LocalKey key, std::shared_ptr<const std::any> value);

}  // namespace internal

// A value that has been set: its destructor puts back what was there before. Belongs to the run, or task, that set it,
// and is destroyed there (values nest like blocks). Keep() leaves the value in place instead.
class [[nodiscard]] LocalValue {
 public:
  LocalValue(LocalValue&& other) noexcept;
  LocalValue& operator=(LocalValue&&) = delete;
  ~LocalValue();
  void Keep() noexcept { key_ = 0; }

 private:
  template <class T, internal::LocalKind kKind>
  friend class Local;
  LocalValue(internal::LocalKind kind, internal::LocalKey key, std::shared_ptr<const std::any> previous) noexcept
      : previous_(std::move(previous)), key_(key), kind_(kind) {}
  std::shared_ptr<const std::any> previous_;
  internal::LocalKey key_;
  internal::LocalKind kind_;
};

template <class T, internal::LocalKind kKind>
class Local {
 public:
  Local() noexcept : key_(internal::NewLocalKey()) {}
  Local(const Local&) = delete;
  Local& operator=(const Local&) = delete;

  // A copy of the value; none if it has not been set. REQUIRES: called inside a run, and for a TaskLocal by a task.
  std::optional<T> Get() const {
    const std::any* value = internal::FindLocal(kKind, key_);
    return value == nullptr ? std::nullopt : std::optional<T>(std::any_cast<const T&>(*value));
  }
  T GetOr(T otherwise) const {
    std::optional<T> value = Get();
    return value ? std::move(*value) : std::move(otherwise);
  }
  LocalValue Set(T value) {
    auto box = std::make_shared<const std::any>(std::in_place_type<T>, std::move(value));
    return LocalValue(kKind, key_, internal::ExchangeLocal(kKind, key_, std::move(box)));
  }

 private:
  internal::LocalKey key_;
};

// T is copyable.
template <class T>
using RunLocal = Local<T, internal::LocalKind::kRun>;
template <class T>
using TaskLocal = Local<T, internal::LocalKind::kTask>;

}  // namespace hocket

#endif  // HOCKET_LOCAL_H_
