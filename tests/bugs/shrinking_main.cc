// How far failures of the gallery shrink, at which price, and how far from the fewest delays that show them at all:
//
//   bazel run -c opt //tests/bugs:shrinking
//
// One line for each program, over a few seeds; the fewest delays are those that a delay-bounded search proves, where it
// ends. The numbers are those of tests/bugs/shrinking_test.cc, for all programs.
#include <cstdio>
#include <cstdlib>

#include "tests/bugs/gallery.h"
#include "tests/bugs/shrinking.h"

namespace hocket::bugs {
namespace {

std::string Text(std::optional<std::size_t> number) { return number ? std::to_string(*number) : "?"; }

void Print(const std::vector<Shrinking>& all) {
  for (const Shrinking& shrinking : all) {
    std::printf(
        "%-28s seed %llu: %3zu -> %zu deviations and drawn values (fewest delays: %s) in %4llu executions%s%s\n",
        shrinking.program->name, static_cast<unsigned long long>(shrinking.seed), shrinking.found, shrinking.shrunk,
        Text(shrinking.fewest_delays).c_str(), static_cast<unsigned long long>(shrinking.executions),
        shrinking.idempotent ? "" : ", NOT IDEMPOTENT", shrinking.pair ? "" : ", no pass near it");
  }
  const ShrinkingSummary summary = Summarize(all);
  std::printf(
      "%zu failures: median deviations %.1f, at most %zu; median executions %.0f, at most %.0f; of %zu with proven "
      "fewest delays %zu within 1 and %zu equal; %zu idempotent; %zu with a pass near them\n",
      all.size(), summary.median_shrunk, summary.most_shrunk, summary.median_executions, summary.most_executions,
      summary.proven, summary.within_one, summary.equal, summary.idempotent, summary.pairs);
}

}  // namespace
}  // namespace hocket::bugs

int main(int argc, char** argv) {
  const std::uint64_t seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5;
  std::vector<hocket::bugs::Shrinking> all;
  for (const hocket::bugs::Program& program : hocket::bugs::Gallery()) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const auto shrinking = hocket::bugs::ShrinkFound(program, seed);
      if (shrinking) all.push_back(*shrinking);
    }
  }
  hocket::bugs::Print(all);
}
