// operator new and malloc of an observed program: what steps allocate comes from the arena, everything else from glibc.
//
// Of malloc's callers only the program and libstdc++ (exceptions) get named memory. What glibc allocates for itself, a
// stream's buffer say, is allocated once per process: to count it would give the blocks behind it other names in the
// first execution than in the next.
#include <dlfcn.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

#include "observe/arena.h"
#include "observe/imports.h"
#include "observe/observation.h"

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);
}

namespace hocket::observe {
namespace {

void* AllocateInStep(Observation& observation, std::size_t size, std::size_t alignment) noexcept {
  const ObjectId name = observation.NewBlock();
  observation.PushQuiet();
  void* const block = Arena::Allocate(size, alignment, name);
  observation.PopQuiet();
  return block;
}

void* New(std::size_t size, std::size_t alignment) {
  Observation& observation = Observation::OfThisThread();
  if (observation.on()) return AllocateInStep(observation, size, alignment);
  for (;;) {
    void* const block = alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__ ? __libc_malloc(size == 0 ? 1 : size)
                                                                      : __libc_memalign(alignment, size);
    if (block != nullptr) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void* NewOrNull(std::size_t size, std::size_t alignment) noexcept {
  try {
    return New(size, alignment);
  } catch (...) {
    return nullptr;
  }
}

void* Malloc(std::size_t size, std::size_t alignment, const void* caller) noexcept {
  Observation& observation = Observation::OfThisThread();
  if (observation.on() && IsProgramOrLibrary(caller)) return AllocateInStep(observation, size, alignment);
  return alignment <= Arena::kAlignment ? __libc_malloc(size) : __libc_memalign(alignment, size);
}

void Free(void* block) noexcept {
  if (!Arena::Contains(block)) return __libc_free(block);
  TouchFreed(block, Arena::HeaderOf(block).size);
  Observation& observation = Observation::OfThisThread();
  observation.PushQuiet();
  Arena::Free(block);
  observation.PopQuiet();
}

}  // namespace

void* AllocateBlock(std::size_t size) {
  Observation& observation = Observation::OfThisThread();
  if (observation.on() || !observation.in_run()) return New(size, 0);
  return Arena::Allocate(size, 0, kRuntimeBlock);
}

void TouchFreed(void* block, std::uint32_t size) noexcept {
  Observation& observation = Observation::OfThisThread();
  if (!observation.on() || !Arena::Contains(block)) return;
  const ObjectId object = Arena::HeaderOf(block).object;
  if (object != kRuntimeBlock) observation.TouchBlock(object, size);
}

}  // namespace hocket::observe

using hocket::observe::Arena;

void* operator new(std::size_t size) { return hocket::observe::New(size, 0); }
void* operator new[](std::size_t size) { return hocket::observe::New(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return hocket::observe::New(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return hocket::observe::New(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return hocket::observe::NewOrNull(size, 0); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return hocket::observe::NewOrNull(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return hocket::observe::NewOrNull(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return hocket::observe::NewOrNull(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept { hocket::observe::Free(block); }
void operator delete[](void* block) noexcept { hocket::observe::Free(block); }
void operator delete(void* block, std::size_t) noexcept { hocket::observe::Free(block); }
void operator delete[](void* block, std::size_t) noexcept { hocket::observe::Free(block); }
void operator delete(void* block, std::align_val_t) noexcept { hocket::observe::Free(block); }
void operator delete[](void* block, std::align_val_t) noexcept { hocket::observe::Free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { hocket::observe::Free(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { hocket::observe::Free(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { hocket::observe::Free(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { hocket::observe::Free(block); }
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept { hocket::observe::Free(block); }
void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept { hocket::observe::Free(block); }

// The linker takes these for glibc's, everywhere in the process.
extern "C" {

void* malloc(std::size_t size) { return hocket::observe::Malloc(size, 0, __builtin_return_address(0)); }

void free(void* block) { hocket::observe::Free(block); }

void* calloc(std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (!hocket::observe::Observation::OfThisThread().on() || __builtin_mul_overflow(count, size, &bytes)) {
    return __libc_calloc(count, size);
  }
  void* const block = hocket::observe::Malloc(bytes, 0, __builtin_return_address(0));
  return block == nullptr ? nullptr : std::memset(block, 0, bytes);
}

void* realloc(void* block, std::size_t size) {
  const bool ours = Arena::Contains(block);
  if (!ours && block != nullptr) return __libc_realloc(block, size);
  if (ours && size == 0) {
    free(block);
    return nullptr;
  }
  void* const larger = hocket::observe::Malloc(size, 0, __builtin_return_address(0));
  if (larger == nullptr || !ours) return larger;
  const std::size_t old_size = Arena::HeaderOf(block).size;
  std::memcpy(larger, block, size < old_size ? size : old_size);
  free(block);
  return larger;
}

void* memalign(std::size_t alignment, std::size_t size) {
  return hocket::observe::Malloc(size, alignment, __builtin_return_address(0));
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return hocket::observe::Malloc(size, alignment, __builtin_return_address(0));
}

int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  void* const block = hocket::observe::Malloc(size, alignment, __builtin_return_address(0));
  if (block == nullptr) return ENOMEM;
  *result = block;
  return 0;
}

std::size_t malloc_usable_size(void* block) {
  if (Arena::Contains(block)) return Arena::HeaderOf(block).size;
  using Function = std::size_t (*)(void*);
  static const auto original = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "malloc_usable_size"));
  return original(block);
}

}  // extern "C"
