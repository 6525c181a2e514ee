// Programs whose tasks share memory and locks.
#ifndef HOCKET_TESTS_BUGS_SHARED_STATE_PROGRAMS_H_
#define HOCKET_TESTS_BUGS_SHARED_STATE_PROGRAMS_H_

#include <vector>

#include "tests/bugs/program.h"

namespace hocket::bugs {

// All of them, in the order in which they stand here.
std::vector<Program> SharedStatePrograms();

Program Counter3();
Program Deadlock2();
Program Philo3();
Program Philo6();
Program Boundq2p2c();
Program Boundq3p3c2();
Program Reorder3();
Program Reorder5();
Program Reorder10();
Program Reorder20();
Program Twostage();
Program Twostage20();
Program Account();
Program Bluetooth2();
Program Wronglock3();
Program Stringbuffer();
Program Lazy01();
Program Starve();
Program Queue();
Program Stack();
Program DoubleChecked();
Program WorkSteal();
Program Aba();
Program LostWakeup();
Program BarrierReuse();
Program Permits2();

}  // namespace hocket::bugs

#endif  // HOCKET_TESTS_BUGS_SHARED_STATE_PROGRAMS_H_
