// Programs whose bugs are about cancellation and timeouts: one file each.
#ifndef HOCKET_TESTS_BUGS_CANCELLATION_PROGRAMS_H_
#define HOCKET_TESTS_BUGS_CANCELLATION_PROGRAMS_H_

#include <vector>

#include "tests/bugs/program.h"

namespace hocket::bugs {

Program BarrierIndexReused();
Program BroadcastSkipsWaiter();
Program CancellationCarriedOut();
Program CancelledBeforeFirstStep();
Program CleanupUnshielded();
Program ConditionNoReacquire();
Program GetTimeoutLosesItem();
Program InFlightLeak();
Program LockWakeLost();
Program NotifyLost();
Program OnceAbandoned();
Program PoolOfTwo();
Program RecvLost();
Program ReplyOfAnother();
Program ReserveManyNoWake();
Program RwlockReadersLeft();
Program SelectHalfFrame();
Program SemaphoreLeak();
Program ShieldLeaksCallbacks();
Program StartedValueLost();
Program TimeoutAfterSuccess();
Program TimeoutOfWhom();
Program TransferHalfDone();
Program TwoWinners();
Program WaitForLeak();
Program WaitForSwallowsCancel();
Program WriteTorn();

// All of them.
std::vector<Program> CancellationPrograms();

}  // namespace hocket::bugs

#endif  // HOCKET_TESTS_BUGS_CANCELLATION_PROGRAMS_H_
