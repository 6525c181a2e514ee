// What the tests of the detectors have in common: a body that is explored, and what came out.
#ifndef HOCKET_TESTS_DETECTORS_SUPPORT_H_
#define HOCKET_TESTS_DETECTORS_SUPPORT_H_

#include <gtest/gtest.h>

#include <string>

#include "hocket/hocket.h"
#include "hocket/testing/explore.h"

namespace hocket::testing {

// The kind of failure that an exploration finds; none if it finds nothing.
inline std::string KindFound(const Body& body, const ExploreOptions& options = {}) {
  const Exploration exploration = Explore(body, options);
  EXPECT_FALSE(exploration.nondeterminism) << *exploration.nondeterminism;
  return exploration.failure ? exploration.failure->failure.identity.kind : "none";
}

inline std::string MessageFound(const Body& body, const ExploreOptions& options = {}) {
  const Exploration exploration = Explore(body, options);
  EXPECT_FALSE(exploration.nondeterminism) << *exploration.nondeterminism;
  return exploration.failure ? exploration.failure->failure.message : "none";
}

inline bool Contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace hocket::testing

#endif  // HOCKET_TESTS_DETECTORS_SUPPORT_H_
