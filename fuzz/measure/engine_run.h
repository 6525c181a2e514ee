// A run of the fuzzing engine that is linked in, in a process of its own: engines leave by exit(), and only once.
#ifndef HOCKET_FUZZ_MEASURE_ENGINE_RUN_H_
#define HOCKET_FUZZ_MEASURE_ENGINE_RUN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace hocket::measure {

// Runs one input, and says whether it fails.
using Input = std::function<bool(const std::uint8_t* data, std::size_t size)>;

struct EngineRun {
  std::uint64_t executions = 0;  // up to and with the one that failed
  bool failed = false;
  double seconds = 0;              // of the processor, from before the engine started
  std::uint64_t early_memory = 0;  // bytes resident after a tenth of the executions,
  std::uint64_t memory = 0;        // and at the end
};

// Runs `input` on what the engine makes up, at most `executions` times, until one fails. The engine's output is
// dropped. REQUIRES: an engine that defines LLVMFuzzerRunDriver is linked in; executions > 0.
EngineRun RunEngine(const Input& input, std::uint64_t executions, const std::vector<std::string>& arguments);

// The same without an engine, for comparison: `execute` is called instead, and says whether it failed.
EngineRun RunWithoutEngine(const std::function<bool()>& execute, std::uint64_t executions);

}  // namespace hocket::measure

#endif  // HOCKET_FUZZ_MEASURE_ENGINE_RUN_H_
