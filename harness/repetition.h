// Which repetition of the tests this is: --gtest_repeat=3 gives 0, 1 and 2.
#ifndef HOCKET_HARNESS_REPETITION_H_
#define HOCKET_HARNESS_REPETITION_H_

#include <cstdint>

namespace hocket::testing {

// Each repetition explores with a seed that is higher by one, or it would show nothing new.
std::uint64_t Repetition() noexcept;

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPETITION_H_
