// What holds in every trace of a conformance program, whatever model there is: structured concurrency.
#ifndef HOCKET_FUZZ_TRACE_LAWS_H_
#define HOCKET_FUZZ_TRACE_LAWS_H_

#include <nlohmann/json.hpp>
#include <string>

namespace hocket::testing {

// The first law that `trace`, of `program`, breaks, and where; empty if none. The laws:
//   * statements nest in their task, and a task ends as the last statement of its body did;
//   * every task that was spawned begins and ends, and no task outlives the nursery that it is in;
//   * a scope that has caught a cancellation was cancelled, and no cancellation leaves it together with that;
//   * what leaves a nursery is a group, and nothing leaves the program that the main task did not fail with;
//   * no two tasks are inside of one lock, and of semaphores and limiters no more than they allow;
//   * no value is received more often than it was sent;
//   * time does not run backwards.
std::string BrokenLaw(const nlohmann::json& program, const nlohmann::json& trace);

}  // namespace hocket::testing

#endif  // HOCKET_FUZZ_TRACE_LAWS_H_
