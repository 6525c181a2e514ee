#include "harness/isolation.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <source_location>
#include <unordered_map>
#include <vector>

#include "harness/detectors/hang_watch.h"
#include "harness/execution.h"
#include "harness/execution_source.h"
#include "harness/memory_watch.h"
#include "harness/message.h"
#include "harness/process_death.h"
#include "hocket/check.h"
#include "hocket/internal/told_error.h"

namespace hocket::testing {

namespace {

constexpr std::size_t kCapacity = std::size_t{1} << 20;
constexpr int kPeriodMs = 10;  // between two looks at what the process takes

enum class Call : std::uint8_t {
  kWord,  // the text behind an address
  kPath,  // of an alternative
  kBegin,
  kAdded,
  kRemoved,
  kTouched,
  kPick,
  kDraw,
  kEnd,
  kRoom,  // nothing but a wait for the calls before to be taken
  kOnBegin,
  kOnEnd,
  kOnReady,
  kOnIdle,
  kOnWoken,
  kOnSpawn,
  kOnStep,
  kOnPark,
  kOnCancel,
  kOnExit,
  kOnCancelFromOutside,
  kOnJump,
  kOnDraw,
  kResult,  // the record
};

// A call, with what a chooser may ask meanwhile. Copied as it is: both processes are one program, so its constants have
// the same addresses. Words may be none of those, and are sent before they are used.
struct Message {
  Call call = Call::kRoom;
  std::uint8_t kind = 0;
  std::uint32_t id = 0;
  std::uint32_t value = 0;
  std::size_t text_size = 0;  // of the text that follows
  Time now;
  Time until;
  Standing last;
  AlternativeInfo info;
  Access access;
  const char* word = nullptr;
  std::source_location where;
  std::source_location body;
};

}  // namespace

// What the forked process has to say, since it was answered last.
struct SharedCalls {
  std::atomic<std::size_t> size{0};
  std::array<char, kCapacity> bytes;
};

namespace {

// The end of the forked process: passes all calls on.
class Caller final : public Chooser, public Observer {
 public:
  Caller(SharedCalls& calls, int socket) : calls_(calls), socket_(socket) {}

  void Begin(const Executor& executor) noexcept override {
    executor_ = &executor;
    wants_accesses_ = Ask(New(Call::kBegin)) != 0;
  }
  bool WantsAccesses() const noexcept override { return wants_accesses_; }
  void Added(AlternativeId id) noexcept override {
    const AlternativeInfo info = executor_->Describe(id);
    if (id >= owners_.size()) owners_.resize(id + 1, 0);
    if (owners_[id] != info.standing.task) {  // the handle is a new one, or that of a task that has ended before
      owners_[id] = info.standing.task;
      Message path = New(Call::kPath);
      path.id = id;
      Send(path, executor_->Path(id));
    }
    Message message = New(Call::kAdded);
    message.id = id;
    message.info = info;
    message.where = executor_->Location(id);
    SendWord(message.info.standing.operation);
    Send(message);
  }
  void Removed(AlternativeId id, Removal why) noexcept override {
    Message message = New(Call::kRemoved);
    message.id = id;
    message.kind = static_cast<std::uint8_t>(why);
    Send(message);
  }
  void Touched(const Access& access) noexcept override {
    Message message = New(Call::kTouched);
    message.access = access;
    Send(message);
  }
  AlternativeId Pick() noexcept override { return Ask(New(Call::kPick)); }
  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    SendWord(label);
    Message message = New(Call::kDraw);
    message.value = n;
    message.word = label;
    message.kind = static_cast<std::uint8_t>(kind);
    return Ask(message);
  }
  void End() noexcept override { Send(New(Call::kEnd)); }

  void OnBegin() noexcept override { Send(New(Call::kOnBegin)); }
  void OnEnd() noexcept override { Send(New(Call::kOnEnd)); }
  void OnReady(std::uint32_t task) noexcept override { Send(New(Call::kOnReady, task)); }
  void OnIdle(Time until) noexcept override {
    Message message = New(Call::kOnIdle);
    message.until = until;
    Send(message);
  }
  void OnWoken() noexcept override { Send(New(Call::kOnWoken)); }
  void OnSpawn(std::uint32_t task, const SpawnedTask& spawned) noexcept override {
    Message message = New(Call::kOnSpawn, task);
    message.info.standing.task = spawned.id();
    Send(message, spawned.Path());
  }
  void OnStep(std::uint32_t task) noexcept override { Send(New(Call::kOnStep, task)); }
  void OnPark(std::uint32_t task, const char* operation, const std::source_location& where,
              const std::source_location& body) noexcept override {
    SendWord(operation);
    Message message = New(Call::kOnPark, task);
    message.word = operation;
    message.where = where;
    message.body = body;
    Send(message);
  }
  void OnCancel(std::uint32_t task) noexcept override { Send(New(Call::kOnCancel, task)); }
  void OnExit(std::uint32_t task, const Failure& failure) noexcept override {
    Message message = New(Call::kOnExit, task);
    message.kind = failure ? 1 : 0;
    Send(message, failure ? failure.ToString() : std::string());
  }
  void OnCancelFromOutside(const std::string& path) noexcept override { Send(New(Call::kOnCancelFromOutside), path); }
  void OnJump(Time now) noexcept override {
    Message message = New(Call::kOnJump);
    message.until = now;
    Send(message);
  }
  void OnDraw(const char* label, std::uint32_t value) noexcept override {
    SendWord(label);
    Message message = New(Call::kOnDraw);
    message.word = label;
    message.value = value;
    Send(message);
  }

  void Result(const Record& record) noexcept {
    executor_ = nullptr;
    Send(New(Call::kResult), WriteFinding({.strategy = "", .record = record}));
  }

 private:
  Message New(Call call, std::uint32_t id = 0) noexcept {
    Message message;
    message.call = call;
    message.id = id;
    if (executor_ == nullptr) return message;
    message.now = executor_->now();
    message.last = executor_->LastStep();
    SendWord(message.last.operation);
    return message;
  }

  void SendWord(const char* word) noexcept {
    // An address that has been used for another word is sent again.
    std::string& sent = words_[word];
    if (sent == word && !sent.empty()) return;
    sent = word;
    Message message;
    message.call = Call::kWord;
    message.word = word;
    Send(message, sent);
  }

  void Send(Message message, const std::string& text = "") noexcept {
    message.text_size = text.size();
    const std::size_t size = sizeof message + text.size();
    HOCKET_CHECK(size + sizeof message <= kCapacity) << "a text of the run is too long to be passed on";
    if (calls_.size.load() + size + sizeof message > kCapacity) {
      Message room;
      room.call = Call::kRoom;
      Ask(room);
    }
    Append(message, text);
  }

  // There is always room for one that needs an answer.
  std::uint32_t Ask(const Message& message) noexcept {
    Append(message, "");
    const char ring = 0;
    HOCKET_CHECK(write(socket_, &ring, 1) == 1) << "the process that decides has gone";
    std::uint32_t answer = 0;
    ssize_t n = 0;
    while ((n = read(socket_, &answer, sizeof answer)) < 0 && errno == EINTR) {
    }
    HOCKET_CHECK(n == sizeof answer) << "the process that decides has gone";
    return answer;
  }

  void Append(const Message& message, const std::string& text) noexcept {
    const std::size_t begin = calls_.size.load();
    std::memcpy(calls_.bytes.data() + begin, &message, sizeof message);
    std::memcpy(calls_.bytes.data() + begin + sizeof message, text.data(), text.size());
    calls_.size.store(begin + sizeof message + text.size());
  }

  SharedCalls& calls_;
  const int socket_;
  const Executor* executor_ = nullptr;
  bool wants_accesses_ = false;
  std::vector<TaskId> owners_;  // by alternative: whose path has been sent
  std::unordered_map<const char*, std::string> words_;
};

// A task of the forked process.
class ToldTask final : public SpawnedTask {
 public:
  ToldTask(TaskId id, const std::string& path) : id_(id), path_(path) {}
  TaskId id() const noexcept override { return id_; }
  std::string Path() const override { return path_; }

 private:
  const TaskId id_;
  const std::string& path_;
};

// The end of this process: makes the calls, and answers what a chooser asks from what came with them.
class Callee final : public Executor {
 public:
  Callee(SharedCalls& calls, Chooser& chooser, Observer* observer, std::set<std::string>& words, Record& record)
      : calls_(calls), chooser_(chooser), observer_(observer), words_(words), record_(record) {}

  AlternativeInfo Describe(AlternativeId id) const noexcept override { return alternatives_[id].info; }
  std::source_location Location(AlternativeId id) const noexcept override { return alternatives_[id].where; }
  Standing LastStep() const noexcept override { return last_; }
  std::string Path(AlternativeId id) const override { return alternatives_[id].path; }
  Time now() const noexcept override { return now_; }

  // Makes the calls that have come. The answer to the last one, if it needs one.
  std::optional<std::uint32_t> TakeCalls() {
    std::optional<std::uint32_t> answer;
    const std::size_t size = calls_.size.load();
    for (std::size_t at = 0; at < size;) {
      Message message;
      std::memcpy(&message, calls_.bytes.data() + at, sizeof message);
      at += sizeof message;
      const std::string text(calls_.bytes.data() + at, message.text_size);
      at += message.text_size;
      answer = Take(message, text);
    }
    calls_.size.store(0);
    return answer;
  }

  // The process has ended, and makes no more calls.
  void Close() {
    if (begun_ && !ended_) chooser_.End();
  }
  bool has_result() const { return has_result_; }

 private:
  struct Alternative {
    AlternativeInfo info;
    std::source_location where;
    std::string path;
  };

  const char* Word(const char* address) const {
    const auto found = addresses_.find(address);
    return found == addresses_.end() ? "" : found->second;
  }
  Standing Here(Standing standing) const { return {standing.task, Word(standing.operation)}; }

  Alternative& At(AlternativeId id) {
    if (id >= alternatives_.size()) alternatives_.resize(id + 1);
    return alternatives_[id];
  }

  std::optional<std::uint32_t> Take(const Message& message, const std::string& text) {
    if (message.call == Call::kWord) {
      addresses_[message.word] = words_.insert(text).first->c_str();
      return std::nullopt;
    }
    now_ = message.now;
    last_ = Here(message.last);
    switch (message.call) {
      case Call::kPath:
        At(message.id).path = text;
        break;
      case Call::kBegin:
        begun_ = true;
        chooser_.Begin(*this);
        return chooser_.WantsAccesses() ? 1 : 0;
      case Call::kAdded:
        At(message.id).info = message.info;
        At(message.id).info.standing = Here(message.info.standing);
        At(message.id).where = message.where;
        chooser_.Added(message.id);
        break;
      case Call::kRemoved:
        record_.steps += static_cast<Removal>(message.kind) == Removal::kPicked ? 1 : 0;
        chooser_.Removed(message.id, static_cast<Removal>(message.kind));
        break;
      case Call::kTouched:
        chooser_.Touched(message.access);
        break;
      case Call::kPick: {
        const AlternativeId id = chooser_.Pick();
        if (id != kStopRun) record_.picks.push_back(id);
        return id;
      }
      case Call::kDraw:
        record_.draws.push_back(chooser_.Draw(message.value, Word(message.word), static_cast<DrawKind>(message.kind)));
        return record_.draws.back();
      case Call::kEnd:
        ended_ = true;
        chooser_.End();
        break;
      case Call::kRoom:
        return 0;
      case Call::kResult: {
        has_result_ = true;
        const Record result = ReadFinding(text).record;
        record_.steps = result.steps;
        record_.stopped = result.stopped;
        record_.failure = result.failure;
        break;
      }
      default:
        Tell(message, text);
        break;
    }
    return std::nullopt;
  }

  void Tell(const Message& message, const std::string& text) {
    switch (message.call) {
      case Call::kOnBegin:
        return observer_->OnBegin();
      case Call::kOnEnd:
        return observer_->OnEnd();
      case Call::kOnReady:
        return observer_->OnReady(message.id);
      case Call::kOnIdle:
        return observer_->OnIdle(message.until);
      case Call::kOnWoken:
        return observer_->OnWoken();
      case Call::kOnSpawn:
        return observer_->OnSpawn(message.id, ToldTask(message.info.standing.task, text));
      case Call::kOnStep:
        return observer_->OnStep(message.id);
      case Call::kOnPark:
        return observer_->OnPark(message.id, Word(message.word), message.where, message.body);
      case Call::kOnCancel:
        return observer_->OnCancel(message.id);
      case Call::kOnExit:
        return observer_->OnExit(
            message.id, message.kind == 0
                            ? Failure()
                            : Failure::FromException(std::make_exception_ptr(hocket::internal::ToldError{text})));
      case Call::kOnCancelFromOutside:
        return observer_->OnCancelFromOutside(text);
      case Call::kOnJump:
        return observer_->OnJump(message.until);
      case Call::kOnDraw:
        return observer_->OnDraw(Word(message.word), message.value);
      default:
        HOCKET_CHECK(false) << "a call that nobody makes: " << static_cast<unsigned>(message.call);
    }
  }

  SharedCalls& calls_;
  Chooser& chooser_;
  Observer* const observer_;
  std::set<std::string>& words_;
  Record& record_;
  std::unordered_map<const char*, const char*> addresses_;  // of words, there and here
  std::vector<Alternative> alternatives_;
  Standing last_;
  Time now_;
  bool begun_ = false;
  bool ended_ = false;
  bool has_result_ = false;
};

// Looks at a process that does not call for a while.
class Patience {
 public:
  explicit Patience(pid_t process)
      : process_(process), hang_limit_(HangWatch::DeadlyLimit()), memory_limit_(MemoryWatch::CurrentLimit()) {}

  int PollTimeout() const { return memory_limit_ > 0 || hang_limit_ > Duration::zero() ? kPeriodMs : -1; }
  void ProcessCalled() { since_ = std::chrono::steady_clock::now(); }
  // Ends the process if it is time to. `failure` says why then.
  void Look(std::optional<ExecutionFailure>& failure) const {
    if (failure) return;
    const std::uint64_t memory = memory_limit_ > 0 ? MebibytesOf(process_) : 0;
    if (memory > memory_limit_) {
      failure = Failing("memory", "more than the " + std::to_string(memory_limit_) + " MiB of HOCKET_MEMORY_LIMIT");
    } else if (hang_limit_ > Duration::zero() && std::chrono::steady_clock::now() - since_ > hang_limit_) {
      failure = Failing("hang", "a task has not yielded within HOCKET_STEP_TIMEOUT");
    }
    if (failure) kill(process_, SIGKILL);
  }

 private:
  static ExecutionFailure Failing(const char* kind, const std::string& what) {
    ExecutionFailure failure;
    failure.identity = {kind, 0};
    failure.message = std::string(kind) + ": " + what;
    return failure;
  }

  const pid_t process_;
  const Duration hang_limit_;
  const std::uint64_t memory_limit_;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

#if defined(__SANITIZE_ADDRESS__)
#define HOCKET_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOCKET_ASAN 1
#endif
#endif

// How AddressSanitizer ends a process, unless its options say otherwise.
[[maybe_unused]] constexpr int kAsanExitStatus = 1;
bool skips_asan_report = false;

void BeSilent() {
  const char* const options = std::getenv("ASAN_OPTIONS");
  const std::string text = options == nullptr ? "" : options;
  skips_asan_report = text.find("exitcode=") == std::string::npos && text.find("abort_on_error=") == std::string::npos;
  const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nothing, STDOUT_FILENO);
  dup2(nothing, STDERR_FILENO);
}

}  // namespace

#if HOCKET_ASAN
}  // namespace hocket::testing

// AddressSanitizer's hook before a report, which takes a third of a second to write: hundreds of them if a crash is
// shrunk, and nobody would see them.
extern "C" void __asan_on_error() {
  if (hocket::testing::skips_asan_report) _exit(hocket::testing::kAsanExitStatus);
}

namespace hocket::testing {
#endif

Isolation::Isolation()
    : calls_([] {
        void* const memory =
            mmap(nullptr, sizeof(SharedCalls), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        HOCKET_CHECK(memory != MAP_FAILED) << "no memory to share with an isolated execution";
        return new (memory) SharedCalls;
      }()) {}

Isolation::~Isolation() { munmap(calls_, sizeof(SharedCalls)); }

void Isolation::Run(Chooser& chooser, Observer* observer, bool silent,
                    const std::function<void(Chooser&, Observer*, Record&)>& run, Record& record) {
  record = {};
  calls_->size.store(0);
  std::array<int, 2> sockets{};
  HOCKET_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) == 0)
      << "no socket to an isolated execution: " << std::strerror(errno);
  // What is buffered here must not be written there again.
  std::fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t process = fork();
  HOCKET_CHECK(process >= 0) << "an execution cannot be isolated: " << std::strerror(errno);
  if (process == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    close(sockets[0]);
    HangWatch::Forget();
    if (silent) BeSilent();
    [&]() noexcept {
      Caller caller(*calls_, sockets[1]);
      Record result;
      run(caller, observer == nullptr ? nullptr : &caller, result);
      caller.Result(result);
    }();
    std::fflush(nullptr);
    _exit(0);
  }
  close(sockets[1]);
  Callee callee(*calls_, chooser, observer, words_, record);
  Patience patience(process);
  std::optional<ExecutionFailure> ended_here;
  for (;;) {
    pollfd waiting{sockets[0], POLLIN, 0};
    const int ready = poll(&waiting, 1, patience.PollTimeout());
    if (ready == 0) patience.Look(ended_here);
    if (ready <= 0) continue;
    char ring = 0;
    const ssize_t n = read(sockets[0], &ring, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    const std::optional<std::uint32_t> answer = callee.TakeCalls();
    if (answer && send(sockets[0], &*answer, sizeof *answer, MSG_NOSIGNAL) != sizeof *answer) break;
    patience.ProcessCalled();
  }
  close(sockets[0]);
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  callee.TakeCalls();
  callee.Close();
  if (callee.has_result()) return;
  record.failure = ended_here ? ended_here : CrashFailure(DescribeDeath(status));
}

}  // namespace hocket::testing
