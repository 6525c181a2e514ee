// A store of values by key that is written to disk, with what it should do: a specification of the values of one key.
#ifndef HOCKET_EXAMPLES_STORE_H_
#define HOCKET_EXAMPLES_STORE_H_

#include <map>
#include <optional>
#include <string>

#include "hocket/hocket.h"
#include "hocket/testing/linearizability.h"

namespace examples {

// Wrong: it decides before it has written to disk, and acts after that.
class HastyStore {
 public:
  // Says whether there was no value before.
  hocket::Task<bool> PutIfAbsent(std::string key, int value) {
    const bool is_absent = values_.count(key) == 0;
    co_await hocket::Checkpoint();  // the write to disk
    if (is_absent) values_[key] = value;
    co_return is_absent;
  }
  hocket::Task<std::optional<int>> Get(std::string key) {
    co_await hocket::Checkpoint();
    const auto found = values_.find(key);
    co_return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<std::string, int> values_;
};

// Right: it decides and acts in one step.
class Store {
 public:
  hocket::Task<bool> PutIfAbsent(std::string key, int value) {
    co_await hocket::Checkpoint();
    co_return values_.emplace(std::move(key), value).second;
  }
  hocket::Task<std::optional<int>> Get(std::string key) {
    co_await hocket::Checkpoint();
    const auto found = values_.find(key);
    co_return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<std::string, int> values_;
};

struct StoreSpec {
  struct PutIfAbsent {
    std::string key;
    int value;
    std::string ToString() const { return "PutIfAbsent(" + key + ", " + std::to_string(value) + ")"; }
  };
  struct Get {
    std::string key;
    std::string ToString() const { return "Get(" + key + ")"; }
  };

  // Each key is judged alone.
  using Key = std::string;
  template <class Op>
  static Key KeyOf(const Op& op) {
    return op.key;
  }

  bool Apply(const PutIfAbsent& put) {
    if (value) return false;
    value = put.value;
    return true;
  }
  std::optional<int> Apply(const Get&) const { return value; }
  auto operator<=>(const StoreSpec&) const = default;

  std::optional<int> value;
};

template <class AnyStore>
hocket::Task<> PutAndGet(int value, AnyStore& store, hocket::testing::History<StoreSpec>& history) {
  for (const char* key : {"red", "blue"}) {
    const StoreSpec::PutIfAbsent put{key, value};
    co_await history.Call(put, [&] { return store.PutIfAbsent(put.key, put.value); });
    const StoreSpec::Get get{key};
    co_await history.Call(get, [&] { return store.Get(get.key); });
  }
}

// Two clients want the same two keys. Whoever comes first, all that they see must fit one order.
template <class AnyStore>
hocket::Task<> PutAtOnce() {
  AnyStore store;
  hocket::testing::History<StoreSpec> history;
  co_await hocket::WithNursery([&](hocket::Nursery& nursery) -> hocket::Task<> {
    nursery.StartSoon(PutAndGet<AnyStore>, 1, std::ref(store), std::ref(history));
    nursery.StartSoon(PutAndGet<AnyStore>, 2, std::ref(store), std::ref(history));
    co_return;
  });
  EXPECT_LINEARIZABLE(history);
}

}  // namespace examples

#endif  // HOCKET_EXAMPLES_STORE_H_
