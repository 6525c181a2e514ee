// Messages between the processes of one exploration, which are the same binary: plain bytes, with the lengths of what
// has one.
#ifndef HOCKET_HARNESS_MESSAGE_H_
#define HOCKET_HARNESS_MESSAGE_H_

#include <optional>
#include <string>

#include "harness/execution_source.h"
#include "hocket/testing/strategy.h"

namespace hocket::testing {

// Reading what the other one has written gives an equal value. REQUIRES, when reading: the bytes are such a message.
std::string WriteFinding(const Finding& finding);
Finding ReadFinding(const std::string& message);

std::string WriteCoverage(const std::optional<Coverage>& coverage);
std::optional<Coverage> ReadCoverage(const std::string& message);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_MESSAGE_H_
