#include "harness/death_report.h"

#include <atomic>
#include <cstddef>
#include <cstdio>

#include "harness/report/replay_command.h"

namespace hocket::testing {

namespace {

// The report must run no code of the program and take no memory, so all of it but the number of the execution is made
// before.
struct DyingWords {
  std::string before;  // the number
  std::string after;
  bool has_number = false;
};
DyingWords& Words() {
  static auto* words = new DyingWords;
  return *words;
}
std::atomic<std::uint64_t> current_execution{0};

void SayHowToDieAgain() noexcept {
  std::fprintf(stderr, "replay: %s", Words().before.c_str());
  if (Words().has_number) std::fprintf(stderr, "%llu", static_cast<unsigned long long>(current_execution.load()));
  std::fprintf(stderr, "%s\n", Words().after.c_str());
}

}  // namespace

DeathReport::DeathReport(const std::string& test, std::uint64_t seed) {
  const std::string number = "<n>";
  const std::string command = ReplayCommand(
      test, {{"HOCKET_SEED", std::to_string(seed)}, {"HOCKET_FIRST_EXECUTION", number}, {"HOCKET_EXECUTIONS", "1"}});
  const std::size_t place = command.find(number);
  Words() = {command.substr(0, place), command.substr(place + number.size()), true};
  previous_ = SetDeathNote(&SayHowToDieAgain);
}

DeathReport::DeathReport(const std::string& test, const Schedule& schedule) {
  // Without the exact form, which grows with the run.
  Words() = {ReplayCommand(test, {{"HOCKET_REPLAY", FormatTokenWithin(schedule, 0)}}), "", false};
  previous_ = SetDeathNote(&SayHowToDieAgain);
}

DeathReport::~DeathReport() { SetDeathNote(previous_); }

void DeathReport::SetExecution(std::uint64_t index) noexcept {
  current_execution.store(index, std::memory_order_relaxed);
}

}  // namespace hocket::testing
