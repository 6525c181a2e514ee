// Progress: a line that says how an exploration goes. On a terminal it is rewritten, at most 5 times a second;
// elsewhere a new one is printed each minute.
#ifndef HOCKET_HARNESS_REPORT_PROGRESS_H_
#define HOCKET_HARNESS_REPORT_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "hocket/testing/explore.h"

namespace hocket::testing {

class Progress final : public ProgressListener {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // Where the line goes: to a terminal with so many columns, or into a log.
  struct Output {
    std::function<void(const std::string& text)> write;
    bool is_terminal = false;
    std::size_t columns = 80;
  };

  // Of an exploration with these options that begins at `begin`.
  Progress(const ExploreOptions& options, Instant begin, Output output);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // Wipes the line off the terminal.
  ~Progress() override;

  bool Due(Instant now) override;
  void Show(const Exploration& so_far, const std::string& in_turn) override;

 private:
  std::string Line(const Exploration& so_far, const std::string& in_turn) const;

  const std::string test_;
  const std::uint64_t executions_;
  const std::uint64_t total_steps_;
  const Instant end_;  // of the budget of time, or Instant::max()
  const Output output_;
  const std::chrono::nanoseconds interval_;
  Instant shown_;  // when a line was shown last, or the beginning
  Instant now_;
  std::uint64_t begun_then_ = 0;  // executions begun at `shown_`
  bool is_on_terminal_ = false;   // a line that must be wiped off
};

// On standard error.
std::unique_ptr<Progress> MakeProgress(const ExploreOptions& options);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_PROGRESS_H_
