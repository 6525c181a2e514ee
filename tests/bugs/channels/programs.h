// Programs whose tasks talk through channels, conditions and events; most are kernels of bugs of Go programs.
#ifndef HOCKET_TESTS_BUGS_CHANNELS_PROGRAMS_H_
#define HOCKET_TESTS_BUGS_CHANNELS_PROGRAMS_H_

#include <vector>

#include "tests/bugs/program.h"

namespace hocket::bugs {

// All of them, in the order in which they stand here.
std::vector<Program> ChannelPrograms();

Program Cockroach24808();
Program Etcd7443();
Program Grpc1353();
Program Moby28462();
Program Etcd6873();
Program Kubernetes11298();
Program Syncthing5795();
Program Cockroach10790();
Program Kubernetes5316();
Program Kubernetes25331();
Program Cockroach3710();
Program Hugo5379();
Program FanInClose();
Program SharedReplies();
Program WaitgroupAdd();
Program StopDrops();
Program LateSubscriber();
Program OrderedResults();

}  // namespace hocket::bugs

#endif  // HOCKET_TESTS_BUGS_CHANNELS_PROGRAMS_H_
