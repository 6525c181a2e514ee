// Partial order sampling: every pending event has a random priority, and the highest one runs; whatever it touches,
// those pending events whose order relative to it can be told get new priorities. (Yuan, Yang, Gu: Partial order aware
// concurrency sampling, CAV 2018, algorithm 2.) So an event that has lost against a bystander goes on losing, and an
// order that needs one task's t steps before another one's event has a probability of 1/(t+1) where a random walk has
// 2^-t, as long as those steps touch nothing of the other task's.
//
// What is pending is what the alternative declares. Events that may touch anything (kOpaque, or an object without a
// name) get a new priority at every step, so theirs are never kept: of m such events, the highest priority exceeds p
// with probability 1 - p^m, and then any of them is it. A program that declares nothing is sampled as by a random walk.
// tests/strategies/pos_test.cc
#include <memory>
#include <string>
#include <vector>

#include "harness/indexed_heap.h"
#include "harness/object_index.h"
#include "harness/ready_set.h"
#include "harness/strategy/sampler.h"
#include "harness/strategy/strategies.h"

namespace hocket::testing {

namespace {

// p^m of a fixed-point fraction: the same on every machine, as pow() is not.
std::uint64_t Power(std::uint64_t p, std::uint32_t m) {
  std::uint64_t result = ~std::uint64_t{0};
  const auto multiply = [](std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(a) * b) >> 64);
  };
  for (; m > 0 && result > 0; m /= 2) {
    if (m % 2 == 1) result = multiply(result, p);
    p = multiply(p, p);
  }
  return result;
}

bool IsOpaque(const Access& access) {
  if (access.kind == AccessKind::kNone || access.kind == AccessKind::kYield) return false;
  return access.kind == AccessKind::kOpaque || access.object == 0;
}

class Pos final : public Algorithm {
 public:
  std::string Name() const { return "partial order sampling"; }

  void StartExecution(Random picks) {
    random_ = RandomAhead(picks);
    if (known_.size() > 0) first_.assign(first_.size(), kNone);  // the last execution has not come to its end
    known_.Clear();
    opaque_.Clear();
    // Objects that an execution makes have other names than the next one's, if what it did was different.
    if (objects_.size() > kMostObjects) {
      objects_.Clear();
      first_.clear();
      pending_.assign(pending_.size(), {});
    }
  }

  void Added(const NewAlternative& added) {
    const AlternativeId id = added.id();
    if (id >= pending_.size()) pending_.resize(id + 1);
    Pending& pending = pending_[id];
    const Access access = added.declared();
    pending.opaque = IsOpaque(access);
    if (pending.opaque) {
      opaque_.Add(id);
      return;
    }
    known_.Add(id, random_.Next());
    const bool same_object = access.object == pending.name;  // as the last time, most often
    pending.name = access.object;
    pending.offset = access.offset;
    pending.size = access.size;
    pending.kind = access.kind;
    if (access.object == 0) {
      pending.object = kNone;
      return;
    }
    if (!same_object) {
      pending.object = objects_.Of(access.object);
      if (pending.object == first_.size()) first_.push_back(kNone);
    }
    AlternativeId& first = first_[pending.object];
    pending.previous = kNone;
    pending.next = first;
    if (first != kNone) pending_[first].previous = id;
    first = id;
  }

  void Removed(AlternativeId id, Removal why) {
    const Pending& pending = pending_[id];
    if (pending.opaque) {
      opaque_.Remove(id);
      if (why == Removal::kPicked) ChangeAll();
      return;
    }
    known_.Remove(id);
    if (pending.object == kNone) return;
    Unlink(pending);
    if (why == Removal::kPicked) ChangeThoseAt(pending.object, pending.access());
  }

  static constexpr bool kWantsAccesses = true;
  void Touched(const Access& access) {
    if (IsOpaque(access)) {
      ChangeAll();
    } else if (access.object != 0) {
      const std::uint32_t object = objects_.IfSeen(access.object);
      if (object != ObjectIndex::kNone) ChangeThoseAt(object, access);
    }
  }

  AlternativeId Pick() {
    const std::uint32_t opaque = opaque_.size();
    if (opaque == 0) return known_.Top();
    if (known_.size() == 0 || random_.Next() >= Power(known_.TopKey(), opaque)) return opaque_[random_.Below(opaque)];
    return known_.Top();
  }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::size_t kMostObjects = 4096;

  struct Pending {
    ObjectId name = 0;  // the access, here and below
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    AccessKind kind = AccessKind::kNone;
    bool opaque = false;
    std::uint32_t object = kNone;
    AlternativeId previous = kNone;  // of those whose access is to the same object
    AlternativeId next = kNone;

    Access access() const { return {name, offset, size, kind}; }
  };
  static_assert(sizeof(Pending) == 32);

  void ChangeAll() {
    if (known_.size() > 0) known_.ChangeAll([&] { return random_.Next(); });
  }
  // What is pending at `object` and whose order relative to `access`, which is to it, can be told.
  void ChangeThoseAt(std::uint32_t object, const Access& access) {
    for (AlternativeId id = first_[object]; id != kNone; id = pending_[id].next) {
      if (Conflict(access, pending_[id].access())) known_.Change(id, random_.Next());
    }
  }

  void Unlink(const Pending& pending) {
    (pending.previous == kNone ? first_[pending.object] : pending_[pending.previous].next) = pending.next;
    if (pending.next != kNone) pending_[pending.next].previous = pending.previous;
  }

  RandomAhead random_{Random(0)};
  IndexedHeap known_;             // the events that touch a known object or nothing, by priority
  ReadySet opaque_;               // the others
  std::vector<Pending> pending_;  // by alternative
  ObjectIndex objects_;
  std::vector<AlternativeId> first_;  // by object
};

}  // namespace

std::unique_ptr<Strategy> MakePos(std::uint64_t seed) { return MakeSampler(seed, nullptr, Pos()); }

}  // namespace hocket::testing
