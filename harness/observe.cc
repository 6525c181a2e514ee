#include "hocket/testing/observe.h"

#if HOCKET_OBSERVE
#include "observe/imports.h"
#endif

namespace hocket::testing {

#if HOCKET_OBSERVE
bool MemoryIsObserved() noexcept { return true; }
std::vector<std::string> OpaqueFunctions() { return observe::OpaqueFunctions(); }
#else
bool MemoryIsObserved() noexcept { return false; }
std::vector<std::string> OpaqueFunctions() { return {}; }
#endif

}  // namespace hocket::testing
