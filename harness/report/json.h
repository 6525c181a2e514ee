// Words of JSON.
#ifndef HOCKET_HARNESS_REPORT_JSON_H_
#define HOCKET_HARNESS_REPORT_JSON_H_

#include <string>

namespace hocket::testing {

// A string in its quotes. Bytes that are not ASCII are written as the characters of those numbers, so that whatever
// bytes a name has, the result is JSON.
std::string JsonString(const std::string& text);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_JSON_H_
