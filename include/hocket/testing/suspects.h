// Atomicity suspects: places where a task relies on a value across a checkpoint, and another task was seen to change it
// meanwhile. A suspect is no failure: nothing went wrong, or not yet. It says where to look.
//
//     for (const AtomicitySuspect& suspect : FindAtomicitySuspects(body)) std::cerr << suspect.ToString();
//
//     lost update: read, then written, and what was written between is gone
//       bank.cc:14  main/0 Transfer reads
//       bank.cc:14  main/1 Transfer writes
//       bank.cc:16  main/0 Transfer writes
//
// Two accesses of a task to the same data with at least one checkpoint between them are a suspect if in some execution
// an access of another task came between, so that no order of the three in which the two stand together has the same
// effect. These are the four cases of Lu, Tucek, Qin, Zhou: AVIO, detecting atomicity violations via access
// interleaving invariants, ASPLOS 2006, table 1. Its training, which learns which of them are meant, is left out: what
// is meant to be read again after a checkpoint (a flag that is polled) is a suspect too, and the kinds are listed by
// how often they are bugs.
//
// Data is what the program reports with Shared and SharedObject (hocket/shared.h), and with --config=observe all of
// its memory. With that, the lines are those of the accesses; otherwise those of the co_await that the access's step
// went on from. What only the runtime's primitives do is never a suspect.
//
// What cannot be found: an interleaving that no execution had; accesses of one step, because nobody can come between.
// Threads: as Explore.
#ifndef HOCKET_TESTING_SUSPECTS_H_
#define HOCKET_TESTING_SUSPECTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "hocket/testing/explore.h"

namespace hocket::testing {

struct AtomicitySuspect {
  enum class Kind : std::uint8_t {
    kLostUpdate,         // read, another's write, write
    kOverwritten,        // write, another's write, read
    kIntermediateValue,  // write, another's read, write
    kUnrepeatableRead,   // read, another's write, read
  };
  struct Point {
    std::string task;      // its path: "main/0"
    std::string function;  // its function, as far as it is known
    std::string file;
    int line = 0;
    bool writes = false;

    friend bool operator==(const Point&, const Point&) = default;
  };

  Kind kind = Kind::kLostUpdate;
  Point first;
  Point between;  // of another task
  Point second;
  bool exact = false;           // the lines are those of the accesses, not of their steps
  std::uint64_t execution = 0;  // the first one that had it

  std::string ToString() const;

  friend bool operator==(const AtomicitySuspect&, const AtomicitySuspect&) = default;
};

// Runs `body` under the strategy of `options`, in this process, whether it fails or not, and gives what was seen: one
// for each kind and three lines; lost updates first, otherwise in the order of being seen. Of the options' limits those
// on executions and steps hold, and the deadline.
std::vector<AtomicitySuspect> FindAtomicitySuspects(const Body& body, const ExploreOptions& options = {});

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_SUSPECTS_H_
