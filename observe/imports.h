// Calls into shared libraries, which are not instrumented: what each function touches, from a table, or anything.
//
// The program calls a function of a shared library through a slot that the dynamic linker has filled in. WatchImports
// puts a function of ours into each slot, which looks at the arguments and then jumps on to the function that was
// meant.
#ifndef OBSERVE_IMPORTS_H_
#define OBSERVE_IMPORTS_H_

#include <string>
#include <vector>

namespace hocket::observe {

// Does its work once per process. Threads: any.
void WatchImports() noexcept;

// Whether the code at `address` belongs to the program or to libstdc++. REQUIRES: WatchImports has been called.
bool IsProgramOrLibrary(const void* address) noexcept;

// The functions that have made a step opaque, in alphabetical order.
std::vector<std::string> OpaqueFunctions();

}  // namespace hocket::observe

#endif  // OBSERVE_IMPORTS_H_
