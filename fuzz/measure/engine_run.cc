#include "fuzz/measure/engine_run.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>

#include "hocket/check.h"

// Libraries that are built for no engine in particular link this as well.
extern "C" __attribute__((weak)) int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                                         int (*callback)(const std::uint8_t* data, std::size_t size));

namespace hocket::measure {

namespace {

// Of the process: others on the machine make no difference.
double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// What happens in the child.
class Child {
 public:
  Child(std::uint64_t executions, int result) : executions_(executions), result_(result), start_(CpuSeconds()) {}

  // An execution has ended.
  void Count(bool failed) {
    ++run_.executions;
    if (run_.executions == std::max<std::uint64_t>(1, executions_ / 10)) run_.early_memory = ResidentBytes();
    if (failed || run_.executions == executions_) Leave(failed);
  }

  [[noreturn]] void Leave(bool failed) {
    run_.failed = failed;
    run_.seconds = CpuSeconds() - start_;
    run_.memory = ResidentBytes();
    HOCKET_CHECK(write(result_, &run_, sizeof run_) == sizeof run_) << "the parent has gone";
    _exit(0);
  }

 private:
  EngineRun run_;
  std::uint64_t executions_;
  int result_;
  double start_;
};

// The engine's callback is a plain function.
Child* child = nullptr;
const Input* run_input = nullptr;

int RunOneInput(const std::uint8_t* data, std::size_t size) {
  child->Count((*run_input)(data, size));
  return 0;
}

template <class InChild>
EngineRun Fork(std::uint64_t executions, InChild in_child) {
  HOCKET_CHECK(executions > 0) << "nothing is measured without executions";
  int ends[2];
  HOCKET_CHECK(pipe(ends) == 0) << "no pipe is left";
  const pid_t pid = fork();
  HOCKET_CHECK(pid >= 0) << "no process is left";
  if (pid == 0) {
    close(ends[0]);
    child = new Child(executions, ends[1]);
    in_child();
    child->Leave(/*failed=*/false);
  }
  close(ends[1]);
  EngineRun run;
  const ssize_t got = read(ends[0], &run, sizeof run);
  close(ends[0]);
  waitpid(pid, nullptr, 0);
  HOCKET_CHECK(got == sizeof run) << "the process died before it had told what it did";
  return run;
}

}  // namespace

EngineRun RunEngine(const Input& input, std::uint64_t executions, const std::vector<std::string>& arguments) {
  HOCKET_CHECK(LLVMFuzzerRunDriver != nullptr) << "no engine is linked: build with --config=libfuzzer";
  return Fork(executions, [&] {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    std::vector<std::string> words = {"engine", "-runs=" + std::to_string(executions)};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    int argc = static_cast<int>(words.size());
    char** argv = pointers.data();
    run_input = &input;
    LLVMFuzzerRunDriver(&argc, &argv, &RunOneInput);
  });
}

EngineRun RunWithoutEngine(const std::function<bool()>& execute, std::uint64_t executions) {
  return Fork(executions, [&] {
    for (;;) child->Count(execute());
  });
}

}  // namespace hocket::measure
