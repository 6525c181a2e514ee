// Rerun: decides as a record says, handle by handle: exact for the same program, useless for any other.
#ifndef HOCKET_HARNESS_RERUN_H_
#define HOCKET_HARNESS_RERUN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/execution.h"
#include "hocket/chooser.h"

namespace hocket::testing {

class Rerun final : public Chooser {
 public:
  explicit Rerun(const Record& record) : picks_(record.picks), draws_(record.draws), stops_(record.stopped) {}

  void Begin(const Executor&) noexcept override {}
  void Added(AlternativeId id) noexcept override {
    if (id >= ready_.size()) ready_.resize(id + 1, false);
    ready_[id] = true;
  }
  void Removed(AlternativeId id, Removal) noexcept override { ready_[id] = false; }
  AlternativeId Pick() noexcept override {
    if (next_pick_ < picks_.size() && picks_[next_pick_] < ready_.size() && ready_[picks_[next_pick_]])
      return picks_[next_pick_++];
    if (stops_ && next_pick_ == picks_.size()) return kStopRun;
    parted_ = true;
    AlternativeId id = 0;
    while (!ready_[id]) ++id;
    return id;
  }
  std::uint32_t Draw(std::uint32_t n, const char*, DrawKind) noexcept override {
    if (next_draw_ < draws_.size() && draws_[next_draw_] < n) return draws_[next_draw_++];
    parted_ = true;
    return 0;
  }

  // Whether the execution asked something else than the recorded one.
  bool parted() const { return parted_ || next_pick_ != picks_.size() || next_draw_ != draws_.size(); }
  std::size_t next_pick() const { return next_pick_; }

 private:
  const std::vector<AlternativeId> picks_;
  const std::vector<std::uint32_t> draws_;
  const bool stops_;  // the recorded execution was given up after its last pick
  std::vector<bool> ready_;
  std::size_t next_pick_ = 0;
  std::size_t next_draw_ = 0;
  bool parted_ = false;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_RERUN_H_
