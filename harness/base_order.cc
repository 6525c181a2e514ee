#include "harness/base_order.h"

#include <algorithm>

#include "hocket/check.h"

namespace hocket::testing {

void BaseOrder::Begin(const Executor& executor) {
  executor_ = &executor;
  std::fill(nodes_.begin(), nodes_.end(), Node{});
  cancellations_.clear();
  first_ = final_ = clock_ = last_ = kNone;
  size_ = 0;
}

void BaseOrder::Added(AlternativeId id) {
  if (id >= nodes_.size()) nodes_.resize(id + 1);
  ++size_;
  const AlternativeOwner owner = executor_->Owner(id);
  if (owner.kind == AlternativeKind::kClock) {
    clock_ = id;
    return;
  }
  if (owner.kind == AlternativeKind::kCancel) {
    cancellations_.push_back(id);
    return;
  }
  nodes_[id] = {.previous = final_, .next = kNone, .spawn_number = owner.spawn_number, .linked = true};
  (final_ == kNone ? first_ : nodes_[final_].next) = id;
  final_ = id;
}

void BaseOrder::Removed(AlternativeId id, Removal why) {
  --size_;
  if (why == Removal::kPicked) last_ = id;
  if (id == clock_) {
    clock_ = kNone;
    return;
  }
  if (!nodes_[id].linked) {
    std::erase(cancellations_, id);
    return;
  }
  Node& node = nodes_[id];
  (node.previous == kNone ? first_ : nodes_[node.previous].next) = node.next;
  (node.next == kNone ? final_ : nodes_[node.next].previous) = node.previous;
  node.linked = false;
}

AlternativeId BaseOrder::First() const {
  HOCKET_CHECK(size_ > 0) << "there is no alternative";
  if (first_ == kNone) return clock_;
  if (base_ == Base::kStay && GoesOn()) return last_;
  if (base_ != Base::kSpawn) return first_;
  AlternativeId lowest = first_;
  for (AlternativeId id = first_; id != kNone; id = nodes_[id].next) {
    if (nodes_[id].spawn_number < nodes_[lowest].spawn_number) lowest = id;
  }
  return lowest;
}

AlternativeId BaseOrder::At(std::uint32_t index) const {
  HOCKET_CHECK(index < size_) << "alternative " << index << " of " << size_;
  const AlternativeId first = First();
  if (index == 0) return first;
  const auto cancellations = static_cast<std::uint32_t>(cancellations_.size());
  if (index >= size_ - cancellations) return cancellations_[index - (size_ - cancellations)];
  for (AlternativeId id = first_; id != kNone; id = nodes_[id].next) {
    if (id != first && --index == 0) return id;
  }
  return clock_;
}

void BaseOrder::CopyTo(std::vector<AlternativeId>& ids) const {
  ids.clear();
  const AlternativeId first = First();
  ids.push_back(first);
  for (AlternativeId id = first_; id != kNone; id = nodes_[id].next) {
    if (id != first) ids.push_back(id);
  }
  if (clock_ != kNone && clock_ != first) ids.push_back(clock_);
  ids.insert(ids.end(), cancellations_.begin(), cancellations_.end());
}

std::uint32_t BaseOrder::IndexOf(AlternativeId id) const {
  const AlternativeId first = First();
  if (id == first) return 0;
  const auto cancellation = std::find(cancellations_.begin(), cancellations_.end(), id);
  if (cancellation != cancellations_.end())
    return size_ - static_cast<std::uint32_t>(cancellations_.end() - cancellation);
  std::uint32_t index = 0;
  for (AlternativeId other = first_; other != kNone; other = nodes_[other].next) {
    if (other != first) ++index;
    if (other == id) return index;
  }
  return index + 1;
}

}  // namespace hocket::testing
