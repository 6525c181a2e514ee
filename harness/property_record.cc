#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "hocket/testing/property_input.h"

namespace hocket::testing {

void PropertyRecord::BeginInput() {
  EndExecution();
  kept_ = 0;
}

void PropertyRecord::Expect() { expected_ = true; }

bool PropertyRecord::EndInput() {
  EndExecution();
  return kept_ == 0;
}

void PropertyRecord::BeginExecution() {
  EndExecution();
  counts_ = std::exchange(expected_, false);
  log_.clear();
}

// What is said between its beginning and the next one's is said by an execution, also if nothing ends it properly: a
// deadlock, a failure.
void PropertyRecord::EndExecution() {
  if (std::exchange(counts_, false) && !discarded_) {
    ++kept_;
    ++counted_;
    std::sort(tags_.begin(), tags_.end());  // which task came first says nothing
    if (!tags_.empty()) ++distribution_[tags_];
  }
  discarded_ = false;
  tags_.clear();
}

void PropertyRecord::Discard(std::string why) {
  discarded_ = true;
  discarded_because_ = std::move(why);
}

void PropertyRecord::AddTag(std::string tag) { tags_.push_back(std::move(tag)); }

std::string PropertyRecord::Distribution() const {
  std::vector<std::pair<std::uint64_t, const std::vector<std::string>*>> entries;
  for (const auto& [tags, count] : distribution_) entries.emplace_back(count, &tags);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : *a.second < *b.second;
  });
  std::string text;
  for (const auto& [count, tags] : entries) {
    absl::StrAppendFormat(&text, "%6.2f %% - %s\n", 100.0 * static_cast<double>(count) / static_cast<double>(counted_),
                          absl::StrJoin(*tags, ", "));
  }
  return text;
}

void FailWithMessage(const std::string& message) {
  std::istringstream lines(message);
  std::string place;
  std::getline(lines, place);
  std::string text;
  bool is_values = false;  // what was expanded differs from execution to execution, and is indented like all values
  for (std::string line; std::getline(lines, line);) {
    text += (is_values && !line.empty() ? "    " : "") + line + "\n";
    is_values = is_values || line == "Expands to:";
  }
  // "file:12:"
  int number = 0;
  const std::size_t end = place.size() > 1 ? place.rfind(':', place.size() - 2) : std::string::npos;
  if (end != std::string::npos && place.back() == ':' &&
      std::from_chars(place.data() + end + 1, place.data() + place.size() - 1, number).ptr ==
          place.data() + place.size() - 1) {
    ADD_FAILURE_AT(place.substr(0, end).c_str(), number) << text;
  } else {
    ADD_FAILURE() << message;
  }
}

}  // namespace hocket::testing
