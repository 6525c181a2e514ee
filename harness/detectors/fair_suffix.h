// Fair suffix: how an execution goes on that has not ended after its bound, to tell a schedule that starved somebody
// from a program that does not end.
//
// The idea: everybody in turn. Whatever ends under every fair schedule ends under this one, so what does not end here
// is the program's fault, not the schedule's. Source: Musuvathi and Qadeer, "Fair Stateless Model Checking" (PLDI
// 2008), whose scheduler is fair throughout; here only the end of an execution is, as in Coyote's "PCT with a fair
// suffix", so that the strategies stay as unfair as they need to be to find races. Left out: their notion of progress
// per thread (a yield counts as the promise to make none), which needs programs that yield when they poll; everybody in
// turn is fair to those that do not, too.
//
// Time is one of those who take turns, but an unfair one: were it to pass in every round, an operation of a few steps
// under a timeout would always come too late. So the k-th jump comes after as many rounds as the lowest bit of k is
// worth (1, 2, 1, 4, 1, 2, 1, 8, ...): every pause is as long as it need be again and again, and n jumps take n log n
// rounds. Faults do not happen any more, other values are drawn with equal probability (a back-off that is drawn must
// not keep pace with another one for ever), and who waits longest is woken.
//
// Test: tests/detectors/livelock_test.cc.
#ifndef HOCKET_HARNESS_DETECTORS_FAIR_SUFFIX_H_
#define HOCKET_HARNESS_DETECTORS_FAIR_SUFFIX_H_

#include <cstdint>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "harness/base_order.h"
#include "harness/random.h"
#include "hocket/chooser.h"

namespace hocket::testing {

// A task at an operation, as often as it went on from there.
struct Place {
  TaskId task = 0;
  std::string path;
  std::string operation;
  std::source_location where;  // an annotation: of the first time
  bool works = false;          // some step from here changed something that others can see
};

// Who took the fair steps, in order. Jumps of the clock are only counted.
struct FairTurns {
  std::vector<Place> places;         // in the order in which they came up
  std::vector<std::uint32_t> turns;  // indices of `places`
  std::uint64_t jumps = 0;
};

class FairSuffix final : public Chooser {
 public:
  FairSuffix() : order_(Base::kFifo) {}

  // An execution begins, in which the suffix has not.
  void Reset() noexcept { taken_over_ = false; }
  // Whether the suffix has begun.
  bool taken_over() const noexcept { return taken_over_; }
  const FairTurns& turns() const noexcept { return turns_; }

  void Begin(const Executor& executor) noexcept override;
  void Added(AlternativeId id) noexcept override;
  void Removed(AlternativeId id, Removal why) noexcept override;
  void Touched(const Access& access) noexcept override;
  AlternativeId Pick() noexcept override;
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override;

 private:
  static constexpr AlternativeId kNone = static_cast<AlternativeId>(-1);

  bool taken_over_ = false;
  const Executor* executor_ = nullptr;
  BaseOrder order_;
  Random random_{0};
  AlternativeId clock_ = kNone;                                                 // if it is an alternative
  std::uint64_t until_jump_ = 0;                                                // turns of tasks before time may pass
  absl::flat_hash_map<std::pair<TaskId, std::uint64_t>, std::uint32_t> index_;  // of places
  FairTurns turns_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DETECTORS_FAIR_SUFFIX_H_
