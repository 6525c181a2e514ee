#include "hocket/chooser.h"

#include <string_view>

#include "hocket/access.h"
#include "hocket/check.h"
#include "hocket/draw.h"
#include "runtime/hash.h"
#include "runtime/scheduler.h"

namespace hocket {

namespace {

std::uint64_t ToNumber(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char digit : digits) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  return value;
}

}  // namespace

TaskId PathHash(const std::string& path) noexcept {
  std::string_view rest = path;
  const auto next = [&rest] {
    const std::size_t slash = rest.find('/');
    const std::string_view element = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    return element;
  };
  TaskId id = internal::HashText(next());
  while (!rest.empty()) {
    const std::string_view element = next();
    const std::size_t dot = element.rfind('.');
    const bool named = dot != std::string_view::npos;
    id = internal::ExtendPath(id, named ? element.substr(0, dot) : std::string_view(),
                              ToNumber(named ? element.substr(dot + 1) : element));
  }
  return id;
}

TaskId ClockId() noexcept { return internal::kClockTaskId; }

bool Conflict(const Access& a, const Access& b) noexcept {
  if (a.kind == AccessKind::kOpaque || b.kind == AccessKind::kOpaque) return true;
  const auto touches = [](AccessKind kind) { return kind != AccessKind::kNone && kind != AccessKind::kYield; };
  const auto reads = [](AccessKind kind) { return kind == AccessKind::kRead || kind == AccessKind::kWait; };
  if (!touches(a.kind) || !touches(b.kind)) return false;
  if (a.object == 0 || b.object == 0) return true;  // an object without a name may be any
  if (a.object != b.object || (reads(a.kind) && reads(b.kind))) return false;
  if (a.size == 0 || b.size == 0) return true;  // a whole object
  const auto end = [](const Access& access) { return std::uint64_t{access.offset} + access.size; };
  return a.offset < end(b) && b.offset < end(a);
}

std::uint32_t Choose(std::uint32_t n, const char* label) {
  HOCKET_CHECK(n >= 1) << "Choose needs at least one value for '" << label << "'";
  return internal::Scheduler::Current().Draw(n, label, DrawKind::kValue);
}

bool Coin(const char* label) { return Choose(2, label) == 1; }

bool Fault(const char* label) {
  internal::Scheduler& scheduler = internal::Scheduler::Current();
  return scheduler.options().faults && scheduler.Draw(2, label, DrawKind::kFault) == 1;
}

}  // namespace hocket
