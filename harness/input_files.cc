#include "harness/input_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"

namespace hocket::testing {

absl::StatusOr<std::vector<std::string>> InputFiles(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  std::filesystem::recursive_directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::end(entry); entry.increment(error)) {
    if (entry->is_regular_file() && entry->path().extension() != ".schedule") files.push_back(entry->path().string());
  }
  if (error) return absl::NotFoundError("expected a file or a folder, found '" + path + "': " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace hocket::testing
