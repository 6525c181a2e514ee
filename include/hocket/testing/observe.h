// What is known about plain memory: see docs/observe.md.
#ifndef HOCKET_TESTING_OBSERVE_H_
#define HOCKET_TESTING_OBSERVE_H_

#include <string>
#include <vector>

namespace hocket::testing {

// Whether this program was built with --config=observe: its runs then report what it does to plain memory to their
// Chooser::Touched.
bool MemoryIsObserved() noexcept;

// The functions of shared libraries that have made a step opaque in this process, in alphabetical order: it is not
// known what they touch. None in other builds. Threads: any.
std::vector<std::string> OpaqueFunctions();

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_OBSERVE_H_
