#include "answer.h"

#include <chrono>

hocket::Task<int> Answer() {
  co_await hocket::Sleep(std::chrono::hours(24));
  co_return 42;
}
