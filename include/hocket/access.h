// What a step of a run touches: the dependences that let an explorer see which orders matter.
//
// Objects are named by identity, not by address: an ObjectId is derived from the spawn path of the task that made the
// object and from how many objects that task made before. The same object therefore has the same name in every
// execution, whatever the schedule and the allocator did.
#ifndef HOCKET_ACCESS_H_
#define HOCKET_ACCESS_H_

#include <cstdint>

namespace hocket {

// Names an object of a run, or (with a size) a range of plain memory. 0 is an object without a name, such as a lock
// that was made outside of the run: it may be any.
using ObjectId = std::uint64_t;

enum class AccessKind : std::uint8_t {
  kNone,    // touches nothing that another task could notice
  kRead,    //
  kWrite,   //
  kUpdate,  // read-modify-write in one step
  kWait,    // reads a condition and may block on it
  kSignal,  // writes a condition and may wake waiters
  kYield,   // gives way, without touching anything
  kExit,    // ends a task
  kOpaque,  // may touch anything: depends on everything
};

// One access: `size` bytes of the program's own memory, from `offset` on, or one whole object of the runtime's, size 0.
struct Access {
  ObjectId object = 0;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  AccessKind kind = AccessKind::kNone;

  friend bool operator==(const Access&, const Access&) = default;
};

// Two accesses conflict if their order can be told from the outside: they overlap and one of them changes something, or
// one is opaque or of an object without a name.
bool Conflict(const Access& a, const Access& b) noexcept;

}  // namespace hocket

#endif  // HOCKET_ACCESS_H_
