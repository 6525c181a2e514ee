#include "tests/conformance/failure_shape.h"

#include <algorithm>
#include <utility>

namespace hocket::conformance {

namespace {

using nlohmann::json;

constexpr char kRuntimeError[] = "RuntimeError";

// Trio has one class for all misuse, and the trace tells the kinds apart by how the message begins; so does this.
std::string NameOfMisuse(const std::string& message) {
  constexpr std::pair<const char*, const char*> kKinds[] = {
      {"the nursery is closed", "nursery_closed"},
      {"the task ended without calling started", "not_started"},
      {"started was called twice", "started_twice"},
      {"the task holds this lock already", "lock_reacquire"},
      {"the task does not hold this lock", "lock_not_owner"},
      {"the task must hold the lock", "must_hold_lock"},
      {"the borrower has a token", "limiter_held"},
      {"the borrower has no token", "limiter_not_held"},
      {"a cancel scope is entered twice", "scope_reuse"},
  };
  for (const auto& [beginning, kind] : kKinds) {
    if (message.starts_with(beginning)) return std::string(kRuntimeError) + "." + kind;
  }
  return kRuntimeError;
}

std::string NameOf(const Failure& leaf) {
  if (leaf.is_cancelled()) return "Cancelled";
  try {
    leaf.Throw();
  } catch (const ProgramError& error) {
    return error.name;
  } catch (const WouldBlock&) {
    return "WouldBlock";
  } catch (const EndOfChannel&) {
    return "EndOfChannel";
  } catch (const BrokenResourceError&) {
    return "Broken";
  } catch (const ClosedResourceError&) {
    return "Closed";
  } catch (const TooSlowError&) {
    return "TooSlow";
  } catch (const MisuseError& error) {
    return NameOfMisuse(error.what());
  }
}

// Whether Python would not call it an Exception.
bool IsBase(const Failure& failure) {
  if (!failure.is_group()) return failure.is_cancelled() || NameOf(failure) == "B0";
  const ExceptionGroup group = failure.group();
  return std::any_of(group.members().begin(), group.members().end(), IsBase);
}

}  // namespace

json Shape(const Failure& failure) {
  if (!failure) return nullptr;
  if (!failure.is_group()) return NameOf(failure);
  json members = json::array();
  const ExceptionGroup group = failure.group();
  for (const Failure& member : group.members()) members.push_back(Shape(member));
  return {{"group", IsBase(failure) ? "B" : "E"}, {"of", std::move(members)}};
}

bool Catches(const json& classes, const Failure& leaf) {
  const std::string name = NameOf(leaf);
  for (const json& wanted : classes) {
    if (wanted == "ANY" || wanted == name || (wanted == kRuntimeError && name.starts_with(kRuntimeError))) return true;
  }
  return false;
}

}  // namespace hocket::conformance
