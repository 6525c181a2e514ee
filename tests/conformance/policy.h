// How a program of the conformance language is scheduled: one integer decision for each choice among two or more tasks.
#ifndef HOCKET_TESTS_CONFORMANCE_POLICY_H_
#define HOCKET_TESTS_CONFORMANCE_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "hocket/chooser.h"

namespace hocket::conformance {

// A chooser that decides as the program's "sched" says. In mode "free" every step is a choice among all ready tasks, in
// spawn order; in mode "batch" the order of a whole batch is drawn when the batch begins.
class Policy final : public Chooser {
 public:
  // Tasks by spawn number.
  struct Choice {
    std::vector<std::uint32_t> of;     // all that were ready
    std::vector<std::uint32_t> order;  // batch: the same in the order in which they run; free: the one that runs
  };
  // Is told of each choice before its first task runs.
  using Listener = std::function<void(const Choice& choice)>;

  // REQUIRES: `sched` is well-formed.
  Policy(const nlohmann::json& sched, bool batch, Listener listener);

  // How many decisions there were.
  std::size_t decisions() const { return decisions_; }

  void Begin(const Executor& executor) noexcept override { executor_ = &executor; }
  void Added(AlternativeId id) noexcept override;
  void Removed(AlternativeId id, Removal why) noexcept override;
  AlternativeId Pick() noexcept override;
  std::uint32_t Draw(std::uint32_t, const char*, DrawKind) noexcept override { return 0; }

 private:
  struct Ready {
    std::uint32_t spawn_number;
    AlternativeId id;
  };

  // One of n.
  std::size_t Decide(std::size_t n);
  // Decides what runs next, unless that is decided already.
  void Plan();

  bool batch_;
  Listener listener_;
  std::string kind_;
  std::uint64_t state_;               // of the random numbers, for "seed"
  std::vector<std::uint64_t> picks_;  // for "list"
  std::size_t decisions_ = 0;

  const Executor* executor_ = nullptr;
  std::vector<Ready> ready_;  // in spawn order
  std::vector<Ready> plan_;   // what runs next, in order
};

}  // namespace hocket::conformance

#endif  // HOCKET_TESTS_CONFORMANCE_POLICY_H_
