// Around functions whose accesses are no part of the program under test, for builds that observe memory: what they mean
// for other tasks, the runtime says itself.
#ifndef HOCKET_INTERNAL_OBSERVED_H_
#define HOCKET_INTERNAL_OBSERVED_H_

#if HOCKET_OBSERVE
#define HOCKET_NOT_OBSERVED_BEGIN \
  _Pragma("clang attribute push(__attribute__((disable_sanitizer_instrumentation)), apply_to = function)")
#define HOCKET_NOT_OBSERVED_END _Pragma("clang attribute pop")
#else
#define HOCKET_NOT_OBSERVED_BEGIN
#define HOCKET_NOT_OBSERVED_END
#endif

#endif  // HOCKET_INTERNAL_OBSERVED_H_
