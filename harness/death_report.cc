#include "harness/death_report.h"

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <utility>
#include <vector>

#include "harness/report/replay_command.h"

namespace hocket::testing {

namespace {

// The report must run no code of the program and take no memory, so all of it but the numbers is made before.
struct DyingWords {
  std::string before;   // the number of the execution
  std::string between;  // that and how many there are from it on
  std::string after;
  std::uint64_t end = 0;  // of the executions
  bool has_numbers = false;
};
DyingWords& Words() {
  static auto* words = new DyingWords;
  return *words;
}
std::atomic<std::uint64_t> current_execution{0};

void SayHowToDieAgain() noexcept {
  std::fprintf(stderr, "replay: %s", Words().before.c_str());
  if (Words().has_numbers) {
    const std::uint64_t index = current_execution.load();
    std::fprintf(stderr, "%llu%s%llu", static_cast<unsigned long long>(index), Words().between.c_str(),
                 static_cast<unsigned long long>(Words().end - index));
  }
  std::fprintf(stderr, "%s\n", Words().after.c_str());
}

std::string Command(const std::string& test, const Settings& settings, const std::string& index,
                    const std::string& count) {
  std::vector<std::pair<std::string, std::string>> variables = {
      {"HOCKET_SEED", std::to_string(settings.seed)}, {"HOCKET_FIRST_EXECUTION", index}, {"HOCKET_EXECUTIONS", count}};
  if (!settings.strategy.empty()) variables.emplace_back("HOCKET_STRATEGY", settings.strategy);
  return ReplayCommand(test, std::move(variables));
}

}  // namespace

std::string ExecutionCommand(const std::string& test, const Settings& settings, std::uint64_t index) {
  const std::uint64_t end = settings.first_execution + settings.executions;
  return Command(test, settings, std::to_string(index), std::to_string(end - index));
}

DeathReport::DeathReport(const std::string& test, const Settings& settings) {
  const std::string index = "<index>";
  const std::string count = "<count>";
  const std::string command = Command(test, settings, index, count);
  const std::size_t index_at = command.find(index);
  const std::size_t count_at = command.find(count);
  const std::size_t after_index = index_at + index.size();
  Words() = {command.substr(0, index_at), command.substr(after_index, count_at - after_index),
             command.substr(count_at + count.size()), settings.first_execution + settings.executions, true};
  previous_ = SetDeathNote(&SayHowToDieAgain);
}

DeathReport::DeathReport(const std::string& test, const Schedule& schedule) {
  // Without the exact form, which grows with the run.
  Words() = {ReplayCommand(test, {{"HOCKET_REPLAY", FormatTokenWithin(schedule, 0)}}), "", "", 0, false};
  previous_ = SetDeathNote(&SayHowToDieAgain);
}

DeathReport::~DeathReport() { SetDeathNote(previous_); }

void DeathReport::SetExecution(std::uint64_t index) noexcept {
  current_execution.store(index, std::memory_order_relaxed);
}

}  // namespace hocket::testing
