#include "harness/death_report.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "harness/decisions.h"
#include "harness/outputs.h"
#include "harness/report/replay_command.h"

// Every sanitizer has it.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace hocket::testing {

namespace {

// Longer tokens are left to the file: shells and terminals have limits.
constexpr std::size_t kMaxTokenChars = 8000;

// A text with two gaps.
struct Frame {
  std::string before;
  std::string between;
  std::string after;
};

Frame Cut(const std::string& text, const std::string& first, const std::string& second) {
  const std::size_t first_at = text.find(first);
  const std::size_t second_at = text.find(second);
  const std::size_t after_first = first_at + first.size();
  return {text.substr(0, first_at), text.substr(after_first, second_at - after_first),
          text.substr(second_at + second.size())};
}

// All that is said, but the numbers.
struct DyingWords {
  std::string test;
  std::string fixed;  // the whole command, of a replay
  Frame by_index;     // the command with the index of the execution and how many there are from it on
  Frame by_decisions;
  Frame file;  // the schedule file
  std::string path;
  std::uint64_t end = 0;  // of the executions
};
DyingWords& Words() {
  static auto* words = new DyingWords;
  return *words;
}

std::atomic<std::uint64_t> current_execution{0};
std::atomic<bool> armed{false};
std::atomic<bool> said{false};
std::atomic<pid_t> speaker{0};

// Writes to a file, by way of a small buffer.
class Out {
 public:
  explicit Out(int file) noexcept : file_(file) {}
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;
  ~Out() { Flush(); }

  void Put(const char* text, std::size_t size) noexcept {
    if (size > buffer_.size() - used_) Flush();
    if (size > buffer_.size()) return Write(text, size);
    std::memcpy(buffer_.data() + used_, text, size);
    used_ += size;
  }
  void Put(const char* text) noexcept { Put(text, std::strlen(text)); }
  void Put(const std::string& text) noexcept { Put(text.data(), text.size()); }
  void Put(std::uint64_t number) noexcept {
    std::array<char, 20> digits{};
    std::size_t begin = digits.size();
    do {
      digits[--begin] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number > 0);
    Put(digits.data() + begin, digits.size() - begin);
  }

 private:
  void Flush() noexcept {
    Write(buffer_.data(), used_);
    used_ = 0;
  }
  void Write(const char* text, std::size_t size) const noexcept {
    while (size > 0) {
      const ssize_t n = write(file_, text, size);
      if (n <= 0) return;
      text += n;
      size -= static_cast<std::size_t>(n);
    }
  }

  const int file_;
  std::size_t used_ = 0;
  std::array<char, 512> buffer_{};
};

void PutRuns(const std::vector<std::uint32_t>& numbers, void (*put)(void*, const char*, std::size_t),
             void* to) noexcept {
  FormatRuns(numbers.data(), numbers.size(), put, to);
}

std::size_t CharsOf(const std::vector<std::uint32_t>& numbers) noexcept {
  std::size_t chars = 0;
  PutRuns(numbers, [](void* to, const char*, std::size_t size) { *static_cast<std::size_t*>(to) += size; }, &chars);
  return chars;
}

void PutInto(void* out, const char* text, std::size_t size) noexcept { static_cast<Out*>(out)->Put(text, size); }

void PutFrame(Out& out, const Frame& frame, const DecisionLog& decisions) noexcept {
  out.Put(frame.before);
  PutRuns(decisions.picks, &PutInto, &out);
  out.Put(frame.between);
  PutRuns(decisions.draws, &PutInto, &out);
  out.Put(frame.after);
}

bool FitsIntoAToken(const DecisionLog& decisions) noexcept {
  return CharsOf(decisions.picks) + CharsOf(decisions.draws) <= kMaxTokenChars;
}

// Says it once, in the process whose affair it is.
void Say(const char* how) noexcept {
  if (!armed.load() || getpid() != speaker.load() || said.exchange(true)) return;
  const DyingWords& words = Words();
  const DecisionLog* decisions = DeathReport::decisions();
  Out out(STDERR_FILENO);
  out.Put("hocket: ");
  out.Put(how);
  out.Put(words.fixed.empty() ? " in execution " : " in a replay");
  if (words.fixed.empty()) out.Put(current_execution.load());
  out.Put(" of ");
  out.Put(words.test);
  out.Put("\nreplay: ");
  if (!words.fixed.empty()) {
    out.Put(words.fixed);
  } else if (decisions != nullptr && FitsIntoAToken(*decisions)) {
    PutFrame(out, words.by_decisions, *decisions);
  } else {
    const std::uint64_t index = current_execution.load();
    out.Put(words.by_index.before);
    out.Put(index);
    out.Put(words.by_index.between);
    out.Put(words.end - index);
    out.Put(words.by_index.after);
  }
  out.Put("\n");
  if (decisions == nullptr || words.path.empty()) return;
  const int file = open(words.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return;
  {
    Out schedule(file);
    PutFrame(schedule, words.file, *decisions);
  }
  close(file);
}

void SayCheck() noexcept { Say("a failed check"); }
void SaySanitizer() noexcept { Say("a sanitizer ended the process"); }

// Leaving in the middle of an execution must not pass for success.
void SayExit(int status, void*) noexcept {
  if (!armed.load() || getpid() != speaker.load() || DeathReport::decisions() == nullptr) return;
  Say("exit");
  std::fflush(nullptr);
  _exit(status == 0 ? EXIT_FAILURE : status);
}
void SayQuickExit() noexcept {
  if (DeathReport::decisions() != nullptr) Say("quick_exit");
}

struct DeadlySignal {
  int number;
  const char* how;
};
constexpr std::array<DeadlySignal, 8> kSignals = {{{SIGSEGV, "SIGSEGV"},
                                                   {SIGBUS, "SIGBUS"},
                                                   {SIGFPE, "SIGFPE"},
                                                   {SIGILL, "SIGILL"},
                                                   {SIGTRAP, "SIGTRAP"},
                                                   {SIGSYS, "SIGSYS"},
                                                   {SIGABRT, "SIGABRT"},
                                                   {SIGTERM, "SIGTERM"}}};
std::array<bool, kSignals.size()> is_ours{};

// A stack of its own, for the one that explores may have overflowed.
alignas(16) std::array<char, 65536> signal_stack;
bool has_signal_stack = false;

void OnSignal(int number) noexcept {
  for (const DeadlySignal& signal : kSignals) {
    if (signal.number == number) Say(signal.how);
  }
  // It comes again when this returns, and then ends the process.
  std::signal(number, SIG_DFL);
  raise(number);
}

void TakeSignals() noexcept {
  stack_t stack{};
  has_signal_stack = sigaltstack(nullptr, &stack) == 0 && (stack.ss_flags & SS_DISABLE) != 0;
  if (has_signal_stack) {
    stack = {};
    stack.ss_sp = signal_stack.data();
    stack.ss_size = signal_stack.size();
    sigaltstack(&stack, nullptr);
  }
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction now{};
    is_ours[i] = sigaction(kSignals[i].number, nullptr, &now) == 0 && now.sa_handler == SIG_DFL;
    if (!is_ours[i]) continue;
    struct sigaction ours{};
    ours.sa_handler = &OnSignal;
    ours.sa_flags = SA_ONSTACK;
    sigaction(kSignals[i].number, &ours, nullptr);
  }
}

void GiveSignalsBack() noexcept {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    if (is_ours[i]) std::signal(kSignals[i].number, SIG_DFL);
  }
  if (!has_signal_stack) return;
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  sigaltstack(&none, nullptr);
}

std::string CommandFrom(const std::string& test, const Settings& settings, const std::string& index,
                        const std::string& count) {
  std::vector<std::pair<std::string, std::string>> variables = {
      {"HOCKET_SEED", std::to_string(settings.seed)}, {"HOCKET_FIRST_EXECUTION", index}, {"HOCKET_EXECUTIONS", count}};
  if (!settings.strategy.empty()) variables.emplace_back("HOCKET_STRATEGY", settings.strategy);
  return ReplayCommand(test, std::move(variables));
}

}  // namespace

std::string ExecutionCommand(const std::string& test, const Settings& settings, std::uint64_t index) {
  const std::uint64_t end = settings.first_execution + settings.executions;
  return CommandFrom(test, settings, std::to_string(index), std::to_string(end - index));
}

DeathReport::DeathReport(const std::string& test, const Settings& settings) {
  Words() = {.test = test,
             .by_index = Cut(CommandFrom(test, settings, "@index@", "@count@"), "@index@", "@count@"),
             .end = settings.first_execution + settings.executions};
  SetInput({});
  Begin();
}

// Without the exact form, which grows with the run.
DeathReport::DeathReport(const std::string& test, const Schedule& schedule)
    : DeathReport(test, FormatTokenWithin(schedule, 0)) {}

DeathReport::DeathReport(const std::string& test, const std::string& file) {
  Words() = {.test = test, .fixed = ReplayCommand(test, {{"HOCKET_REPLAY", file}})};
  SetInput({});
  Begin();
}

void DeathReport::Begin() {
  previous_ = SetDeathNote(&SayCheck);
  // A death test that runs its program anew comes here as well, and is to die as it is told.
  if (::testing::internal::InDeathTestChild()) return;
  static const bool once = on_exit(&SayExit, nullptr) == 0 && at_quick_exit(&SayQuickExit) == 0;
  static_cast<void>(once);
  TakeSignals();
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(&SaySanitizer);
  said = false;
  speaker = getpid();
  armed = true;
}

DeathReport::~DeathReport() {
  SetDeathNote(previous_);
  if (!armed.exchange(false)) return;
  GiveSignalsBack();
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback([] {});
}

void DeathReport::SetExecution(std::uint64_t index) noexcept {
  current_execution.store(index, std::memory_order_relaxed);
}

void DeathReport::SetInput(const std::vector<std::string>& input) {
  DyingWords& words = Words();
  Schedule schedule;
  schedule.test = words.test;
  schedule.input = input;
  schedule.input.insert(schedule.input.end(), {kDecisions, "@picks@", "@draws@"});
  words.by_decisions = Cut(ReplayCommand(words.test, {{"HOCKET_REPLAY", FormatToken(schedule)}}), "@picks@", "@draws@");
  words.file = Cut(FormatScheduleFile(schedule), "@picks@", "@draws@");
  words.path = OutputPath(words.test, ".schedule");
}

std::string DeathReport::Command() {
  const DyingWords& words = Words();
  if (!words.fixed.empty()) return words.fixed;
  const DecisionLog* decisions = DeathReport::decisions();
  if (decisions == nullptr || !FitsIntoAToken(*decisions)) {
    const std::uint64_t index = current_execution.load();
    return words.by_index.before + std::to_string(index) + words.by_index.between + std::to_string(words.end - index) +
           words.by_index.after;
  }
  std::string command = words.by_decisions.before;
  const auto append = [](void* to, const char* text, std::size_t size) {
    static_cast<std::string*>(to)->append(text, size);
  };
  PutRuns(decisions->picks, append, &command);
  command += words.by_decisions.between;
  PutRuns(decisions->draws, append, &command);
  return command + words.by_decisions.after;
}

void DeathReport::SpeakAfterFork() noexcept { speaker = getpid(); }

}  // namespace hocket::testing
