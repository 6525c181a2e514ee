#include "harness/workers.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <limits>
#include <memory>
#include <new>
#include <thread>
#include <utility>

#include "absl/strings/str_join.h"
#include "harness/death_report.h"
#include "harness/detectors/hang_watch.h"
#include "harness/memory_watch.h"
#include "harness/message.h"
#include "harness/process_death.h"
#include "harness/series.h"
#include "harness/worker_note.h"
#include "hocket/check.h"

namespace hocket::testing {

namespace {

constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kRingSize = 4096;
constexpr std::uint64_t kMaxBlock = 64;
// How long who waits for another process sleeps. A ring takes longer to fill than the listener sleeps.
constexpr std::chrono::microseconds kNap{50};
constexpr int kListenMs = 1;
// One of so many executions is told of, if somebody wants to hear how it goes.
constexpr std::uint64_t kNoteEach = 64;

constexpr char kFindingMessage = 'f';
constexpr char kCoverageMessage = 'c';

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "processes share no locks");

// What one worker has done. What is written after each execution lies apart from what another process writes or reads
// as often, or the processors would pass it to and fro.
struct Ring {
  std::atomic<std::uint64_t> running{kNone};  // the index of the execution that it has begun last
  std::atomic<bool> done{false};              // it ends because nothing is left to do
  std::atomic<std::uint64_t> written{0};
  alignas(64) std::atomic<std::uint64_t> read{0};
  std::array<Tally, kRingSize> tallies;
  WorkerNote strategy;  // whose turn it is
  WorkerNote coverage;  // of the search so far, as a message
};

}  // namespace

// The memory that all processes of an exploration share.
struct SharedTallies {
  SharedTallies(std::uint64_t begin, std::uint64_t end) : frontier(begin), stop(end), counted(begin) {}

  static std::size_t SizeFor(std::size_t workers) { return sizeof(SharedTallies) + workers * sizeof(Ring); }
  Ring& ring(std::size_t worker) { return reinterpret_cast<Ring*>(this + 1)[worker]; }

  // No execution from `index` on is needed.
  void LowerStop(std::uint64_t index) {
    std::uint64_t now = stop.load();
    while (index < now && !stop.compare_exchange_weak(now, index)) {
    }
  }

  alignas(64) std::atomic<std::uint64_t> frontier;  // nobody has claimed a block from here on
  alignas(64) std::atomic<std::uint64_t> stop;
  alignas(64) std::atomic<std::uint64_t> counted;  // those below have been given out
  std::atomic<bool> ended{false};                  // and no more will be
};

namespace {

// What one forked process does.
class WorkerProcess {
 public:
  WorkerProcess(const Body& body, const ExploreOptions& options, SharedTallies& shared, std::size_t self, int pipe)
      : options_(options),
        shared_(shared),
        ring_(shared.ring(self)),
        has_search_(self == 0),
        pipe_(pipe),
        // Of all executions together, in blocks small enough that each worker gets some.
        block_(std::clamp<std::uint64_t>(options.executions / (8 * options.jobs), 1, kMaxBlock)),
        memory_watch_(MemoryWatch::CurrentLimit()),
        hang_watch_(HangWatch::TakeOptions()),
        series_(body, NotingWhatRuns()) {}

  void Work() {
    const std::uint64_t first = options_.first_execution;
    const std::uint64_t end = shared_.stop.load();
    // Before it, and not below `first`, worker 0 runs all.
    const std::uint64_t profile_end = std::clamp(series_.strategy().ProfileExecutions(), first, end);
    if (has_search_) KeepCoverage(first);
    RaiseFrontier(profile_end);
    if (RunProfile(first, profile_end)) RunShare(profile_end);
    if (has_search_) SendCoverage();
    ring_.done.store(true);
  }

 private:
  const ExploreOptions& NotingWhatRuns() {
    noting_ = options_;
    noting_.before_execution = [this](std::uint64_t index, const Strategy& strategy) {
      ring_.running.store(index, std::memory_order_release);
      if (options_.progress != nullptr && begun_++ % kNoteEach == 0) ring_.strategy.Write(strategy.Name());
      if (HangWatch* watch = HangWatch::Current()) watch->SetExecution(index);
      if (options_.before_execution) options_.before_execution(index, strategy);
    };
    return noting_;
  }

  void RaiseFrontier(std::uint64_t to) {
    std::uint64_t now = shared_.frontier.load();
    while (now < to && !shared_.frontier.compare_exchange_weak(now, to)) {
    }
  }

  bool IsNeeded(std::uint64_t index) const { return index < shared_.stop.load(std::memory_order_relaxed); }

  // False if nothing is left to do.
  bool RunProfile(std::uint64_t first, std::uint64_t profile_end) {
    series_.Prepare(has_search_ ? first : profile_end);
    if (!has_search_) return true;
    for (std::uint64_t index = first; index < profile_end; ++index) {
      if (!RunOne(index)) return false;
    }
    return true;
  }

  // Upwards from `begin`: the blocks that it claims, and if it has the search, those of the search that others have
  // left out.
  void RunShare(std::uint64_t begin) {
    std::uint64_t search = begin;  // those of the search below it have been run
    std::uint64_t index = 0;       // of the block
    std::uint64_t block_end = 0;
    for (;;) {
      if (has_search_) {
        const std::uint64_t limit = index < block_end ? index : std::min(shared_.frontier.load(), shared_.stop.load());
        while (search < limit && !series_.strategy().InSearch(search)) ++search;
        if (search < limit) {
          if (!RunOne(search++)) return;
          continue;
        }
      }
      if (index == block_end) {
        index = shared_.frontier.fetch_add(block_);
        block_end = index + block_;
        if (!IsNeeded(index) && (!has_search_ || !IsNeeded(search))) return;
        continue;
      }
      const bool runs = has_search_ || !series_.strategy().InSearch(index);
      if (runs && !RunOne(index)) return;
      if (has_search_) search = index + 1;
      ++index;
    }
  }

  // Runs the execution and leaves its tally. False if no later one is needed.
  bool RunOne(std::uint64_t index) {
    if (!IsNeeded(index)) return false;
    const Tally tally = series_.Run(index);
    if (tally.failed) Send(kFindingMessage, WriteFinding(series_.TakeFinding()));
    if (has_search_ && (series_.strategy().InSearch(index) || index < series_.strategy().ProfileExecutions()))
      KeepCoverage(index + 1);
    const std::uint64_t written = ring_.written.load(std::memory_order_relaxed);
    while (written - read_ == kRingSize) {
      read_ = ring_.read.load(std::memory_order_acquire);
      if (written - read_ < kRingSize) break;
      if (!IsNeeded(index)) return false;
      std::this_thread::sleep_for(kNap);
    }
    ring_.tallies[written % kRingSize] = tally;
    ring_.written.store(written + 1, std::memory_order_release);
    if (!tally.failed && !tally.exhausted) return true;
    shared_.LowerStop(index + 1);
    return false;
  }

  // Keeps what the executions below `end` have covered. Those that are given out may end before those that are run.
  void KeepCoverage(std::uint64_t end) {
    const std::uint64_t counted = shared_.counted.load(std::memory_order_relaxed);
    while (coverage_.size() > 1 && coverage_[1].first <= counted) coverage_.pop_front();
    coverage_.emplace_back(end, series_.Covered());
    if (options_.progress != nullptr && kept_++ % kNoteEach == 0) {
      ring_.coverage.Write(WriteCoverage(coverage_.back().second));
    }
  }

  void SendCoverage() {
    while (!shared_.ended.load()) std::this_thread::sleep_for(kNap);
    const std::uint64_t counted = shared_.counted.load();
    while (coverage_.size() > 1 && coverage_.back().first > counted) coverage_.pop_back();
    Send(kCoverageMessage, WriteCoverage(coverage_.back().second));
  }

  void Send(char kind, const std::string& message) const {
    const std::size_t size = message.size();
    std::string bytes(1, kind);
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
    bytes += message;
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t n = write(pipe_, bytes.data() + sent, bytes.size() - sent);
      HOCKET_CHECK(n > 0 || errno == EINTR) << "the exploration does not listen any more: " << std::strerror(errno);
      if (n > 0) sent += static_cast<std::size_t>(n);
    }
  }

  const ExploreOptions& options_;
  ExploreOptions noting_;  // the same, and says what runs
  SharedTallies& shared_;
  Ring& ring_;
  const bool has_search_;
  const int pipe_;
  const std::uint64_t block_;
  std::uint64_t read_ = 0;   // of the ring, when it was looked at last
  std::uint64_t begun_ = 0;  // executions
  std::uint64_t kept_ = 0;   // coverages
  // Threads are not forked.
  const MemoryWatch memory_watch_;
  HangWatch hang_watch_;
  Series series_;
  std::deque<std::pair<std::uint64_t, std::optional<Coverage>>> coverage_;  // with the end of what it covers
};

}  // namespace

Workers::Workers(const Body& body, const ExploreOptions& options)
    : workers_(options.jobs), next_(options.first_execution) {
  const std::size_t size = SharedTallies::SizeFor(workers_.size());
  void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  HOCKET_CHECK(memory != MAP_FAILED) << "no memory for the workers' tallies: fewer jobs need less";
  // A frontier is raised beyond the end, by a block for each worker.
  const std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  const std::uint64_t end = std::min(next_, most) + std::min(options.executions, most - std::min(next_, most));
  shared_ = new (memory) SharedTallies(next_, end);
  for (std::size_t i = 0; i < workers_.size(); ++i) new (&shared_->ring(i)) Ring;
  // What is buffered here must not be written by each worker again.
  std::fflush(nullptr);
  const pid_t parent = getpid();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    std::array<int, 2> pipe{};
    HOCKET_CHECK(pipe2(pipe.data(), O_CLOEXEC) == 0) << "no pipe to a worker: " << std::strerror(errno);
    const pid_t pid = fork();
    HOCKET_CHECK(pid >= 0) << "a worker cannot be forked: " << std::strerror(errno);
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) _exit(1);
      DeathReport::SpeakAfterFork();
      [&]() noexcept { WorkerProcess(body, options, *shared_, i, pipe[1]).Work(); }();
      // What the program has printed is kept; what else would happen at exit is the parent's affair.
      std::fflush(stdout);
      _exit(0);
    }
    close(pipe[1]);
    workers_[i].pid = pid;
    workers_[i].pipe = pipe[0];
  }
}

Workers::~Workers() {
  for (Worker& worker : workers_) {
    if (worker.pipe < 0) continue;
    kill(worker.pid, SIGKILL);
    close(worker.pipe);
    while (waitpid(worker.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  munmap(shared_, SharedTallies::SizeFor(workers_.size()));
}

std::optional<Tally> Workers::Next(std::chrono::steady_clock::time_point until) {
  for (;;) {
    if (const std::optional<Tally> tally = TakeTally()) return tally;
    if (const std::optional<Tally> tally = TakeCrash()) return tally;
    if (until != std::chrono::steady_clock::time_point::max() && std::chrono::steady_clock::now() >= until)
      return std::nullopt;
    HOCKET_CHECK(std::any_of(workers_.begin(), workers_.end(), [](const Worker& worker) { return worker.pipe >= 0; }))
        << "all workers have ended, and none of them has run execution " << next_;
    Listen();
  }
}

std::optional<Tally> Workers::TakeTally() {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const std::size_t worker = (last_ + i) % workers_.size();
    Ring& ring = shared_->ring(worker);
    Worker& from = workers_[worker];
    if (from.read == from.written) from.written = ring.written.load(std::memory_order_acquire);
    if (from.read == from.written) continue;
    const Tally tally = ring.tallies[from.read % kRingSize];
    if (tally.index != next_) continue;
    ring.read.store(++from.read, std::memory_order_release);
    shared_->counted.store(++next_, std::memory_order_relaxed);
    last_ = worker;
    return tally;
  }
  return std::nullopt;
}

std::optional<Tally> Workers::TakeCrash() {
  const Worker* dead = nullptr;
  std::uint64_t first = kNone;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (workers_[i].death.empty()) continue;
    const std::uint64_t running = shared_->ring(i).running.load();
    const std::uint64_t index = running == kNone ? next_ : running;
    if (index >= first) continue;
    dead = &workers_[i];
    first = index;
  }
  if (dead == nullptr) return std::nullopt;
  shared_->LowerStop(first + 1);
  if (first > next_) return std::nullopt;  // one before it may fail as well
  Finding& crash = crash_.emplace();
  crash.crashed = true;
  crash.record.failure = CrashFailure(dead->death);
  return Tally{.index = first, .failed = true};
}

std::string Workers::InTurn() const {
  const std::string jobs = std::to_string(workers_.size()) + " jobs";
  std::vector<std::string> names;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const std::optional<std::string> name = shared_->ring(i).strategy.Read();
    if (name && std::find(names.begin(), names.end(), *name) == names.end()) names.push_back(*name);
  }
  return names.empty() ? jobs : absl::StrJoin(names, " and ") + " (" + jobs + ")";
}

std::optional<Coverage> Workers::Covered() const {
  const std::optional<std::string> message = shared_->ring(0).coverage.Read();
  return message ? ReadCoverage(*message) : std::nullopt;
}

Finding Workers::TakeFinding() {
  if (crash_) return *std::exchange(crash_, std::nullopt);
  for (;;) {
    if (const std::optional<std::string> message = MessageFrom(last_, kFindingMessage)) return ReadFinding(*message);
    HOCKET_CHECK(workers_[last_].pipe >= 0) << "a worker has not sent what it found";
    Listen();
  }
}

std::optional<Coverage> Workers::End() {
  shared_->LowerStop(0);
  shared_->ended.store(true);
  while (workers_[0].pipe >= 0) Listen();
  const std::optional<std::string> message = MessageFrom(0, kCoverageMessage);
  return message ? ReadCoverage(*message) : std::nullopt;
}

void Workers::Listen() {
  std::vector<pollfd> pipes;
  std::vector<std::size_t> senders;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (workers_[i].pipe < 0) continue;
    pipes.push_back({workers_[i].pipe, POLLIN, 0});
    senders.push_back(i);
  }
  if (poll(pipes.data(), pipes.size(), kListenMs) <= 0) return;
  for (std::size_t i = 0; i < pipes.size(); ++i) {
    if (pipes[i].revents == 0) continue;
    std::array<char, 65536> part;
    const ssize_t n = read(pipes[i].fd, part.data(), part.size());
    if (n > 0) {
      workers_[senders[i]].message.append(part.data(), static_cast<std::size_t>(n));
    } else if (n == 0 || errno != EINTR) {
      Reap(senders[i]);
    }
  }
}

void Workers::Reap(std::size_t index) {
  Worker& worker = workers_[index];
  close(worker.pipe);
  worker.pipe = -1;
  int status = 0;
  pid_t reaped = 0;
  while ((reaped = waitpid(worker.pid, &status, 0)) < 0 && errno == EINTR) {
  }
  const bool died = reaped < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
  if (died || !shared_->ring(index).done.load()) worker.death = DescribeDeath(status);
}

std::optional<std::string> Workers::MessageFrom(std::size_t worker, char kind) const {
  const std::string& bytes = workers_[worker].message;
  std::optional<std::string> found;
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t size = 0;
    if (bytes.size() - at < 1 + sizeof size) break;
    std::memcpy(&size, bytes.data() + at + 1, sizeof size);
    const std::size_t begin = at + 1 + sizeof size;
    if (bytes.size() - begin < size) break;
    if (bytes[at] == kind) found = bytes.substr(begin, size);
    at = begin + size;
  }
  return found;
}

}  // namespace hocket::testing
