// How a program of the conformance language is scheduled: one integer decision for each choice among two or more tasks.
#ifndef HOCKET_TESTS_CONFORMANCE_POLICY_H_
#define HOCKET_TESTS_CONFORMANCE_POLICY_H_

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "hocket/chooser.h"

namespace hocket::conformance {

// A chooser that decides as Trio does under the oracle. In mode "free" every step is a choice among all ready tasks, in
// spawn order; in mode "batch" the order of a whole batch is drawn when the batch begins.
class Policy final : public Chooser {
 public:
  // `emit` gets the event of a choice ("run" or "batch") with the spawn numbers that stand for its tasks.
  struct Choice {
    std::vector<std::uint32_t> of;     // free: the ready tasks
    std::vector<std::uint32_t> order;  // batch: all, in their order; free: the one that runs
  };
  using Emit = std::function<void(const Choice& choice)>;

  Policy(const nlohmann::json& spec, bool batch, Emit emit);

  int decisions() const { return used_; }

  void Begin(const Executor& executor) noexcept override { executor_ = &executor; }
  void Added(AlternativeId id) noexcept override;
  void Removed(AlternativeId id, Removal why) noexcept override;
  AlternativeId Pick() noexcept override;
  std::uint32_t Draw(std::uint32_t, const char*) noexcept override { return 0; }

 private:
  struct Ready {
    std::uint32_t spawn_number;
    AlternativeId id;
  };

  std::size_t Decide(std::size_t n);
  // Decides what runs next, unless that is decided already.
  void Plan();

  const Executor* executor_ = nullptr;
  bool batch_;
  Emit emit_;
  std::string kind_;
  std::uint64_t state_;  // of splitmix64
  std::vector<std::uint64_t> picks_;
  int used_ = 0;
  std::vector<Ready> ready_;  // in spawn order
  std::vector<Ready> plan_;   // what runs next, in order
};

}  // namespace hocket::conformance

#endif  // HOCKET_TESTS_CONFORMANCE_POLICY_H_
