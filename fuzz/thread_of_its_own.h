// Runs inside of an execution: runs do not nest, but each thread may have one.
#ifndef HOCKET_FUZZ_THREAD_OF_ITS_OWN_H_
#define HOCKET_FUZZ_THREAD_OF_ITS_OWN_H_

#include <functional>
#include <thread>

namespace hocket::testing {

// Calls `function` on a thread that exists for that alone, and waits for it. What the function expects (EXPECT_*) it
// must hand back: the execution under way is that of the calling thread.
inline void OnAThreadOfItsOwn(const std::function<void()>& function) { std::thread(function).join(); }

}  // namespace hocket::testing

#endif  // HOCKET_FUZZ_THREAD_OF_ITS_OWN_H_
