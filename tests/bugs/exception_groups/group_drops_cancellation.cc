// Errors of a progress display do not matter, so the group that holds one is caught and dropped, and the file is
// finished. If all of it is cancelled meanwhile, the group holds the cancellation of the writer too, which is dropped
// with it: the file is saved although it was to stop. The fix: handle the errors, let the cancellation go on.
//
// After bpo-32528: CancelledError was an Exception once, and handlers of any error swallowed it.
#include <stdexcept>

#include "tests/bugs/exception_groups/programs.h"

namespace hocket::bugs {

namespace {

class DisplayError : public std::runtime_error {
 public:
  DisplayError() : std::runtime_error("not a terminal") {}
};

class Saver {
 public:
  Saver(Setting& setting, CancelScope& scope) : setting_(setting), scope_(scope) {}

  Task<> Save() {
    if (setting_.fixed()) {
      co_await Except([&] { return WriteAndShow(); },
                      On<DisplayError>([](const Caught<DisplayError>&) -> Task<> { co_return; }));
    } else {
      try {
        co_await WriteAndShow();
      } catch (const ExceptionGroup&) {
        // The display does not matter.
      }
    }
    saved_ = true;
  }

  bool saved() const { return saved_; }
  bool was_stopped() const { return was_stopped_; }

 private:
  // Notes that the writing was cut off, and by whom.
  class CutOff {
   public:
    explicit CutOff(Saver& saver) : saver_(saver) {}
    CutOff(const CutOff&) = delete;
    CutOff& operator=(const CutOff&) = delete;
    ~CutOff() {
      if (!saver_.written_) saver_.was_stopped_ = saver_.scope_.cancel_called();
    }

   private:
    Saver& saver_;
  };

  Task<> WriteAndShow() {
    co_await WithNursery([&](Nursery& nursery) -> Task<> {
      nursery.StartSoon(TaskName("write"), [this] { return Write(); });
      nursery.StartSoon(TaskName("show"), [this] { return Show(); });
      co_return;
    });
  }
  Task<> Write() {
    const CutOff cut_off(*this);
    for (int step = 0; step < 2; ++step) {
      co_await setting_.Pad();
      co_await Checkpoint();
    }
    written_ = true;
  }
  Task<> Show() {
    co_await Shielded([&]() -> Task<> {
      co_await setting_.Pad();
      co_await Checkpoint();
    });
    throw DisplayError();
  }

  Setting& setting_;
  CancelScope& scope_;
  bool written_ = false;
  bool was_stopped_ = false;
  bool saved_ = false;
};

Task<> Body(Setting& setting) {
  CancelScope scope;
  Saver saver(setting, scope);
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("canceller"), [&]() -> Task<> {
      co_await setting.Pad();
      for (int step = 0; step < 6; ++step) co_await Checkpoint();
      scope.Cancel();
    });
    nursery.StartSoon(TaskName("saver"), [&]() -> Task<> { co_await WithScope(scope, [&] { return saver.Save(); }); });
    co_return;
  });
  setting.Observe(saver.saved() ? "saved" : "not saved");
  Require(!saver.saved() || !saver.was_stopped(), "it is saved although it was to stop");
}

}  // namespace

Program GroupDropsCancellation() {
  return {.name = "group_drops_cancellation",
          .essence = "a handler that drops a group drops the cancellation in it",
          .source = "bpo-32528",
          .body = Body,
          .cancels = true};
}

}  // namespace hocket::bugs
