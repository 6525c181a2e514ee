#include "tests/bugs/shared_state/programs.h"

namespace hocket::bugs {

std::vector<Program> SharedStatePrograms() {
  return {Counter3(),   Deadlock2(),    Philo3(),     Philo6(),       Boundq2p2c(), Boundq3p3c2(), Reorder3(),
          Reorder5(),   Reorder10(),    Reorder20(),  Twostage(),     Twostage20(), Account(),     Bluetooth2(),
          Wronglock3(), Stringbuffer(), Lazy01(),     Starve(),       Queue(),      Stack(),       DoubleChecked(),
          WorkSteal(),  Aba(),          LostWakeup(), BarrierReuse(), Permits2()};
}

}  // namespace hocket::bugs
