#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {

std::vector<Program> ChannelPrograms() {
  return {Cockroach24808(), Etcd7443(),       Grpc1353(),       Moby28462(),       Etcd6873(),       Kubernetes11298(),
          Syncthing5795(),  Cockroach10790(), Kubernetes5316(), Kubernetes25331(), Cockroach3710(),  Hugo5379(),
          FanInClose(),     SharedReplies(),  WaitgroupAdd(),   StopDrops(),       LateSubscriber(), OrderedResults()};
}

}  // namespace hocket::bugs
