// The interpreter's last resort against a deadlock: takes the shields off all active scopes, the library's own
// included.
#ifndef HOCKET_TESTS_CONFORMANCE_UNSHIELD_H_
#define HOCKET_TESTS_CONFORMANCE_UNSHIELD_H_

namespace hocket::conformance {

// REQUIRES: called inside a run, between two steps.
void UnshieldEverything();

}  // namespace hocket::conformance

#endif  // HOCKET_TESTS_CONFORMANCE_UNSHIELD_H_
