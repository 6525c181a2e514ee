// State machines: commands on an object and on a model of it, run by several tasks at once, and judged by whether what
// they gave fits the model in some order.
//
//     struct AccountModel {
//       int balance = 0;
//       auto operator<=>(const AccountModel&) const = default;
//     };
//
//     class Withdraw : public Command<AccountModel, Account, bool> {
//      public:
//       bool Apply(AccountModel& model) const override {  // what it does to the model and should give
//         if (model.balance < amount_) return false;
//         model.balance -= amount_;
//         return true;
//       }
//       Task<bool> Run(Account& account) const override { return account.Withdraw(amount_); }
//       void show(std::ostream& out) const override { out << "Withdraw(" << amount_ << ")"; }
//
//      private:
//       const int amount_ = *rc::gen::inRange(1, 10);
//     };
//
//     HOCKET_PROPERTY_FROM(Account, IsLinearizable,
//                          (CommandsFor(AccountModel(), rc::state::gen::execOneOfWithArgs<Deposit, Withdraw>())),
//                          CommandLists<AccountModel, Account> commands) {
//       Account account;
//       co_await RunCommands(commands, account);
//     }
//
// Commands are RapidCheck's (rc::state), with Run as a coroutine and with a result: `checkPreconditions` and `show` are
// as there, and generators that take the model's state make them. A sequence that is valid for one task is dealt out to
// the tasks, so that at least one order of it satisfies all preconditions; while tasks run at once, a precondition says
// when in the order the command may take effect. With one task the commands run one after the other.
//
// A failure is shrunk in commands, in who runs them, and in schedule: RapidCheck drops commands and repairs what
// follows, commands move to the first task, and schedules shrink as ever.
//
// The model is judged as in linearizability.h. What waits for good is a deadlock, and fails as such: let commands that
// may wait be cut off (CommandOptions), or not wait.
//
// What cannot happen: a command that runs while its list's one before it still does; a command list for which no order
// is valid.
//
// Threads: the run's. Needs //:testing_rapidcheck.
#ifndef HOCKET_TESTING_STATE_MACHINE_H_
#define HOCKET_TESTING_STATE_MACHINE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "hocket/testing/property.h"
// RapidCheck's state machines, after what they print with.
#include <rapidcheck/state.h>

#include "hocket/cancel_scope.h"
#include "hocket/nursery.h"
#include "hocket/task.h"
#include "hocket/testing/cancellation.h"
#include "hocket/testing/linearizability.h"

namespace hocket::testing {

namespace internal {

// A model as the specification of a history: any operation applies itself. REQUIRES: a class with operator<.
template <class Model>
struct ModelSpec : Model {
  template <class Op>
  auto Apply(const Op& op) {
    return op.ApplyTo(*this);
  }
};

}  // namespace internal

// A command whatever it gives: what generators make.
template <class ModelT, class SutT>
class AnyCommand : public rc::state::Command<ModelT, SutT> {
 public:
  using CommandType = AnyCommand;

  // Runs the command as a call of `history`. The command outlives the history.
  virtual Task<> RunRecorded(SutT& sut, History<internal::ModelSpec<ModelT>>& history,
                             Interrupted interrupted) const = 0;
};

// A command that gives a Result, of which there is operator==. Made anew for each input; immutable.
template <class ModelT, class SutT, class Result = void>
class Command : public AnyCommand<ModelT, SutT> {
 public:
  // Does to the model what the command does, and gives what it should give. Called where checkPreconditions holds.
  virtual Result Apply(ModelT& model) const = 0;
  virtual Task<Result> Run(SutT& sut) const = 0;

  void apply(ModelT& model) const final { static_cast<void>(Apply(model)); }
  Task<> RunRecorded(SutT& sut, History<internal::ModelSpec<ModelT>>& history, Interrupted interrupted) const final {
    if constexpr (std::is_void_v<Result>) {
      co_await history.Call(Op{this}, [&] { return Run(sut); }, interrupted);
    } else {
      static_cast<void>(co_await history.Call(Op{this}, [&] { return Run(sut); }, interrupted));
    }
  }

 private:
  struct Op {
    const Command* command;

    std::string ToString() const {
      std::ostringstream text;
      command->show(text);
      return text.str();
    }
    auto ApplyTo(ModelT& model) const {
      const bool is_valid = rc::state::isValidCommand(*command, model);
      if constexpr (std::is_void_v<Result>) {
        if (is_valid) command->Apply(model);
        return is_valid;
      } else {
        return is_valid ? std::optional<Result>(command->Apply(model)) : std::nullopt;
      }
    }
  };
};

struct CommandOptions {
  std::size_t tasks = 2;
  // Whether commands may have a timeout of a millisecond, or be cancelled at any time: each as drawn.
  bool timeouts = false;
  bool cancellations = false;
  // What that means for their effect.
  Interrupted interrupted = Interrupted::kMaybe;
};

// How a command is run.
enum class CommandEnding : std::uint8_t {
  kOwn,        // for as long as it takes
  kTimeout,    // for a millisecond at most
  kCancelled,  // until it is cancelled, if the schedule wants it
};

// One list of commands for each task.
template <class Model, class Sut>
struct CommandLists {
  struct Step {
    std::shared_ptr<const AnyCommand<Model, Sut>> command;
    std::size_t task = 0;
    CommandEnding ending = CommandEnding::kOwn;
  };

  Model initial;
  Interrupted interrupted = Interrupted::kMaybe;
  std::vector<Step> steps;  // in the order in which they are valid one after the other
};

// The lists for people: "task 0: Push(1), Pop | task 1: Pop (may time out)".
template <class Model, class Sut>
void showValue(const CommandLists<Model, Sut>& lists, std::ostream& out) {
  std::size_t tasks = 0;
  for (const auto& step : lists.steps) tasks = std::max(tasks, step.task + 1);
  for (std::size_t task = 0; task < tasks; ++task) {
    out << (task == 0 ? "" : " | ") << "task " << task << ":";
    const char* separator = " ";
    for (const auto& step : lists.steps) {
      if (step.task != task) continue;
      out << std::exchange(separator, ", ");
      step.command->show(out);
      if (step.ending == CommandEnding::kTimeout) out << " (may time out)";
      if (step.ending == CommandEnding::kCancelled) out << " (may be cancelled)";
    }
  }
}

// What holds besides the order: checked by RunCommands.
template <class Model, class Sut>
struct CommandChecks {
  // Called after each command, while others may be under way. EXPECT_* and RC_ASSERT may stand in it.
  std::function<void(const Sut&)> invariant;
  // Run one after the other when all lists have been: what the model says about the end.
  std::vector<std::shared_ptr<const AnyCommand<Model, Sut>>> finally;
};

namespace internal {

// A command with its place, as RapidCheck's sequences hold it.
template <class Model, class Sut>
class PlacedCommand final : public rc::state::Command<Model, Sut> {
 public:
  using CommandType = PlacedCommand;
  using Step = typename CommandLists<Model, Sut>::Step;

  explicit PlacedCommand(Step step) : step_(std::move(step)) {}
  const Step& step() const { return step_; }

  void checkPreconditions(const Model& model) const override { step_.command->checkPreconditions(model); }
  void apply(Model& model) const override { step_.command->apply(model); }
  void show(std::ostream& out) const override { step_.command->show(out); }

 private:
  Step step_;
};

inline std::vector<CommandEnding> EndingsFor(const CommandOptions& options) {
  std::vector<CommandEnding> endings = {CommandEnding::kOwn};
  if (options.timeouts) endings.push_back(CommandEnding::kTimeout);
  if (options.cancellations) endings.push_back(CommandEnding::kCancelled);
  return endings;
}

template <class Model, class Sut>
Task<> RunStep(const typename CommandLists<Model, Sut>::Step& step, Sut& sut, History<ModelSpec<Model>>& history,
               Interrupted interrupted) {
  const auto run = [&] { return step.command->RunRecorded(sut, history, interrupted); };
  switch (step.ending) {
    case CommandEnding::kOwn:
      co_await run();
      break;
    case CommandEnding::kTimeout:
      co_await MoveOnAfter(std::chrono::milliseconds(1), run);
      break;
    case CommandEnding::kCancelled:
      co_await CancelAnywhere(run);
      break;
  }
}

// One of the numbers below `n`, each as likely as the others whatever the size, and 0 the smallest.
inline rc::Gen<std::size_t> Below(std::size_t n) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, n));
}

}  // namespace internal

// Generates command lists for a model that begins as `initial`. `commands`: a callable that gives a generator of
// commands for a state of the model, as for rc::state::check.
template <class Model, class Commands>
auto CommandsFor(Model initial, Commands commands, CommandOptions options = {}) {
  using AnyPointer = typename std::decay_t<decltype(commands(initial))>::ValueType;
  using Sut = typename AnyPointer::element_type::Sut;
  using Placed = internal::PlacedCommand<Model, Sut>;
  using PlacedPointer = std::shared_ptr<const Placed>;
  using Lists = CommandLists<Model, Sut>;
  HOCKET_CHECK(options.tasks >= 1) << "somebody must run the commands";
  const auto place = [commands, options](const Model& model) {
    const std::vector<CommandEnding> endings = internal::EndingsFor(options);
    return rc::gen::map(
        rc::gen::tuple(commands(model), internal::Below(options.tasks), internal::Below(endings.size())),
        [endings](const std::tuple<AnyPointer, std::size_t, std::size_t>& drawn) -> PlacedPointer {
          return std::make_shared<const Placed>(
              typename Lists::Step{std::get<0>(drawn), std::get<1>(drawn), endings[std::get<2>(drawn)]});
        });
  };
  return rc::gen::map(rc::state::gen::commands(initial, place),
                      [initial, options](const std::vector<PlacedPointer>& sequence) {
                        Lists lists{initial, options.interrupted, {}};
                        for (const PlacedPointer& placed : sequence) lists.steps.push_back(placed->step());
                        return lists;
                      });
}

// Runs the lists, each in a task of its own, and expects an order of all commands in which they give what the model
// does.
template <class Model, class Sut>
Task<> RunCommands(const CommandLists<Model, Sut>& lists, Sut& sut, const CommandChecks<Model, Sut>& checks) {
  History<internal::ModelSpec<Model>> commands(internal::ModelSpec<Model>{lists.initial});
  const auto check = [&] {
    if (checks.invariant) checks.invariant(sut);
  };
  std::size_t tasks = 0;
  for (const auto& step : lists.steps) tasks = std::max(tasks, step.task + 1);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (std::size_t task = 0; task < tasks; ++task) {
      nursery.StartSoon([&, task]() -> Task<> {
        for (const auto& step : lists.steps) {
          if (step.task != task) continue;
          co_await internal::RunStep<Model, Sut>(step, sut, commands, lists.interrupted);
          check();
        }
      });
    }
    co_return;
  });
  for (const auto& command : checks.finally) {
    co_await command->RunRecorded(sut, commands, lists.interrupted);
    check();
  }
  EXPECT_LINEARIZABLE(commands);
}

template <class Model, class Sut>
Task<> RunCommands(const CommandLists<Model, Sut>& lists, Sut& sut) {
  const CommandChecks<Model, Sut> none;
  co_await RunCommands(lists, sut, none);
}

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_STATE_MACHINE_H_
