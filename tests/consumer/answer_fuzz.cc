#include <chrono>

#include "answer.h"
#include "hocket/draw.h"
#include "hocket/testing/test.h"

HOCKET_TEST(Answer, IsRightUnlessItIsGivenUp) {
  const auto limit = std::chrono::minutes(hocket::Choose(256, "minutes"));
  const auto answer = co_await hocket::MoveOnAfter(limit, [] { return Answer(); });
  if (answer) EXPECT_EQ(*answer, 42);
}
