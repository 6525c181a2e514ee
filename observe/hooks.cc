// The functions that clang's -fsanitize=thread calls, in place of ThreadSanitizer's runtime.
//
// They are called before the access. A read that is followed by a write to the same bytes may come as the write alone.
// Tested by tests/observe.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hocket/internal/observed.h"
#include "observe/observation.h"

// The list of our own code (own_code.inc) does not find functions whose names macros put together.
HOCKET_NOT_OBSERVED_BEGIN

namespace {

using hocket::AccessKind;
using hocket::observe::Observation;

[[gnu::always_inline]] inline void Note(const volatile void* address, std::size_t size, AccessKind kind) {
  Observation& observation = Observation::OfThisThread();
  if (observation.on()) observation.Touch(const_cast<const void*>(address), size, kind);
}

}  // namespace

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}

#define HOCKET_PLAIN(SIZE)                                                                             \
  void __tsan_read##SIZE(void* address) { Note(address, SIZE, AccessKind::kRead); }                    \
  void __tsan_write##SIZE(void* address) { Note(address, SIZE, AccessKind::kWrite); }                  \
  void __tsan_read_write##SIZE(void* address) { Note(address, SIZE, AccessKind::kUpdate); }            \
  void __tsan_unaligned_read##SIZE(void* address) { Note(address, SIZE, AccessKind::kRead); }          \
  void __tsan_unaligned_write##SIZE(void* address) { Note(address, SIZE, AccessKind::kWrite); }        \
  void __tsan_unaligned_read_write##SIZE(void* address) { Note(address, SIZE, AccessKind::kUpdate); }  \
  void __tsan_volatile_read##SIZE(void* address) { Note(address, SIZE, AccessKind::kRead); }           \
  void __tsan_volatile_write##SIZE(void* address) { Note(address, SIZE, AccessKind::kWrite); }         \
  void __tsan_unaligned_volatile_read##SIZE(void* address) { Note(address, SIZE, AccessKind::kRead); } \
  void __tsan_unaligned_volatile_write##SIZE(void* address) { Note(address, SIZE, AccessKind::kWrite); }
HOCKET_PLAIN(1)
HOCKET_PLAIN(2)
HOCKET_PLAIN(4)
HOCKET_PLAIN(8)
HOCKET_PLAIN(16)
#undef HOCKET_PLAIN

void __tsan_vptr_read(void** address) { Note(address, sizeof(void*), AccessKind::kRead); }
void __tsan_vptr_update(void** address, void*) { Note(address, sizeof(void*), AccessKind::kWrite); }
void __tsan_read_range(void* address, std::size_t size) { Note(address, size, AccessKind::kRead); }
void __tsan_write_range(void* address, std::size_t size) { Note(address, size, AccessKind::kWrite); }

void* __tsan_memcpy(void* to, const void* from, std::size_t size) {
  Note(from, size, AccessKind::kRead);
  Note(to, size, AccessKind::kWrite);
  return std::memcpy(to, from, size);
}
void* __tsan_memmove(void* to, const void* from, std::size_t size) {
  Note(from, size, AccessKind::kRead);
  Note(to, size, AccessKind::kWrite);
  return std::memmove(to, from, size);
}
void* __tsan_memset(void* to, int value, std::size_t size) {
  Note(to, size, AccessKind::kWrite);
  return std::memset(to, value, size);
}

// One thread runs the program, so that any memory order is as good as the strongest.
#define HOCKET_FETCH(BITS, T, NAME)                                         \
  T __tsan_atomic##BITS##_fetch_##NAME(volatile T* address, T value, int) { \
    Note(address, sizeof(T), AccessKind::kUpdate);                          \
    return __atomic_fetch_##NAME(address, value, __ATOMIC_SEQ_CST);         \
  }
// A compare-exchange that fails has read.
#define HOCKET_COMPARE_EXCHANGE(BITS, T, STRENGTH)                                                                  \
  int __tsan_atomic##BITS##_compare_exchange_##STRENGTH(volatile T* address, T* expected, T value, int, int) {      \
    const bool done = __atomic_compare_exchange_n(address, expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
    Note(address, sizeof(T), done ? AccessKind::kUpdate : AccessKind::kRead);                                       \
    return done;                                                                                                    \
  }
#define HOCKET_ATOMIC(BITS, T)                                                                                       \
  T __tsan_atomic##BITS##_load(const volatile T* address, int) {                                                     \
    Note(address, sizeof(T), AccessKind::kRead);                                                                     \
    return __atomic_load_n(address, __ATOMIC_SEQ_CST);                                                               \
  }                                                                                                                  \
  void __tsan_atomic##BITS##_store(volatile T* address, T value, int) {                                              \
    Note(address, sizeof(T), AccessKind::kWrite);                                                                    \
    __atomic_store_n(address, value, __ATOMIC_SEQ_CST);                                                              \
  }                                                                                                                  \
  T __tsan_atomic##BITS##_exchange(volatile T* address, T value, int) {                                              \
    Note(address, sizeof(T), AccessKind::kUpdate);                                                                   \
    return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);                                                    \
  }                                                                                                                  \
  HOCKET_FETCH(BITS, T, add)                                                                                         \
  HOCKET_FETCH(BITS, T, sub)                                                                                         \
  HOCKET_FETCH(BITS, T, and)                                                                                         \
  HOCKET_FETCH(BITS, T, or)                                                                                          \
  HOCKET_FETCH(BITS, T, xor)                                                                                         \
  HOCKET_FETCH(BITS, T, nand)                                                                                        \
  HOCKET_COMPARE_EXCHANGE(BITS, T, strong)                                                                           \
  HOCKET_COMPARE_EXCHANGE(BITS, T, weak)                                                                             \
  T __tsan_atomic##BITS##_compare_exchange_val(volatile T* address, T expected, T value, int success, int failure) { \
    __tsan_atomic##BITS##_compare_exchange_strong(address, &expected, value, success, failure);                      \
    return expected;                                                                                                 \
  }
HOCKET_ATOMIC(8, std::uint8_t)
HOCKET_ATOMIC(16, std::uint16_t)
HOCKET_ATOMIC(32, std::uint32_t)
HOCKET_ATOMIC(64, std::uint64_t)
#if defined(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_16)  // else they are functions of libatomic
HOCKET_ATOMIC(128, unsigned __int128)
#endif
#undef HOCKET_ATOMIC
#undef HOCKET_COMPARE_EXCHANGE
#undef HOCKET_FETCH

// What abseil's Mutex says when it sees -fsanitize=thread.
void __tsan_mutex_create(void*, unsigned) {}
void __tsan_mutex_destroy(void*, unsigned) {}
void __tsan_mutex_pre_lock(void* mutex, unsigned) { Note(mutex, sizeof(void*), AccessKind::kUpdate); }
void __tsan_mutex_post_lock(void*, unsigned, int) {}
int __tsan_mutex_pre_unlock(void* mutex, unsigned) {
  Note(mutex, sizeof(void*), AccessKind::kUpdate);
  return 0;
}
void __tsan_mutex_post_unlock(void*, unsigned) {}
void __tsan_mutex_pre_signal(void*, unsigned) {}
void __tsan_mutex_post_signal(void*, unsigned) {}
void __tsan_mutex_pre_divert(void*, unsigned) {}
void __tsan_mutex_post_divert(void*, unsigned) {}

void __tsan_atomic_thread_fence(int) {}
void __tsan_atomic_signal_fence(int) {}

}  // extern "C"

HOCKET_NOT_OBSERVED_END
