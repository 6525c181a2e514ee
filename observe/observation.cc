#include "observe/observation.h"

#include <pthread.h>

#include <cstdint>

#include "observe/arena.h"
#include "observe/imports.h"

// What the linker calls the place where the program begins.
extern "C" const char __executable_start;

namespace hocket::observe {

namespace {

constexpr std::uintptr_t kPageBits = 12;

// Names a page of memory that is no block of the arena. An odd factor gives each page a name of its own.
constexpr ObjectId NameOfPage(std::uintptr_t page) noexcept { return (page * 2 + 1) * 0xd1342543de82ef95u; }

// Where the stack of this thread ends, at its low end.
std::uintptr_t StackLow() noexcept {
  static thread_local std::uintptr_t low = 0;
  if (low != 0) return low;
  pthread_attr_t attributes;
  void* address = nullptr;
  std::size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &address, &size);
    pthread_attr_destroy(&attributes);
  }
  return low = reinterpret_cast<std::uintptr_t>(address);
}

}  // namespace

void Observation::BeginRun(Listener* listener, const void* frame, const void* own, std::size_t size) noexcept {
  WatchImports();
  Arena::Rewind();
  listener_ = listener;
  stack_low_ = StackLow();
  stack_size_ = reinterpret_cast<std::uintptr_t>(frame) - stack_low_;
  own_ = reinterpret_cast<std::uintptr_t>(own);
  own_size_ = size;
}

void Observation::EndRun() noexcept { listener_ = nullptr; }

void Observation::TouchAnything() noexcept {
  Flush();
  pending_ = {.kind = AccessKind::kOpaque};
  Deliver();
}

void Observation::Report(std::uintptr_t from, std::size_t size, AccessKind kind) noexcept {
  constexpr std::size_t kMost = UINT32_MAX;
  if (Arena::Contains(reinterpret_cast<const void*>(from))) {
    if (const BlockHeader* const header = Arena::Find(from)) {
      if (header->object == kRuntimeBlock) return;
      const std::uint64_t offset = from - reinterpret_cast<std::uintptr_t>(header + 1);
      if (offset >= kMost) return;  // no block is that large
      const std::size_t rest = size < kMost - offset ? size : kMost - offset;
      Add({header->object, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(rest), kind});
      return;
    }
  }
  if (from - own_ < own_size_) return;
  // The program may lie elsewhere in the next process, but not within this one.
  std::uintptr_t place = from - reinterpret_cast<std::uintptr_t>(&__executable_start);
  while (size > 0) {
    const std::uintptr_t offset = place & ((std::uintptr_t{1} << kPageBits) - 1);
    const std::size_t in_page = (std::uintptr_t{1} << kPageBits) - offset;
    const std::size_t piece = size < in_page ? size : in_page;
    Add({NameOfPage(place >> kPageBits), static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(piece), kind});
    place += piece;
    size -= piece;
  }
}

void Observation::Add(const Access& access) noexcept {
  if (access.object == pending_.object && access.kind == pending_.kind && access.object != 0) {
    const std::uint32_t end = access.offset + access.size;
    const std::uint32_t pending_end = pending_.offset + pending_.size;
    if (access.offset <= pending_end && pending_.offset <= end) {
      if (access.offset < pending_.offset) pending_.offset = access.offset;
      pending_.size = (end > pending_end ? end : pending_end) - pending_.offset;
      return;
    }
  }
  Flush();
  pending_ = access;
  if (keeps_calls_) pending_calls_ = CallsHere();
}

void Observation::Deliver() noexcept {
  const Access access = pending_;
  pending_ = {};
  if (keeps_calls_) calls_ = pending_calls_;
  PushQuiet();
  listener_->TouchMemory(access);
  PopQuiet();
}

CallChain Observation::CallsHere() const noexcept {
  return CallsBelow(__builtin_frame_address(0), stack_low_ + stack_size_);
}

}  // namespace hocket::observe
