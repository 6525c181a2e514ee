#include "harness/process_death.h"

#include <sys/wait.h>

#include <cstring>

#include "harness/detectors/identity.h"

namespace hocket::testing {

std::string DescribeDeath(int status) {
  if (WIFSIGNALED(status)) {
    return "was ended by signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
  }
  return "exited with status " + std::to_string(WEXITSTATUS(status));
}

ExecutionFailure CrashFailure(const std::string& death) {
  ExecutionFailure failure;
  failure.identity = {kCrash, IdentityOf({death})};
  failure.message = "crash: the process of this execution " + death;
  return failure;
}

}  // namespace hocket::testing
