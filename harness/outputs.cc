#include "harness/outputs.h"

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "hocket/wait_graph.h"

namespace hocket::testing {

std::string OutputPath(const std::string& test, const std::string& ending) {
  const char* folder = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  if (folder == nullptr) return "";
  std::string name = test;
  for (char& c : name) c = c == '/' ? '-' : c;
  return std::string(folder) + "/" + name + ending;
}

std::string OutputName(const std::string& path) {
  const std::string logs = "/testlogs/";
  const std::size_t at = path.rfind(logs);
  return at == std::string::npos ? path : "bazel-testlogs/" + path.substr(at + logs.size());
}

void WriteSchedule(const Schedule& schedule) {
  if (const std::string path = OutputPath(schedule.test, ".schedule"); !path.empty())
    std::ofstream(path) << FormatScheduleFile(schedule);
}

void WriteOutputs(const FoundFailure& found, const std::string& report) {
  const std::string& test = found.schedule.test;
  if (OutputPath(test, "").empty()) return;
  WriteSchedule(found.schedule);
  std::ofstream(OutputPath(test, ".report.txt")) << report;
  if (const std::vector<TaskSnapshot>& unfinished = found.failure.unfinished; !unfinished.empty()) {
    std::ofstream(OutputPath(test, ".waits.dot")) << FormatWaitGraph(unfinished, GraphFormat::kDot);
    std::ofstream(OutputPath(test, ".waits.mmd")) << FormatWaitGraph(unfinished, GraphFormat::kMermaid);
  }
}

void WriteWarning(const std::string& test, const std::string& what) {
  if (const char* file = std::getenv("TEST_WARNINGS_OUTPUT_FILE"))
    std::ofstream(file, std::ios::app) << "hocket: " << test << ": " << what << "\n";
}

}  // namespace hocket::testing
