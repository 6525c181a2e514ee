// Programs whose bugs are about groups of exceptions, and errors that meet cancellations: one file each.
#ifndef HOCKET_TESTS_BUGS_EXCEPTION_GROUPS_PROGRAMS_H_
#define HOCKET_TESTS_BUGS_EXCEPTION_GROUPS_PROGRAMS_H_

#include <vector>

#include "tests/bugs/program.h"

namespace hocket::bugs {

Program CatchSwallowsRest();
Program CleanupMasksCause();
Program FatalBehindTransient();
Program GatherLeavesRunning();
Program GroupDropsCancellation();
Program GroupFirstOnly();
Program OwnCancelHidesOuter();
Program StartHidesCancel();
Program TimeoutSwallowsError();

// All of them.
std::vector<Program> ExceptionGroupPrograms();

}  // namespace hocket::bugs

#endif  // HOCKET_TESTS_BUGS_EXCEPTION_GROUPS_PROGRAMS_H_
