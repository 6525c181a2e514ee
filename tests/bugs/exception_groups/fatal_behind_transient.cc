// Two tasks of a transaction fail, one with an error that a retry may cure, one with an error that it must not be tried
// again after. The handler decides by the first error of the group, which is the one that happened to come first. The
// fix: look at all of them.
//
// PEP 654: the order of a group's exceptions has no meaning.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "tests/bugs/exception_groups/programs.h"

namespace hocket::bugs {

namespace {

class Transient : public std::runtime_error {
 public:
  Transient() : std::runtime_error("connection reset") {}
};

class Fatal : public std::runtime_error {
 public:
  Fatal() : std::runtime_error("constraint violated") {}
};

template <class Error>
Task<> FailWith(Setting& setting) {
  co_await Shielded([&]() -> Task<> {  // a statement that runs is not interrupted
    co_await setting.Pad();
    co_await Checkpoint();
  });
  throw Error();
}

bool MayRetry(const ExceptionGroup& group, bool fixed) {
  if (!fixed) return group.members().front().As<Transient>() != nullptr;
  return std::all_of(group.members().begin(), group.members().end(),
                     [](const Failure& member) { return member.As<Transient>() != nullptr; });
}

Task<> Body(Setting& setting) {
  bool retries = false;
  try {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(TaskName("insert"), FailWith<Fatal>, std::ref(setting));
      nursery.StartSoon(TaskName("update"), FailWith<Transient>, std::ref(setting));
      co_return;
    });
  } catch (const ExceptionGroup& group) {
    for (const Failure& member : group.members()) setting.Observe(member.ToString());
    retries = MayRetry(group, setting.fixed());
  }
  Require(!retries, "it is tried again after a fatal error");
}

}  // namespace

Program FatalBehindTransient() {
  return {.name = "fatal_behind_transient",
          .essence = "a handler decides by the first error of a group",
          .source = "PEP 654",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
