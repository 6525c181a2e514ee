// The number that tells failures of one kind apart.
#ifndef HOCKET_HARNESS_DETECTORS_IDENTITY_H_
#define HOCKET_HARNESS_DETECTORS_IDENTITY_H_

#include <cstdint>
#include <string>
#include <vector>

namespace hocket::testing {

// Of a set of words: neither their order nor how often one occurs matters, because the schedule decides that.
std::uint32_t IdentityOf(std::vector<std::string> words);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_DETECTORS_IDENTITY_H_
