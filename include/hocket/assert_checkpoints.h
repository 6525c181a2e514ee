// AssertCheckpoints and AssertNoCheckpoints: tests of the promise "this is always a checkpoint" (or never one).
//
//     co_await AssertCheckpoints([&] { return cache.Get("key"); });    // also when the key is cached
//     co_await AssertNoCheckpoints([&] { return cache.Forget("key"); });
//
// Threads: the run's.
#ifndef HOCKET_ASSERT_CHECKPOINTS_H_
#define HOCKET_ASSERT_CHECKPOINTS_H_

#include <cstdint>
#include <utility>

#include "hocket/capture.h"
#include "hocket/failure.h"
#include "hocket/task.h"

namespace hocket {

namespace internal {

// How many of each the current task has come to.
struct CheckpointCount {
  std::uint32_t schedule_points;
  std::uint32_t cancel_points;
};
CheckpointCount CountCheckpoints();
void CheckSomeSince(const CheckpointCount& before);
void CheckNoneSince(const CheckpointCount& before, const Failure& failure);

}  // namespace internal

// Runs `body`, a callable that returns a Task, and gives its value. Throws MisuseError if the body ended with a value
// without having come to both a schedule point and a cancel point.
template <class Body>
auto AssertCheckpoints(Body body) -> decltype(body()) {
  const internal::CheckpointCount before = internal::CountCheckpoints();
  auto outcome = co_await internal::CaptureCall([&] { return body(); });
  if (outcome.has_value()) internal::CheckSomeSince(before);
  co_return co_await Resolve(std::move(outcome));
}

// The opposite: throws MisuseError if the body has come to either, however it ended.
template <class Body>
auto AssertNoCheckpoints(Body body) -> decltype(body()) {
  const internal::CheckpointCount before = internal::CountCheckpoints();
  auto outcome = co_await internal::CaptureCall([&] { return body(); });
  internal::CheckNoneSince(before, outcome.failure());
  co_return co_await Resolve(std::move(outcome));
}

}  // namespace hocket

#endif  // HOCKET_ASSERT_CHECKPOINTS_H_
