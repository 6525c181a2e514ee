// A model of Trio: what the programs of the conformance language do, without hocket. It shares the language, the shape
// of traces and nothing else with the interpreter, so that each is a check of the other: the interpreter's traces come
// out of the runtime, the model's out of a few hundred lines that say the rules one by one.
//
// Its rules are those of docs/semantics.md, with hocket's deviations S32 and S68. conformance_test compares it with the
// traces recorded from Trio; fuzz/conformance.cc compares the runtime with it.
#ifndef HOCKET_TESTS_CONFORMANCE_MODEL_H_
#define HOCKET_TESTS_CONFORMANCE_MODEL_H_

#include <nlohmann/json.hpp>

namespace hocket::conformance {

// The trace that RunProgram must give. REQUIRES: `program` is well-formed (CheckProgram).
nlohmann::json RunModel(const nlohmann::json& program);

}  // namespace hocket::conformance

#endif  // HOCKET_TESTS_CONFORMANCE_MODEL_H_
