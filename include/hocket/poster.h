// Poster: the one way into a run from other threads.
//
//     Task<int> Compute(Poster poster) {
//       Event done;
//       int result = 0;
//       std::jthread worker([&] { int r = Slow(); poster.Post([&, r] { result = r; done.Set(); }); });
//       co_await Shielded([&]() -> Task<> { co_await done.Wait(); });  // the post refers to this frame
//       co_return result;
//     }
//
// An open poster is external work: while one exists, its run is never deadlocked but waits for posts. Posted functions
// run on the run's thread between two steps, in the order of posting, and each exactly once.
//
// What cannot happen: a post that runs concurrently with a task; an accepted post that is dropped, unless the run is
// given up. Explored runs refuse posters (CHECK), because what other threads do is not a decision that could be
// replayed.
//
// Threads: Post, copies and destruction from any thread. Lifetime: may outlive the run; posting is then refused.
#ifndef HOCKET_POSTER_H_
#define HOCKET_POSTER_H_

#include <functional>
#include <memory>

namespace hocket {

namespace internal {
class Inbox;
}

class Poster {
 public:
  Poster(const Poster& other) noexcept;
  Poster& operator=(const Poster& other) noexcept;
  ~Poster();

  // Hands `job` to the run. False if the run has ended: the job will not run. A job that throws makes the run fail.
  bool Post(std::function<void()> job) const;
  // The same, but does nothing while a job that was posted with the same key waits to be run.
  bool PostOnce(const void* key, std::function<void()> job) const;

 private:
  friend Poster OpenPoster();
  explicit Poster(std::shared_ptr<internal::Inbox> inbox) noexcept;
  std::shared_ptr<internal::Inbox> inbox_;
};

// REQUIRES: called inside a run on the system clock.
Poster OpenPoster();

}  // namespace hocket

#endif  // HOCKET_POSTER_H_
