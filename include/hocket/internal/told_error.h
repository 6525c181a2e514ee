// An error of which only the words are there, because it happened in another process.
#ifndef HOCKET_INTERNAL_TOLD_ERROR_H_
#define HOCKET_INTERNAL_TOLD_ERROR_H_

#include <string>

namespace hocket::internal {

// Failure::ToString gives `text` for it, and nothing else.
struct ToldError {
  std::string text;
};

}  // namespace hocket::internal

#endif  // HOCKET_INTERNAL_TOLD_ERROR_H_
