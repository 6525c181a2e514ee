// Tells how a run stands when the process gets a signal: the task tree of a server that hangs, by `kill -USR1`.
//
//     TreeOnSignal tree_on_signal(SIGUSR1);
//     Instruments instruments;
//     instruments.Add(tree_on_signal);
//     Run(main, {.observer = &instruments});
//
// The signal handler only wakes a thread of this object's own, which posts to the run; the tree is made by the run's
// thread between two steps. So a run that stands in a step that does not end shows nothing: that is what a Watchdog
// (watchdog.h) tells of.
//
// What cannot happen: code that runs inside the handler and is not allowed there; a run that is kept from ending, or
// from seeing its deadlock, by this instrument.
#ifndef HOCKET_TREE_ON_SIGNAL_H_
#define HOCKET_TREE_ON_SIGNAL_H_

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hocket/instruments.h"

namespace hocket {

namespace internal {
class Inbox;
}

// For runs on the system clock, also for several at a time. Threads: `report` is called by the run's.
class TreeOnSignal final : public Instrument {
 public:
  // Without `report`, standard error. REQUIRES: the signal can be caught, and there is no other TreeOnSignal for it.
  explicit TreeOnSignal(int signal, std::function<void(const std::string& tree)> report = nullptr);
  TreeOnSignal(const TreeOnSignal&) = delete;
  TreeOnSignal& operator=(const TreeOnSignal&) = delete;
  // The signal does again what it did before.
  ~TreeOnSignal() override;

  void BeforeRun() override;
  void AfterRun() override;

 private:
  struct Handler;
  void Serve();

  const std::function<void(const std::string&)> report_;
  const std::unique_ptr<Handler> handler_;
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;                                       // guards inboxes_
  std::vector<std::shared_ptr<internal::Inbox>> inboxes_;  // of the runs under way
  std::thread thread_;
};

}  // namespace hocket

#endif  // HOCKET_TREE_ON_SIGNAL_H_
