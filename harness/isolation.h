// Isolation: runs an execution in a process forked for it alone, while who decides and who listens stay in this one.
//
// The idea: the forked process runs the program with a chooser and an observer that pass every call on, so a strategy
// that learns or searches goes on from execution to execution, while the program never sees what an earlier execution
// did to its globals. If the process dies, all calls up to then have come, so a crash is described, shrunk and replayed
// like any other failure.
//
// The calls go through memory that both processes share, which outlives a crash. Only those that need an answer (Begin,
// Pick, Draw) wait for it, through a socket. What a chooser may ask about the run (Executor) is sent along with the
// calls, so that nothing goes the other way.
//
// Left out: what the program records with GoogleTest (RecordProperty) stays in its process.
//
// Test: tests/isolation_test.cc.
#ifndef HOCKET_HARNESS_ISOLATION_H_
#define HOCKET_HARNESS_ISOLATION_H_

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "hocket/chooser.h"
#include "hocket/observer.h"

namespace hocket::testing {

struct Record;
struct SharedCalls;

class Isolation {
 public:
  Isolation();
  Isolation(const Isolation&) = delete;
  Isolation& operator=(const Isolation&) = delete;
  ~Isolation();

  // Calls `run` in a forked process, with a chooser and (if there is one) an observer that stand for those given, and
  // completes `record`, in which `run` there has filled in all but the decisions. A process that dies, never yields for
  // longer than the hang watch allows, or takes more than the memory watch allows, is a failure of the execution.
  // `silent`: what the process writes is not shown.
  void Run(Chooser& chooser, Observer* observer, bool silent,
           const std::function<void(Chooser& chooser, Observer* observer, Record& record)>& run, Record& record);

 private:
  SharedCalls* const calls_;
  std::set<std::string> words_;  // that were sent: a chooser may keep their addresses
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_ISOLATION_H_
