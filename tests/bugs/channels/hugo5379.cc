// hugo5379: a page's summary is made under the page's lock from its content, which is made on first use, under the
// same lock. If the summary comes first, the lock is taken twice by one task. The fix: the summary makes the content
// under the lock that it holds.
#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

struct Page {
  Lock lock;
  bool rendered = false;
  int summaries = 0;
};

Task<> Render(Setting& setting, Page& page) {
  co_await setting.Pad();
  co_await Checkpoint();
  page.rendered = true;
}

Task<> MakeContent(Setting& setting, Page& page) {
  co_await setting.Pad();
  co_await page.lock.Acquire();
  const LockGuard guard(page.lock);
  if (!page.rendered) co_await Render(setting, page);
}

Task<> MakeSummary(Setting& setting, Page& page) {
  co_await setting.Pad();
  co_await page.lock.Acquire();
  const LockGuard guard(page.lock);
  if (!page.rendered) {
    if (setting.fixed()) {
      co_await Render(setting, page);
    } else {
      co_await MakeContent(setting, page);
    }
  }
  ++page.summaries;
}

Task<> Body(Setting& setting) {
  Page page;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("content"), MakeContent, std::ref(setting), std::ref(page));
    nursery.StartSoon(TaskName("summary"), MakeSummary, std::ref(setting), std::ref(page));
    co_return;
  });
  setting.Observe(std::to_string(page.summaries));
}

}  // namespace

Program Hugo5379() {
  return {.name = "hugo5379",
          .essence = "a lock is taken twice where something is made on first use",
          .source = "github.com/gohugoio/hugo/pull/5379; GoBench",
          .body = Body};
}

}  // namespace hocket::bugs
