#include "hocket/except.h"

namespace hocket::internal {

std::pair<Failure, Failure> SplitFailure(const Failure& failure, const ExceptHandler& handler) {
  if (!failure) return {};
  if (failure.is_group()) {
    return failure.group().Split([&handler](const Failure& leaf) { return handler.Matches(leaf); });
  }
  return handler.Matches(failure) ? std::pair(failure, Failure()) : std::pair(Failure(), failure);
}

Failure JoinFailures(std::vector<Failure> of_handlers, Failure rest) {
  if (of_handlers.empty()) return rest;
  if (rest) of_handlers.push_back(std::move(rest));
  if (of_handlers.size() == 1) return std::move(of_handlers.front());
  return Failure::FromGroup(ExceptionGroup("Exceptions while handling exceptions", std::move(of_handlers)));
}

}  // namespace hocket::internal
