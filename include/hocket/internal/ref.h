// A counted reference to a T, found through the functions AddRef(T*) and Release(T*). Unlike std::shared_ptr it is one
// pointer wide and leaves it to T whether its count is atomic: what belongs to one run is counted plainly, what an
// exception may carry out of it is counted atomically.
#ifndef HOCKET_INTERNAL_REF_H_
#define HOCKET_INTERNAL_REF_H_

#include <utility>

namespace hocket::internal {

template <class T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T* object) noexcept : object_(object) {
    if (object_ != nullptr) AddRef(object_);
  }
  Ref(const Ref& other) noexcept : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) Release(object_);
  }

  T* get() const noexcept { return object_; }
  T* operator->() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

}  // namespace hocket::internal

#endif  // HOCKET_INTERNAL_REF_H_
