// Must be found: see canary.h.
#include "fuzz/canary.h"

#include "hocket/testing/test.h"

HOCKET_TEST(Canary, KeepsTheMoney) { co_await fuzz::LogInAndTransfer(examples::Transfer); }
