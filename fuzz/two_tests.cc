// No fuzz test: which of them would the bytes be for?
#include "hocket/checkpoint.h"
#include "hocket/testing/test.h"

HOCKET_TEST(Fuzzed, One) { co_await hocket::Checkpoint(); }
HOCKET_TEST(Fuzzed, Another) { co_await hocket::Checkpoint(); }
