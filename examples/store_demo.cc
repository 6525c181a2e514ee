// The example of docs/linearizability.md. It fails, as it should.
#include "examples/store.h"
#include "hocket/testing/test.h"

namespace examples {
namespace {

HOCKET_TEST(Store, IsLinearizable) { co_await PutAtOnce<HastyStore>(); }

}  // namespace
}  // namespace examples
