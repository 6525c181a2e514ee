// Compares a reduced search with the full one: what a reduction must not change.
#ifndef HOCKET_TESTS_SEARCH_COMPARISON_H_
#define HOCKET_TESTS_SEARCH_COMPARISON_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "hocket/testing/explore.h"

namespace hocket::testing {

// What a search has seen of a program.
struct Seen {
  bool complete = false;        // the search came to its end
  std::uint64_t schedules = 0;  // executions that were not cut
  std::uint64_t cut = 0;
  std::set<std::uint64_t> classes;  // their hashes
  std::set<std::string> outcomes;   // how they ended, and what they observed
};

// Runs `strategy` (a spelling) to its end, or for `executions`. `observed` tells what the last execution has observed.
Seen SeenBy(const std::string& strategy, const Body& body, const ExploreOptions& options, std::uint64_t executions,
            const std::function<std::string()>& observed = {});

}  // namespace hocket::testing

#endif  // HOCKET_TESTS_SEARCH_COMPARISON_H_
