// Sequencer: puts parts of several tasks into an order, for a test that needs just that one.
//
//     Sequencer sequencer;
//     // in one task                                   // in another
//     {                                                {
//       const auto turn = co_await sequencer.At(0);      const auto turn = co_await sequencer.At(1);
//       first();                                         second();
//     }                                                }
//
// At(n) waits until the block of n - 1 has ended; At(0) does not wait. To explore orders rather than to fix one is what
// the harness is for. Threads: the run's. Lifetime: the sequencer outlives its turns.
#ifndef HOCKET_SEQUENCER_H_
#define HOCKET_SEQUENCER_H_

#include <cstdint>
#include <map>
#include <set>

#include "hocket/capture.h"
#include "hocket/event.h"
#include "hocket/outcome.h"
#include "hocket/task.h"

namespace hocket {

class Sequencer {
 public:
  // The block of a position: ends with the destructor, and lets the next position go on.
  class Turn {
   public:
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&& other) = delete;
    ~Turn();

   private:
    friend class Sequencer;
    Turn(Sequencer& sequencer, std::uint32_t position) noexcept : sequencer_(&sequencer), position_(position) {}
    Sequencer* sequencer_;
    std::uint32_t position_;
  };

  Sequencer() = default;
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // Waits for the turn of `position`. A checkpoint for every position but 0, unless it throws. Throws MisuseError if
  // the position has been used before, or if the sequence is broken: a task that waited for its turn was cancelled, so
  // that the turns after it would never come. That task, too, gets the error instead of its cancellation, which shows
  // at its next cancel point.
  [[nodiscard]] Task<Turn> At(std::uint32_t position);

 private:
  void Claim(std::uint32_t position);
  void RequireWhole() const;
  void Break() noexcept;

  std::map<std::uint32_t, Event> starts_;
  std::set<std::uint32_t> used_;
  bool broken_ = false;
};

namespace internal {
inline Task<> WaitFor(Event& event) { co_await event.Wait(); }
}  // namespace internal

inline Task<Sequencer::Turn> Sequencer::At(std::uint32_t position) {
  Claim(position);
  if (position > 0) {
    const Outcome<> outcome = co_await Capture(internal::WaitFor(starts_[position]));
    if (outcome.is_cancelled()) Break();
    RequireWhole();
  }
  co_return Turn(*this, position);
}

}  // namespace hocket

#endif  // HOCKET_SEQUENCER_H_
