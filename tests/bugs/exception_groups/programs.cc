#include "tests/bugs/exception_groups/programs.h"

namespace hocket::bugs {

std::vector<Program> ExceptionGroupPrograms() {
  return {
      GroupFirstOnly(),       CleanupMasksCause(),      StartHidesCancel(),
      TimeoutSwallowsError(), OwnCancelHidesOuter(),    FatalBehindTransient(),
      CatchSwallowsRest(),    GroupDropsCancellation(), GatherLeavesRunning(),
  };
}

}  // namespace hocket::bugs
