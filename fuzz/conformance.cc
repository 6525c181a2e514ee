// Programs of the conformance language and their schedules, from bytes: the runtime does what the model of Trio does,
// event by event, and what it does is structured. Programs that are none are refused.
#include <exception>
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/drawn_program.h"
#include "fuzz/thread_of_its_own.h"
#include "fuzz/trace_laws.h"
#include "hocket/testing/draw_input.h"
#include "hocket/testing/test.h"
#include "tests/conformance/interpreter.h"
#include "tests/conformance/language.h"
#include "tests/conformance/model.h"

namespace hocket::testing {
namespace {

using nlohmann::json;

// "", or the first event that differs.
std::string Difference(const json& of_model, const json& of_runtime) {
  if (of_model == of_runtime) return "";
  const auto show = [](const json& trace, std::size_t i) { return i < trace.size() ? trace[i].dump() : "nothing"; };
  std::size_t i = 0;
  while (show(of_model, i) == show(of_runtime, i)) ++i;
  return "event " + std::to_string(i) + ": the model has " + show(of_model, i) + ", the runtime " + show(of_runtime, i);
}

// What is wrong with how the runtime runs `program`; empty if nothing is.
std::string WrongAbout(const json& program, bool runs_twice) {
  try {
    conformance::CheckProgram(program);
  } catch (const conformance::BadProgram& refused) {
    const std::string message = refused.what();
    return message.find("expected") != std::string::npos || message.find("has") != std::string::npos ||
                   message.find("need") != std::string::npos || message.find("unexpected") != std::string::npos ||
                   message.find("stand in each other") != std::string::npos
               ? ""
               : "refused without a reason: " + message;
  }
  const json trace = conformance::RunProgram(program);
  if (std::string broken = BrokenLaw(program, trace); !broken.empty()) return broken;
  if (std::string difference = Difference(conformance::RunModel(program), trace); !difference.empty())
    return difference;
  if (runs_twice && conformance::RunProgram(program) != trace) return "it runs otherwise the second time";
  return "";
}

HOCKET_TEST(Conformance, ProgramsRunAsTheModelSays, {.executions = 200, .strategy = "random"}) {
  json program = DrawProgram();
  const bool is_damaged = DrawChance(1, 16, "is damaged");
  if (is_damaged) program = DrawDamage(std::move(program));
  const bool runs_twice = DrawChance(1, 8, "runs twice");
  std::string wrong;
  OnAThreadOfItsOwn([&] {
    try {
      wrong = WrongAbout(program, runs_twice);
    } catch (const std::exception& error) {
      wrong = std::string("it throws ") + error.what();
    }
  });
  EXPECT_EQ(wrong, "") << program.dump(-1, ' ', /*ensure_ascii=*/true, json::error_handler_t::replace);
  // What was not damaged is a program.
  if (!is_damaged) EXPECT_NO_THROW(conformance::CheckProgram(program));
  co_return;
}

}  // namespace
}  // namespace hocket::testing
