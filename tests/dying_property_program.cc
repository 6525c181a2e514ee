// A property that ends its process on purpose: death_test runs it.
#include <cstdlib>

#include "hocket/hocket.h"
#include "hocket/testing/property.h"

HOCKET_PROPERTY(Dying, Property, int value) {
  co_await hocket::Checkpoint();
  if (value > 3) std::abort();
}
