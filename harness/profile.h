// What a program does, as far as its first executions tell: how many steps which task takes, who starts whom, and which
// step touches what.
//
// A guess for strategies that sample by it, never a reason to leave something out. It learns from the executions with
// the indexes below kExecutions and from no other, so that which of the later ones a process runs, and in which order,
// makes no difference. tests/strategies/profile_test.cc
#ifndef HOCKET_HARNESS_PROFILE_H_
#define HOCKET_HARNESS_PROFILE_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "harness/task_index.h"
#include "hocket/chooser.h"

namespace hocket::testing {

class Profile {
 public:
  // One execution would show one order only, in which some have nothing to wait for. A few average that out; more would
  // be taken from the budget of those who explore little.
  static constexpr std::uint64_t kExecutions = 4;

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Task {
    std::uint32_t parent = kNone;
    std::uint32_t events = 1;       // steps that it takes, on average if it is there at all
    std::uint32_t total = 1;        // and those of the tasks that it has started, and they have, and so on
    std::uint32_t from_parent = 1;  // what its parent's total holds on its account
  };
  // A task and the number of its steps that touch an object.
  struct Share {
    std::uint32_t task = 0;
    std::uint32_t events = 0;
  };
  struct Object {
    ObjectId id = 0;
    bool changes = false;       // somebody does more than reading it
    std::uint64_t weight = 0;   // how often tasks other than the one that touches it most do so; of what is not
                                // reported, at most that of all objects together
    std::vector<Share> shares;  // in the order in which the tasks were first seen to touch it
  };
  // Stands for all that is not reported: touched by the steps that may touch anything and reported nothing.
  static constexpr std::uint32_t kUnreported = 0;

  // An execution begins. REQUIRES: those with a lower index that are learnt from have been run, in order.
  void StartExecution(std::uint64_t index);
  // Of the executions that are learnt from, as a strategy is called; without cancellations from outside.
  void Added(AlternativeId id, TaskId name, const Access& declared);
  void Removed(AlternativeId id, Removal why);
  void ForeignStep();
  void Touched(const Access& access);
  void Decided() { ++decisions_now_; }
  void End();

  // What has been learnt. REQUIRES: kExecutions executions have been run.
  std::uint64_t decisions() const { return decisions_; }  // in an execution, at most
  // The number of a task, also of one that is not known.
  std::uint32_t TaskOf(AlternativeId id, TaskId task) { return index_.Of(id, task); }
  // REQUIRES: `task` is a number that TaskOf has given in this execution.
  const Task& task(std::uint32_t task) const { return task < known_ ? tasks_[task].learnt : unknown_; }
  // How many tasks are known: those with numbers below this.
  std::uint32_t known_tasks() const { return known_; }
  const std::vector<Object>& objects() const { return objects_; }
  // The object that `random`, uniform over 64 bits, stands for, with a probability in proportion to the weights; kNone
  // if nothing is touched by two tasks.
  std::uint32_t DrawObject(std::uint64_t random) const;
  // Whether the `step`-th step of `task`, counted from 0, has touched `object`, or anything.
  bool Touches(std::uint32_t task, std::uint32_t step, std::uint32_t object) const {
    if (!Knows(task, step)) return false;
    for (std::uint32_t i = tasks_[task].first[step]; i != kNone; i = touches_[i].next) {
      if (touches_[i].object == object) return true;
    }
    return false;
  }
  bool Knows(std::uint32_t task, std::uint32_t step) const {
    return task < known_ && step < tasks_[task].first.size() && tasks_[task].first[step] != kNone;
  }

 private:
  // Long executions are learnt from up to here; what is left out is not predicted.
  static constexpr std::uint32_t kMostSteps = 1 << 14;    // of a task's
  static constexpr std::uint32_t kMostTouches = 1 << 20;  // over all
  static constexpr std::uint32_t kMostUnknown = 1 << 14;  // tasks that are remembered

  struct Learner {
    Task learnt;
    std::uint64_t steps = 0;           // over all executions
    std::uint32_t executions = 0;      // in which it was there
    std::uint32_t steps_now = 0;       // in the execution under way
    std::uint64_t last_seen = 0;       // the execution, counted from 1
    std::vector<std::uint32_t> first;  // by step: in touches_
  };
  struct Touch {
    std::uint32_t object = 0;
    std::uint32_t next = kNone;  // of the same step
  };
  void StepEnds();
  void Note(std::uint32_t object);
  void Finish();

  std::uint64_t learnt_ = 0;  // executions
  bool learns_ = false;
  std::uint64_t decisions_now_ = 0;
  std::uint64_t decisions_ = 0;

  TaskIndex index_;
  std::vector<Learner> tasks_;
  std::uint32_t known_ = 0;
  Task unknown_;
  std::vector<std::uint32_t> task_of_;  // by alternative
  std::vector<Access> declared_;        // by alternative

  std::uint32_t stepping_ = kNone;  // the task whose step is under way
  std::uint64_t steps_ = 0;         // counts them
  bool opaque_ = false;             // the step may touch anything
  bool reported_ = false;           // it has reported something that it touched

  std::vector<Object> objects_;
  std::vector<std::uint64_t> counted_;  // by object: the last step that has been counted
  absl::flat_hash_map<ObjectId, std::uint32_t> object_index_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> share_index_;  // by object and task
  std::vector<Touch> touches_;
  std::vector<std::uint64_t> sums_;  // of the objects' weights, up to and with each
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_PROFILE_H_
