// The planted bug by which one sees that an engine works: exploring at random does not come near it, and an engine that
// reads the dictionary and goes on from what brought coverage finds it within seconds. It takes the right inputs, and
// then the right schedule.
#ifndef HOCKET_FUZZ_CANARY_H_
#define HOCKET_FUZZ_CANARY_H_

#include <cstdint>

#include "examples/bank.h"
#include "hocket/draw.h"

namespace fuzz {

// Whether the letters that are drawn are those of the password: one of 2^24 ways. Each right letter is one more turn
// of the loop, which engines notice.
inline bool PasswordIsRight() {
  constexpr const char* kPassword = "sos";
  for (const char* letter = kPassword; *letter != '\0'; ++letter) {
    if (hocket::Choose(256, "letter") != static_cast<std::uint8_t>(*letter)) return false;
  }
  return true;
}

// Who knows the password may transfer money.
template <class TransferFunction>
hocket::Task<> LogInAndTransfer(TransferFunction transfer) {
  if (PasswordIsRight()) co_await examples::TransferAndAudit(transfer);
}

}  // namespace fuzz

#endif  // HOCKET_FUZZ_CANARY_H_
