// Monitor: what must come to rest, under every fair schedule.
//
//     HOCKET_TEST(Server, AnswersEachRequest) {
//       Monitor answered("each request is answered");
//       ...
//       answered.Hot("request 7");   // something is owed
//       ...
//       answered.Cold();             // nothing is
//
// The execution fails, as "liveness", if it ends while the monitor is hot, or if the monitor stays hot for all of the
// fair steps at the end of an execution that does not end (or for DetectorOptions::hot_steps of them). A deadlock stays
// a deadlock, and its report names the hot monitors. An execution that fails otherwise is not judged.
//
// What cannot happen: a failure because of an unfair schedule, since before the fair steps a monitor may be hot for as
// long as it wants; a failure because the Monitor itself is destroyed, since it is judged when everything has ended:
// what the test's body owes when it returns may still be paid by a task. Outside of explored executions it does
// nothing.
//
// Threads: the run's. Lifetime: of the run in which it was made.
#ifndef HOCKET_TESTING_MONITOR_H_
#define HOCKET_TESTING_MONITOR_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace hocket::testing {

class Monitor {
 public:
  // `name` says what must become true again: the failure's identity. REQUIRES: called inside a run.
  explicit Monitor(std::string name);
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // Something is owed, `state` says what. While the monitor is hot, only changes what the report says.
  void Hot(std::string state = {});
  void Cold();

 private:
  std::size_t place_;  // on the board of the execution
};

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_MONITOR_H_
