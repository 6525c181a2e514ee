// How many failing schedules of the gallery outlive edits of their programs, replayed as they are and after repair:
//
//   bazel run -c opt //tests/bugs:edits
//
// One line for each kind of edit, over 3 seeds and 8 places in each program.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/bugs/edits.h"
#include "tests/bugs/gallery.h"

namespace hocket::bugs {
namespace {

void Print(const char* edit, const Survival& survival) {
  std::printf("%-28s %6llu edits: %5.1f %% fail as recorded, %5.1f %% after repair; %llu do neither, nor say so\n",
              edit, static_cast<unsigned long long>(survival.edits), 100 * survival.raw(),
              100 * survival.after_repair(), static_cast<unsigned long long>(survival.silent));
  std::fflush(stdout);
}

void Run(std::uint64_t seeds, bool each) {
  Survival all;
  for (const Edit edit : kEdits) {
    Survival survival;
    for (const Program& program : Gallery()) {
      Survival of_program;
      for (std::uint64_t seed = 1; seed <= seeds; ++seed) MeasureEdits(program, seed, edit, 8, of_program);
      if (each && of_program.after_repair() < 1) Print(program.name, of_program);
      survival.edits += of_program.edits;
      survival.fails += of_program.fails;
      survival.repaired += of_program.repaired;
      survival.silent += of_program.silent;
    }
    Print(ToString(edit), survival);
    all.edits += survival.edits;
    all.fails += survival.fails;
    all.repaired += survival.repaired;
    all.silent += survival.silent;
  }
  Print("all", all);
}

}  // namespace
}  // namespace hocket::bugs

int main(int argc, char** argv) { hocket::bugs::Run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 3, argc > 2); }
