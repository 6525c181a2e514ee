#include "hocket/tree_on_signal.h"

#include <semaphore.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "hocket/check.h"
#include "hocket/run.h"
#include "hocket/task_tree.h"
#include "runtime/inbox.h"
#include "runtime/scheduler.h"

namespace hocket {

namespace {

// What a handler may touch: it lives as long as the process, because a handler may still run on another thread when
// the signal has its old meaning again.
struct Bell {
  sem_t semaphore;
  std::atomic<bool> taken{false};
};

constexpr int kSignals = 65;

Bell& BellOf(int signal) {
  static auto* bells = [] {
    auto* made = new std::array<Bell, kSignals>;
    for (Bell& bell : *made) sem_init(&bell.semaphore, /*pshared=*/0, 0);
    return made;
  }();
  return (*bells)[static_cast<std::size_t>(signal)];
}

// Waking another thread is all that a handler may do.
void Ring(int signal) {
  const int error = errno;
  sem_post(&BellOf(signal).semaphore);
  errno = error;
}

}  // namespace

struct TreeOnSignal::Handler {
  explicit Handler(int signal_in) : signal(signal_in) {
    HOCKET_CHECK(signal > 0 && signal < kSignals) << signal << " is no signal";
    HOCKET_CHECK(!BellOf(signal).taken.exchange(true)) << "there is a TreeOnSignal for signal " << signal << " already";
    struct sigaction ring{};
    ring.sa_handler = &Ring;
    ring.sa_flags = SA_RESTART;
    sigemptyset(&ring.sa_mask);
    HOCKET_CHECK(sigaction(signal, &ring, &before) == 0) << "signal " << signal << " cannot be caught";
  }
  ~Handler() {
    sigaction(signal, &before, nullptr);
    BellOf(signal).taken = false;
  }

  const int signal;
  struct sigaction before{};
};

TreeOnSignal::TreeOnSignal(int signal, std::function<void(const std::string&)> report)
    : report_(report != nullptr ? std::move(report) : [](const std::string& tree) {
        std::fwrite(tree.data(), 1, tree.size(), stderr);
        std::fflush(stderr);
      }),
      handler_(std::make_unique<Handler>(signal)),
      thread_([this] { Serve(); }) {}

TreeOnSignal::~TreeOnSignal() {
  stopped_ = true;
  sem_post(&BellOf(handler_->signal).semaphore);
  thread_.join();
}

void TreeOnSignal::BeforeRun() {
  HOCKET_CHECK(internal::Scheduler::Current().options().clock == ClockKind::kSystem)
      << "a TreeOnSignal is for runs on the system clock: explored and virtual-time runs take no posts";
  const std::lock_guard lock(mutex_);
  inboxes_.push_back(internal::Scheduler::Current().inbox());
}

void TreeOnSignal::AfterRun() {
  const std::lock_guard lock(mutex_);
  std::erase(inboxes_, internal::Scheduler::Current().inbox());
}

void TreeOnSignal::Serve() {
  Bell& bell = BellOf(handler_->signal);
  for (;;) {
    while (sem_wait(&bell.semaphore) != 0 && errno == EINTR) {
    }
    if (stopped_) return;
    const std::lock_guard lock(mutex_);
    for (const std::shared_ptr<internal::Inbox>& inbox : inboxes_) {
      inbox->PostOnce(this, [report = report_] { report(TaskTree()); });
    }
  }
}

}  // namespace hocket
