// A handler for a lost connection catches the group, finds the error it knows and goes on offline. If the check of the
// data has failed in the same group, that error is dropped with it. It takes both tasks to fail, the connection first:
// otherwise the other one is cancelled. The fix: handle the errors of one type, and let the rest go on.
//
// Why PEP 654 has except*, and Trio had MultiError.catch before.
#include <stdexcept>
#include <string>

#include "tests/bugs/exception_groups/programs.h"

namespace hocket::bugs {

namespace {

class ConnectionLost : public std::runtime_error {
 public:
  ConnectionLost() : std::runtime_error("connection lost") {}
};

class Corrupted : public std::runtime_error {
 public:
  Corrupted() : std::runtime_error("checksum mismatch") {}
};

Task<> Download(Setting& setting) {
  for (int step = 0; step < 3; ++step) {
    co_await setting.Pad();
    co_await Checkpoint();
  }
  throw ConnectionLost();
}

Task<> Verify(Setting& setting) {
  co_await Shielded([&]() -> Task<> {
    co_await setting.Pad();
    co_await Checkpoint();
  });
  throw Corrupted();
}

Task<> Synchronise(Setting& setting) {
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("download"), Download, std::ref(setting));
    nursery.StartSoon(TaskName("verify"), Verify, std::ref(setting));
    co_return;
  });
}

Task<> SynchroniseOrGoOffline(Setting& setting, bool& offline) {
  if (setting.fixed()) {
    co_await Except([&] { return Synchronise(setting); },
                    On<ConnectionLost>([&](const Caught<ConnectionLost>&) -> Task<> {
                      offline = true;
                      co_return;
                    }));
    co_return;
  }
  try {
    co_await Synchronise(setting);
  } catch (const ExceptionGroup& group) {
    for (const Failure& member : group.members()) {
      if (member.As<ConnectionLost>() != nullptr) offline = true;
    }
    if (!offline) throw;
  }
}

Task<> Body(Setting& setting) {
  bool offline = false;
  bool corrupted = false;
  try {
    co_await SynchroniseOrGoOffline(setting, offline);
  } catch (const ExceptionGroup& group) {
    for (const Failure& leaf : group.Leaves()) corrupted = corrupted || leaf.As<Corrupted>() != nullptr;
  }
  setting.Observe(offline ? "offline" : "online");
  Require(corrupted, "nobody hears of the corruption");
}

}  // namespace

Program CatchSwallowsRest() {
  return {.name = "catch_swallows_rest",
          .essence = "a handler that knows one error of a group drops the others",
          .source = "PEP 654",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
