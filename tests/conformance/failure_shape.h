// What a trace says about a failure: the name of a leaf, or the tree of a group.
#ifndef HOCKET_TESTS_CONFORMANCE_FAILURE_SHAPE_H_
#define HOCKET_TESTS_CONFORMANCE_FAILURE_SHAPE_H_

#include <nlohmann/json.hpp>
#include <string>

#include "hocket/hocket.h"

namespace hocket::conformance {

// What the statement `raise` throws. "B0" stands for an error that Python does not call an Exception.
struct ProgramError {
  std::string name;
};

// Null for no failure; "E0", "Cancelled", "RuntimeError.lock_reacquire" for a leaf; for a group {"group","of"} with its
// members in order, where "group" is "B" if a leaf is Cancelled or B0, and "E" otherwise.
nlohmann::json Shape(const Failure& failure);

// Whether a handler for `classes`, a list of names, takes a leaf. "ANY" takes all, "RuntimeError" all its kinds.
bool Catches(const nlohmann::json& classes, const Failure& leaf);

}  // namespace hocket::conformance

#endif  // HOCKET_TESTS_CONFORMANCE_FAILURE_SHAPE_H_
