// An intrusive doubly linked list in insertion order. Nodes unlink themselves when they are destroyed, so a frame that
// is torn down while it waits leaves no dangling link behind; a list that is destroyed lets its nodes go.
#ifndef HOCKET_INTERNAL_LIST_H_
#define HOCKET_INTERNAL_LIST_H_

#include "hocket/internal/observed.h"

namespace hocket::internal {

HOCKET_NOT_OBSERVED_BEGIN

struct Link {
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() { Unlink(); }

  bool linked() const { return next != nullptr; }
  void Unlink() {
    if (next == nullptr) return;
    Link* const before =
        prev;  // copies, because the writes below could change the members for all that the compiler knows
    Link* const after = next;
    before->next = after;
    after->prev = before;
    next = nullptr;
  }

  Link* prev = nullptr;
  Link* next = nullptr;
};

// One class may be in several lists at once: it derives from one Hook per Tag.
template <class Tag>
struct Hook : Link {};

template <class T, class Tag>
class List {
 public:
  List() { head_.prev = head_.next = &head_; }
  ~List() {
    while (!empty()) PopFront();
  }

  bool empty() const { return head_.next == &head_; }
  T* front() const { return empty() ? nullptr : From(head_.next); }
  T* back() const { return empty() ? nullptr : From(head_.prev); }
  T* Next(const T* node) const {
    Link* next = static_cast<const Hook<Tag>*>(node)->next;
    return next == &head_ ? nullptr : From(next);
  }

  // REQUIRES: `node` is in no list of this Tag.
  void PushBack(T* node) {
    Link* const link = static_cast<Hook<Tag>*>(node);
    Link* const last = head_.prev;
    link->prev = last;
    link->next = &head_;
    last->next = link;
    head_.prev = link;
  }
  // REQUIRES: !empty().
  T* PopFront() {
    Link* const link = head_.next;
    Link* const after = link->next;
    head_.next = after;
    after->prev = &head_;
    link->next = nullptr;
    return From(link);
  }
  static void Remove(T* node) { static_cast<Hook<Tag>*>(node)->Unlink(); }

 private:
  static T* From(Link* link) { return static_cast<T*>(static_cast<Hook<Tag>*>(link)); }

  Link head_;
};

HOCKET_NOT_OBSERVED_END

}  // namespace hocket::internal

#endif  // HOCKET_INTERNAL_LIST_H_
