// expect: call to deleted constructor
#include "hocket/hocket.h"

using namespace hocket;

#ifdef FIXED
Task<> Wait(Event& event) { co_await event.Wait(); }
#else
Task<> Wait(Event event) { co_await event.Wait(); }
#endif

Task<> Main(Event& event) { co_await Wait(event); }
