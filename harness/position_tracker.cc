#include "harness/position_tracker.h"

#include <utility>

namespace hocket::testing {

std::uint64_t HashOperation(std::string_view operation) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : operation) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

PositionKey KeyOf(const Position& position) {
  return {PathHash(position.task), HashOperation(position.op), position.nth};
}

void PositionTracker::Begin(const Executor& executor) {
  executor_ = &executor;
  counts_.clear();
  draws_.clear();
  counted_ = false;
}

void PositionTracker::CountLast() {
  if (counted_) return;
  counted_ = true;
  const Standing standing = executor_->LastStep();
  last_operation_ = standing.operation;
  last_ = {standing.task, HashOperation(standing.operation), 0};
  last_.nth = ++counts_[{last_.task, last_.operation}];
}

const PositionKey& PositionTracker::Last() {
  CountLast();
  return last_;
}

void PositionTracker::StepBegins(AlternativeId id) {
  CountLast();
  counted_ = false;
  stepping_ = executor_->Owner(id).task;
}

PositionKey PositionTracker::NextDraw(const char* label) {
  const std::uint64_t operation = HashOperation(label);
  return {stepping_, operation, ++draws_[{stepping_, operation}]};
}

}  // namespace hocket::testing
