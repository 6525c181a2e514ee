#include "fuzz/measure/large_programs.h"

namespace hocket::bugs {

const std::vector<Program>& LargePrograms() {
  static const auto& programs = *new std::vector<Program>{Staged(), StagedData(), ReplicatedLog()};
  return programs;
}

}  // namespace hocket::bugs
