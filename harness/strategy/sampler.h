// What all sampling strategies are made of: an algorithm that picks, and around it what is the same for all. Values are
// drawn by a Drawer, cancellations by an Injection, and the executions that a Profile learns from are walks.
#ifndef HOCKET_HARNESS_STRATEGY_SAMPLER_H_
#define HOCKET_HARNESS_STRATEGY_SAMPLER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "harness/new_alternative.h"
#include "harness/profile.h"
#include "harness/random.h"
#include "harness/strategy/algorithm.h"
#include "harness/strategy/drawer.h"
#include "harness/strategy/injection.h"
#include "harness/strategy/sticky.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

// How often the walks that a profile learns from draw anew, in percent. Not always, because of bugs that need one task to
// get on for long: an even walk finds none of them.
inline constexpr std::array<std::uint32_t, Profile::kExecutions> kWalks = {100, 100, 10, 100};

// `Picker` is an Algorithm. No virtual calls between the two, because this is the inner loop of searching.
template <class Picker>
class Sampler final : public Strategy {
 public:
  // `profile`: none if the algorithm needs none.
  Sampler(std::uint64_t seed, std::shared_ptr<Profile> profile, Picker picker)
      : seed_(seed), profile_(std::move(profile)), picker_(std::move(picker)) {}

  std::string Name() const override { return walks_ ? "random walk" : picker_.Name(); }
  std::uint64_t ProfileExecutions() const override { return profile_ == nullptr ? 0 : Profile::kExecutions; }

  void StartExecution(std::uint64_t index) override {
    const std::uint64_t seed = MixSeed(seed_, index);
    drawer_.StartExecution(seed);
    injection_.StartExecution(MixSeed(seed, 4));
    others_ = 0;
    sum_ = 0;
    walks_ = index < ProfileExecutions();
    if (profile_ != nullptr) profile_->StartExecution(index);
    if (walks_) {
      walk_.StartExecution(Random(MixSeed(seed, 0)), kWalks[index]);
    } else {
      picker_.StartExecution(Random(MixSeed(seed, 0)));
    }
  }

  void Begin(const Executor& executor) noexcept override { executor_ = &executor; }
  bool WantsAccesses() const noexcept override { return walks_ || Picker::kWantsAccesses; }

  void Added(AlternativeId id) noexcept override {
    const NewAlternative added(*executor_, id);
    if (added.kind() == AlternativeKind::kCancel || walks_) [[unlikely]]
      return AddedSeldom(id);
    ++others_;
    sum_ ^= id;
    picker_.Added(added);
  }

  void Removed(AlternativeId id, Removal why) noexcept override {
    if ((injection_.any() || walks_) && RemovedSeldom(id, why)) [[unlikely]]
      return;
    --others_;
    sum_ ^= id;
    picker_.Removed(id, why);
  }

  void Touched(const Access& access) noexcept override {
    if (walks_) {
      profile_->Touched(access);
    } else {
      picker_.Touched(access);
    }
  }

  AlternativeId Pick() noexcept override {
    if (injection_.any() || walks_) [[unlikely]] {
      if (const std::optional<AlternativeId> seldom = PickSeldom()) return *seldom;
    }
    return picker_.Pick();
  }

  std::uint32_t Draw(std::uint32_t n, const char* label, DrawKind kind) noexcept override {
    return drawer_.Draw(n, label, kind);
  }

  void End() noexcept override {
    if (walks_) profile_->End();
  }

 private:
  // Where the profile learns or cancellations are offered: apart, so that the rest is small. The last two say whether
  // that is all.
  [[gnu::noinline]] void AddedSeldom(AlternativeId id) {
    const NewAlternative added(*executor_, id);
    if (added.kind() == AlternativeKind::kCancel) {
      injection_.Added(id);
      return;
    }
    ++others_;
    sum_ ^= id;
    walk_.Added(added);
    profile_->Added(id, added.task(), added.declared());
  }
  [[gnu::noinline]] bool RemovedSeldom(AlternativeId id, Removal why) {
    if (injection_.Has(id)) {
      injection_.Removed(id, why);
      if (why != Removal::kPicked) return true;
      if (walks_) {
        profile_->ForeignStep();
      } else {
        picker_.ForeignStep();
      }
      return true;
    }
    if (!walks_) return false;
    --others_;
    sum_ ^= id;
    walk_.Removed(id, why);
    profile_->Removed(id, why);
    return true;
  }
  [[gnu::noinline]] std::optional<AlternativeId> PickSeldom() {
    if (injection_.any()) {
      if (others_ == 0) return injection_.Any();
      if (const std::optional<AlternativeId> cancelled = injection_.Decide()) return cancelled;
      if (others_ == 1) return sum_;
    }
    if (!walks_) return std::nullopt;
    profile_->Decided();
    return walk_.Pick();
  }

  std::uint64_t seed_;
  std::shared_ptr<Profile> profile_;
  Picker picker_;
  StickyPicker walk_;
  bool walks_ = false;  // in an execution that the profile learns from
  Drawer drawer_;
  Injection injection_;
  const Executor* executor_ = nullptr;
  std::uint32_t others_ = 0;  // alternatives that are no cancellations
  AlternativeId sum_ = 0;     // of those, by exclusive or: if there is one, it is this
};

template <class Picker>
std::unique_ptr<Strategy> MakeSampler(std::uint64_t seed, std::shared_ptr<Profile> profile, Picker picker) {
  return std::make_unique<Sampler<Picker>>(seed, std::move(profile), std::move(picker));
}

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_STRATEGY_SAMPLER_H_
