// Workers: runs the executions of an exploration in processes forked from this one.
//
// What an execution does is a function of the seed, its index and the executions that its strategy learns from, so it
// does not matter who runs it. The executions that are learnt from (Strategy::ProfileExecutions) are run by every
// worker; those of a search (Strategy::InSearch), which follow from each other, by worker 0 alone; of the others each
// worker claims a block at a time, so that whoever is slow claims less. Every worker goes upwards. It leaves a tally of
// each execution in a ring in memory that all processes share, so that what it has done outlives it, and sends what is
// larger, a failing execution or the coverage of the search, through a pipe.
//
// The tallies are given out in the order of their indexes, so that whatever is made of them is the same for any number
// of workers. A worker that dies is the failure of the execution that it was in.
//
// What cannot happen: a worker that blocks for ever (each goes upwards, so the execution that is waited for is at the
// front of its worker's ring, or that ring has room); a worker that outlives this object or its process.
//
// Threads: the thread that made it. Lifetime: body and options outlive it.
#ifndef HOCKET_HARNESS_WORKERS_H_
#define HOCKET_HARNESS_WORKERS_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/execution_source.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

struct SharedTallies;

class Workers final : public ExecutionSource {
 public:
  // Forks options.jobs workers. REQUIRES: options.strategy.
  Workers(const Body& body, const ExploreOptions& options);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() override;

  std::optional<Tally> Next(std::chrono::steady_clock::time_point until) override;
  Finding TakeFinding() override;
  std::string InTurn() const override;
  std::optional<Coverage> Covered() const override;
  std::optional<Coverage> End() override;

 private:
  struct Worker {
    pid_t pid = 0;
    int pipe = -1;              // to read from; -1 when the process has ended
    std::string message;        // what has come through it
    std::string death;          // how the process ended, if it did before its work was done
    std::uint64_t read = 0;     // tallies that have been taken out of its ring
    std::uint64_t written = 0;  // and put in, when it was looked at last
  };

  // The tally of the execution that is waited for, if it has come.
  std::optional<Tally> TakeTally();
  // The same for a worker that died in it.
  std::optional<Tally> TakeCrash();
  // Waits a moment, or until a worker sends something or ends.
  void Listen();
  void Reap(std::size_t worker);
  // The last message of this kind that the worker has sent whole.
  std::optional<std::string> MessageFrom(std::size_t worker, char kind) const;

  SharedTallies* shared_ = nullptr;
  std::vector<Worker> workers_;
  std::size_t last_ = 0;  // who ran the last execution that was given out
  std::uint64_t next_;    // the index of the one that is waited for
  std::optional<Finding> crash_;
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_WORKERS_H_
