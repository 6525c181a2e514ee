// The decision that makes the difference between a failing schedule and one that passes, in words.
#ifndef HOCKET_HARNESS_REPORT_PAIR_SENTENCE_H_
#define HOCKET_HARNESS_REPORT_PAIR_SENTENCE_H_

#include <string>

#include "hocket/testing/explore.h"

namespace hocket::testing {

// Without a full stop or a line end:
//     passes if `Transfer` runs before `Audit` resumes at bank.cc:14
//     passes if main/0 draws 0 instead of 1 as 'fault'
//     no schedule next to it passes: all 37 that were tried fail
// Empty if nothing was tried.
std::string PairSentence(const FoundFailure& found);

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_REPORT_PAIR_SENTENCE_H_
