#include "tests/bugs/cancellation/programs.h"

namespace hocket::bugs {

std::vector<Program> CancellationPrograms() {
  return {
      RecvLost(),
      SemaphoreLeak(),
      LockWakeLost(),
      ConditionNoReacquire(),
      NotifyLost(),
      WaitForLeak(),
      CleanupUnshielded(),
      CancelledBeforeFirstStep(),
      PoolOfTwo(),
      WaitForSwallowsCancel(),
      GetTimeoutLosesItem(),
      SelectHalfFrame(),
      ReserveManyNoWake(),
      BroadcastSkipsWaiter(),
      TimeoutAfterSuccess(),
      StartedValueLost(),
      CancellationCarriedOut(),
      ShieldLeaksCallbacks(),
      OnceAbandoned(),
      BarrierIndexReused(),
      ReplyOfAnother(),
      WriteTorn(),
      TransferHalfDone(),
      InFlightLeak(),
      RwlockReadersLeft(),
      TimeoutOfWhom(),
      TwoWinners(),
  };
}

}  // namespace hocket::bugs
