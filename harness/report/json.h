// Writing JSON by hand: reports are too large to be built as trees first.
#ifndef HOCKET_HARNESS_REPORT_JSON_H_
#define HOCKET_HARNESS_REPORT_JSON_H_

#include <string>
#include <string_view>

namespace hocket::testing {

// `text` as a JSON string that may also stand inside an HTML script element: `<`, `>` and `&` are escaped. What
// is not UTF-8 becomes U+FFFD, a byte each. Threads: any.
std::string JsonString(std::string_view text);
// The same at the end of `json`.
void AppendJsonString(std::string& json, std::string_view text);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_JSON_H_
