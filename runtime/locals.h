// The values of RunLocals or TaskLocals that are set.
#ifndef HOCKET_RUNTIME_LOCALS_H_
#define HOCKET_RUNTIME_LOCALS_H_

#include <any>
#include <map>
#include <memory>

#include "hocket/local.h"

namespace hocket::internal {

// Shared by a task and those that it has spawned, until one of them changes it: immutable but for its only owner.
using Locals = std::map<LocalKey, std::shared_ptr<const std::any>>;

}  // namespace hocket::internal

#endif  // HOCKET_RUNTIME_LOCALS_H_
