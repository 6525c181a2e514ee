// The canary without its bug: nothing may be found.
#include "fuzz/canary.h"
#include "hocket/testing/test.h"

HOCKET_TEST(Canary, KeepsTheMoney) { co_await fuzz::LogInAndTransfer(examples::TransferAtOnce); }
