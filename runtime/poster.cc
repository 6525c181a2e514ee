#include "hocket/poster.h"

#include <utility>

#include "runtime/inbox.h"
#include "runtime/scheduler.h"

namespace hocket {

Poster::Poster(std::shared_ptr<internal::Inbox> inbox) noexcept : inbox_(std::move(inbox)) { inbox_->Open(); }
Poster::Poster(const Poster& other) noexcept : Poster(other.inbox_) {}
Poster& Poster::operator=(const Poster& other) noexcept {
  Poster copy(other);
  std::swap(inbox_, copy.inbox_);
  return *this;
}
Poster::~Poster() { inbox_->CloseOne(); }

bool Poster::Post(std::function<void()> job) const { return inbox_->Post(std::move(job)); }

bool Poster::PostOnce(const void* key, std::function<void()> job) const {
  return inbox_->PostOnce(key, std::move(job));
}

Poster OpenPoster() {
  auto& scheduler = internal::Scheduler::Current();
  HOCKET_CHECK(scheduler.options().clock == ClockKind::kSystem)
      << "explored and virtual-time runs refuse posts: what other threads do cannot be replayed. Make the work a task "
         "of the run.";
  return Poster(scheduler.inbox());
}

}  // namespace hocket
