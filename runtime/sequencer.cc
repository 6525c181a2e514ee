#include "hocket/sequencer.h"

#include <string>
#include <utility>

#include "hocket/errors.h"

namespace hocket {

Sequencer::Turn::Turn(Turn&& other) noexcept
    : sequencer_(std::exchange(other.sequencer_, nullptr)), position_(other.position_) {}

Sequencer::Turn::~Turn() {
  if (sequencer_ != nullptr) sequencer_->starts_[position_ + 1].Set();
}

void Sequencer::Claim(std::uint32_t position) {
  if (!used_.insert(position).second) {
    throw MisuseError("the sequencer's position " + std::to_string(position) + " is used twice");
  }
  RequireWhole();
}

void Sequencer::RequireWhole() const {
  if (broken_) throw MisuseError("the sequence is broken: a task was cancelled while it waited for its turn");
}

void Sequencer::Break() noexcept {
  broken_ = true;
  for (auto& [position, start] : starts_) start.Set();
}

}  // namespace hocket
