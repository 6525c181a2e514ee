#include "harness/report/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "harness/report/counts.h"
#include "harness/report/terminal.h"

namespace hocket::testing {

namespace {

constexpr std::chrono::milliseconds kTerminalInterval{200};
constexpr std::chrono::minutes kLogInterval{1};

Progress::Instant EndOf(const ExploreOptions& options, Progress::Instant begin) {
  if (options.time_budget.count() == 0 || options.time_budget >= options.deadline - begin) return options.deadline;
  return begin + options.time_budget;
}

}  // namespace

Progress::Progress(const ExploreOptions& options, Instant begin, Output output)
    : test_(options.test),
      executions_(options.executions),
      total_steps_(options.total_steps),
      end_(EndOf(options, begin)),
      output_(std::move(output)),
      interval_(output_.is_terminal ? std::chrono::nanoseconds(kTerminalInterval)
                                    : std::chrono::nanoseconds(kLogInterval)),
      shown_(begin),
      now_(begin) {}

Progress::~Progress() {
  if (is_on_terminal_) output_.write("\r\x1b[K");
}

bool Progress::Due(Instant now) {
  now_ = now;
  return now - shown_ >= interval_;
}

void Progress::Show(const Exploration& so_far, const std::string& in_turn) {
  const std::string line = Line(so_far, in_turn);
  if (output_.is_terminal) {
    // A line that wraps could not be rewritten.
    output_.write("\r" + line.substr(0, std::max<std::size_t>(output_.columns, 2) - 1) + "\x1b[K");
    is_on_terminal_ = true;
  } else {
    output_.write(line + "\n");
  }
  shown_ = now_;
  begun_then_ = so_far.executions + so_far.cut;
}

std::string Progress::Line(const Exploration& so_far, const std::string& in_turn) const {
  const std::uint64_t begun = so_far.executions + so_far.cut;
  const double seconds = std::chrono::duration<double>(now_ - shown_).count();
  const auto rate =
      seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(begun - begun_then_) / seconds) : std::uint64_t{0};
  std::string line = "hocket: " + (test_.empty() ? "" : test_ + ": ") + Thousands(begun) + " of " +
                     Count(executions_, "execution") + ", " + Thousands(rate) + "/s, " + Thousands(so_far.distinct) +
                     " distinct, " + in_turn;
  if (so_far.coverage && so_far.coverage->explored > 0) {
    line += ", about " + Percent(so_far.coverage->explored) + " of the " + so_far.coverage->what;
  }
  line += "; left: " + Count(total_steps_ - std::min(total_steps_, so_far.steps), "step");
  if (end_ != Instant::max()) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(std::max(end_, now_) - now_).count();
    line += ", " + Thousands(static_cast<std::uint64_t>(left)) + " s";
  }
  return line;
}

std::unique_ptr<Progress> MakeProgress(const ExploreOptions& options) {
  Progress::Output output;
  output.write = [](const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  };
  if (const std::optional<std::size_t> columns = TerminalColumns(STDERR_FILENO)) {
    output.is_terminal = true;
    output.columns = *columns;
  }
  return std::make_unique<Progress>(options, std::chrono::steady_clock::now(), std::move(output));
}

}  // namespace hocket::testing
