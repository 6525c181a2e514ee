#include "tests/bugs/gallery.h"

#include <algorithm>

#include "tests/bugs/cancellation/programs.h"
#include "tests/bugs/channels/programs.h"
#include "tests/bugs/exception_groups/programs.h"
#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {

namespace {

std::vector<Program> MakeGallery() {
  std::vector<Program> gallery;
  const auto append = [&](const std::vector<Program>& family) {
    gallery.insert(gallery.end(), family.begin(), family.end());
  };
  append(SharedStatePrograms());
  append(ChannelPrograms());
  append(CancellationPrograms());
  append(ExceptionGroupPrograms());
  return gallery;
}

// Copies what was observed however the execution ends.
class ObservedCopy {
 public:
  ObservedCopy(const Setting& setting, std::string* copy) : setting_(setting), copy_(copy) {}
  ObservedCopy(const ObservedCopy&) = delete;
  ObservedCopy& operator=(const ObservedCopy&) = delete;
  ~ObservedCopy() {
    if (copy_ != nullptr) *copy_ = setting_.observed();
  }

 private:
  const Setting& setting_;
  std::string* copy_;
};

}  // namespace

const std::vector<Program>& Gallery() {
  static const auto& gallery = *new std::vector<Program>(MakeGallery());
  return gallery;
}

const Program* FindProgram(const std::string& name) {
  const std::vector<Program>& gallery = Gallery();
  const auto found =
      std::find_if(gallery.begin(), gallery.end(), [&](const Program& program) { return program.name == name; });
  return found == gallery.end() ? nullptr : &*found;
}

testing::Body BodyOf(const Program& program, bool fixed, Regime regime, std::uint64_t padding, std::string* observed) {
  return [&program, fixed, regime, padding, observed]() -> Task<> {
    Setting setting(fixed, regime, padding);
    const ObservedCopy copy(setting, observed);
    co_await RunProgram(program, setting);
  };
}

}  // namespace hocket::bugs
