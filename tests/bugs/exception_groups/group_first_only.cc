// A document is written to three replicas at once. The first failure cancels the other writes, so the handler takes it
// that the group holds the error of the replica that is tried first. Any one may be the first to fail, and then alone.
// The fix: take whichever error there is.
//
// The mistake that PEP 654 warns of: a group has what failed, in the order in which it failed.
#include <stdexcept>
#include <string>

#include "tests/bugs/exception_groups/programs.h"

namespace hocket::bugs {

namespace {

class ReplicaError : public std::runtime_error {
 public:
  explicit ReplicaError(int replica_in) : std::runtime_error("write failed"), replica(replica_in) {}
  const int replica;
};

// Fails after 1, 2 or 3 steps.
Task<> Write(Setting& setting, int replica) {
  for (int step = 0; step <= replica; ++step) {
    co_await setting.Pad();
    co_await Checkpoint({.kind = AccessKind::kYield});
  }
  throw ReplicaError(replica);
}

const ReplicaError* ErrorToReport(const ExceptionGroup& group, bool fixed) {
  for (const Failure& member : group.members()) {
    const auto* error = member.As<ReplicaError>();
    if (error != nullptr && (fixed || error->replica == 0)) return error;
  }
  return nullptr;
}

Task<> Body(Setting& setting) {
  bool reported = false;
  try {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      for (int replica = 0; replica < 3; ++replica) nursery.StartSoon(Write, std::ref(setting), replica);
      co_return;
    });
  } catch (const ExceptionGroup& group) {
    for (const Failure& member : group.members()) {
      setting.Observe("replica " + std::to_string(member.As<ReplicaError>()->replica));
    }
    reported = ErrorToReport(group, setting.fixed()) != nullptr;
  }
  Require(reported, "there is no error to report");
}

}  // namespace

Program GroupFirstOnly() {
  return {.name = "group_first_only",
          .essence = "a handler of a group relies on the error of one certain task",
          .source = "PEP 654",
          .body = Body,
          .cancels = true,
          .study = true};
}

}  // namespace hocket::bugs
