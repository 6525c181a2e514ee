#include "observe/imports.h"

#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "observe/observation.h"

#if !defined(__x86_64__) || !defined(__linux__)
#error "--config=observe knows how calls into shared libraries work on x86-64 Linux only"
#endif

namespace hocket::observe {

namespace {

// The arguments of a call, as the code below saves them.
struct Arguments {
  std::uintptr_t number[6];
};

// What an argument points to, and what the function does with it.
enum class Effect : std::uint8_t {
  kNothing,        // touches nothing that two tasks could share and a test could see
  kReadsText,      // of the argument
  kReadsTexts,     // of the first two
  kReadsTexts3,    // of the first two, as many characters as the third one says
  kReadsString,    // std::string, the second one
  kReadsText2,     // the second one
  kReadsBytes,     // as many as the second one says
  kReadsBytes3,    // as many as the third one says
  kReadsRanges3,   // of the first two, as many as the third one says
  kChangesPolicy,  // a std::__detail::_Prime_rehash_policy
  kChangesLock,    // a pthread_mutex_t and the like
  kAnything,
};

struct Known {
  std::string_view name;  // one ending in '*' stands for all that begin like it
  Effect effect;
};

// The first entry that fits counts. Constructors of exceptions write to their own object and keep a copy of the text.
constexpr Known kKnown[] = {
    {"strlen", Effect::kReadsText},
    {"strcmp", Effect::kReadsTexts},
    {"strncmp", Effect::kReadsTexts3},
    {"strchr", Effect::kReadsText},
    {"strrchr", Effect::kReadsText},
    {"strstr", Effect::kReadsTexts},
    {"strtol*", Effect::kReadsText},
    {"strtoul*", Effect::kReadsText},
    {"strtod", Effect::kReadsText},
    {"strtof", Effect::kReadsText},
    {"memcmp", Effect::kReadsRanges3},
    {"bcmp", Effect::kReadsRanges3},
    {"memchr", Effect::kReadsBytes3},
    {"_ZSt11_Hash_bytesPKvmm", Effect::kReadsBytes},
    {"_ZNKSt8__detail20_Prime_rehash_policy*", Effect::kChangesPolicy},
    {"pthread_mutex_lock", Effect::kChangesLock},
    {"pthread_mutex_trylock", Effect::kChangesLock},
    {"pthread_mutex_unlock", Effect::kChangesLock},
    {"_ZNSt13runtime_errorC1EPKc", Effect::kReadsText2},
    {"_ZNSt13runtime_errorC2EPKc", Effect::kReadsText2},
    {"_ZNSt11logic_errorC1EPKc", Effect::kReadsText2},
    {"_ZNSt11logic_errorC2EPKc", Effect::kReadsText2},
    {"_ZNSt16invalid_argumentC1EPKc", Effect::kReadsText2},
    {"_ZNSt12out_of_rangeC1EPKc", Effect::kReadsText2},
    {"_ZNSt12length_errorC1EPKc", Effect::kReadsText2},
    {"_ZNSt12domain_errorC1EPKc", Effect::kReadsText2},
    {"_ZNSt11range_errorC1EPKc", Effect::kReadsText2},
    {"_ZNSt14overflow_errorC1EPKc", Effect::kReadsText2},
    {"_ZNSt15underflow_errorC1EPKc", Effect::kReadsText2},
    {"_ZNSt13runtime_errorC1ERKNSt7__cxx1112basic_string*", Effect::kReadsString},
    {"_ZNSt13runtime_errorC2ERKNSt7__cxx1112basic_string*", Effect::kReadsString},
    {"_ZNSt11logic_errorC1ERKNSt7__cxx1112basic_string*", Effect::kReadsString},
    {"_ZNSt11logic_errorC2ERKNSt7__cxx1112basic_string*", Effect::kReadsString},
    {"_ZNSt16invalid_argumentC1ERKNSt7__cxx1112basic_string*", Effect::kReadsString},
    {"_ZNSt12out_of_rangeC1ERKNSt7__cxx1112basic_string*", Effect::kReadsString},
    {"_ZNSt12length_errorC1ERKNSt7__cxx1112basic_string*", Effect::kReadsString},
    // Copies and ends of exceptions: a count that nobody sees.
    {"_ZNSt13runtime_errorC*", Effect::kNothing},
    {"_ZNSt11logic_errorC*", Effect::kNothing},
    {"_ZNSt13runtime_errorD*", Effect::kNothing},
    {"_ZNSt11logic_errorD*", Effect::kNothing},
    {"_ZNSt16invalid_argumentD*", Effect::kNothing},
    {"_ZNSt12out_of_rangeD*", Effect::kNothing},
    {"_ZNSt12length_errorD*", Effect::kNothing},
    {"_ZNSt12domain_errorD*", Effect::kNothing},
    {"_ZNSt11range_errorD*", Effect::kNothing},
    {"_ZNSt14overflow_errorD*", Effect::kNothing},
    {"_ZNSt15underflow_errorD*", Effect::kNothing},
    {"_ZNSt9exceptionD*", Effect::kNothing},
    {"_ZNSt9bad_allocD*", Effect::kNothing},
    {"_ZNSt15__exception_ptr*", Effect::kNothing},
    {"_ZNKSt15__exception_ptr*", Effect::kNothing},
    {"_ZSt17current_exceptionv", Effect::kNothing},
    {"_ZSt17rethrow_exception*", Effect::kNothing},
    {"_ZSt18uncaught_exception*", Effect::kNothing},
    {"_ZSt19uncaught_exceptionsv", Effect::kNothing},
    {"_ZSt9terminatev", Effect::kNothing},
    {"_ZSt16__throw_bad_cast*", Effect::kNothing},
    {"_ZSt17__throw_bad_alloc*", Effect::kNothing},
    {"_ZSt18__throw_bad_typeid*", Effect::kNothing},
    {"_ZSt19__throw_logic_error*", Effect::kNothing},
    {"_ZSt20__throw_length_error*", Effect::kNothing},
    {"_ZSt20__throw_out_of_range*", Effect::kNothing},
    {"_ZSt24__throw_out_of_range_fmt*", Effect::kNothing},
    {"_ZSt24__throw_invalid_argument*", Effect::kNothing},
    {"_ZSt25__throw_bad_function_call*", Effect::kNothing},
    {"_ZSt28__throw_bad_array_new_length*", Effect::kNothing},
    {"__cxa_*", Effect::kNothing},
    {"__dynamic_cast", Effect::kNothing},
    {"_Unwind_*", Effect::kNothing},
    {"__tls_get_addr", Effect::kNothing},
    {"__errno_location", Effect::kNothing},
    {"__stack_chk_fail", Effect::kNothing},
    {"abort", Effect::kNothing},
    // Whoever copies memory in instrumented code says so itself.
    {"memcpy", Effect::kNothing},
    {"memmove", Effect::kNothing},
    {"memset", Effect::kNothing},
    {"dlsym", Effect::kNothing},
    {"__libc_*", Effect::kNothing},
    {"pthread_self", Effect::kNothing},
    {"pthread_getattr_np", Effect::kNothing},
    {"pthread_attr_*", Effect::kNothing},
    // Time is none of the program's memory.
    {"clock_gettime", Effect::kNothing},
    {"_ZNSt6chrono3_V212steady_clock3nowEv", Effect::kNothing},
    {"_ZNSt6chrono3_V212system_clock3nowEv", Effect::kNothing},
};

Effect EffectOf(std::string_view name) noexcept {
  for (const Known& known : kKnown) {
    const bool prefix = known.name.back() == '*';
    const std::string_view pattern = known.name.substr(0, known.name.size() - (prefix ? 1 : 0));
    if (prefix ? name.substr(0, pattern.size()) == pattern : name == pattern) return known.effect;
  }
  return Effect::kAnything;
}

struct Import {
  const char* name;
  std::uintptr_t function;
  Effect effect;
  std::atomic<bool> made_opaque;
};

struct Range {
  std::uintptr_t from = 0;
  std::uintptr_t size = 0;
  bool Contains(std::uintptr_t address) const noexcept { return address - from < size; }
};

constexpr std::size_t kMostImports = 2048;  // also below, in the assembler's words
constexpr std::size_t kEntryBytes = 10;
Import imports[kMostImports];
std::size_t import_count = 0;
Range program;
Range library;

void Apply(Observation& observation, Import& import, const Arguments& arguments) noexcept {
  const auto pointer = [&arguments](int i) { return reinterpret_cast<const void*>(arguments.number[i]); };
  const auto text = [&arguments](int i) { return reinterpret_cast<const char*>(arguments.number[i]); };
  const auto read = [&observation](const void* from, std::size_t size) {
    observation.Touch(from, size, AccessKind::kRead);
  };
  const std::size_t third = arguments.number[2];
  switch (import.effect) {
    case Effect::kNothing:
      break;
    case Effect::kReadsText:
      read(text(0), std::strlen(text(0)) + 1);
      break;
    case Effect::kReadsText2:
      read(text(1), std::strlen(text(1)) + 1);
      break;
    case Effect::kReadsTexts:
      read(text(0), std::strlen(text(0)) + 1);
      read(text(1), std::strlen(text(1)) + 1);
      break;
    case Effect::kReadsTexts3:
      read(text(0), std::min(third, strnlen(text(0), third) + 1));
      read(text(1), std::min(third, strnlen(text(1), third) + 1));
      break;
    case Effect::kReadsString: {
      const auto& string = *static_cast<const std::string*>(pointer(1));
      read(&string, sizeof(string));
      read(string.data(), string.size());
      break;
    }
    case Effect::kReadsBytes:
      read(pointer(0), arguments.number[1]);
      break;
    case Effect::kReadsBytes3:
      read(pointer(0), third);
      break;
    case Effect::kReadsRanges3:
      read(pointer(0), third);
      read(pointer(1), third);
      break;
    case Effect::kChangesPolicy:
      observation.Touch(pointer(0), sizeof(std::__detail::_Prime_rehash_policy), AccessKind::kUpdate);
      break;
    case Effect::kChangesLock:
      observation.Touch(pointer(0), sizeof(pthread_mutex_t), AccessKind::kUpdate);
      break;
    case Effect::kAnything:
      import.made_opaque.store(true, std::memory_order_relaxed);
      observation.TouchAnything();
      break;
  }
}

// The address ranges of the program's code and of libstdc++'s.
int NoteRanges(dl_phdr_info* info, std::size_t, void* first) noexcept {
  bool& is_first = *static_cast<bool*>(first);
  const bool is_program = std::exchange(is_first, false);
  if (!is_program && std::strstr(info->dlpi_name, "libstdc++") == nullptr) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    (is_program ? program : library) = {info->dlpi_addr + header.p_vaddr, header.p_memsz};
  }
  return 0;
}

}  // namespace

// What a call into a shared library comes to first. Gives the function that was meant.
extern "C" std::uintptr_t hocket_observe_call(std::uint64_t number, const Arguments* arguments) noexcept {
  Import& import = imports[number];
  Observation& observation = Observation::OfThisThread();
  if (observation.on() && import.effect != Effect::kNothing) {
    observation.PushQuiet();  // strlen is itself a call into a shared library
    Apply(observation, import, *arguments);
    observation.PopQuiet();
  }
  return import.function;
}

extern "C" const unsigned char hocket_observe_entries[];

// One entry per import: it pushes its number and goes on at the end, which saves all registers that may hold an
// argument, calls the function above, and jumps to what that gives, with the stack as it was.
asm(R"(
  .text
  .p2align 4
  .globl hocket_observe_entries
  .hidden hocket_observe_entries
hocket_observe_entries:
  .set number, 0
  .rept 2048
  .byte 0x68
  .long number
  .byte 0xe9
  .long .Lhocket_observe_entered - . - 4
  .set number, number + 1
  .endr
.Lhocket_observe_entered:
  pushq %r10
  pushq %rax
  pushq %r9
  pushq %r8
  pushq %rcx
  pushq %rdx
  pushq %rsi
  pushq %rdi
  movq 64(%rsp), %rdi
  movq %rsp, %rsi
  subq $128, %rsp
  movups %xmm0, (%rsp)
  movups %xmm1, 16(%rsp)
  movups %xmm2, 32(%rsp)
  movups %xmm3, 48(%rsp)
  movups %xmm4, 64(%rsp)
  movups %xmm5, 80(%rsp)
  movups %xmm6, 96(%rsp)
  movups %xmm7, 112(%rsp)
  call hocket_observe_call
  movq %rax, %r11
  movups (%rsp), %xmm0
  movups 16(%rsp), %xmm1
  movups 32(%rsp), %xmm2
  movups 48(%rsp), %xmm3
  movups 64(%rsp), %xmm4
  movups 80(%rsp), %xmm5
  movups 96(%rsp), %xmm6
  movups 112(%rsp), %xmm7
  addq $128, %rsp
  popq %rdi
  popq %rsi
  popq %rdx
  popq %rcx
  popq %r8
  popq %r9
  popq %rax
  popq %r10
  leaq 8(%rsp), %rsp
  jmpq *%r11
)");

namespace {

void WatchSlot(std::uintptr_t* slot, const char* name) noexcept {
  const Effect effect = EffectOf(name);
  if (effect == Effect::kNothing || *slot == 0 || program.Contains(*slot)) return;
  if (import_count == kMostImports) std::abort();
  Import& import = imports[import_count];
  import.name = name;
  import.function = *slot;
  import.effect = effect;
  // The linker has made the slots read-only once they were filled in.
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  void* const start = reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(slot) & ~(page - 1));
  if (mprotect(start, page, PROT_READ | PROT_WRITE) != 0) std::abort();
  *slot = reinterpret_cast<std::uintptr_t>(&hocket_observe_entries[import_count * kEntryBytes]);
  ++import_count;
}

int WatchProgram(dl_phdr_info* info, std::size_t, void*) noexcept {
  const ElfW(Dyn)* dynamic = nullptr;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
      dynamic = reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
  }
  if (dynamic == nullptr) return 1;  // linked statically: there are no calls into shared libraries
  std::uintptr_t symbols = 0, strings = 0, tables[2] = {}, sizes[2] = {};
  for (; dynamic->d_tag != DT_NULL; ++dynamic) {
    switch (dynamic->d_tag) {
      case DT_SYMTAB:
        symbols = dynamic->d_un.d_ptr;
        break;
      case DT_STRTAB:
        strings = dynamic->d_un.d_ptr;
        break;
      case DT_RELA:
        tables[0] = dynamic->d_un.d_ptr;
        break;
      case DT_RELASZ:
        sizes[0] = dynamic->d_un.d_val;
        break;
      case DT_JMPREL:
        tables[1] = dynamic->d_un.d_ptr;
        break;
      case DT_PLTRELSZ:
        sizes[1] = dynamic->d_un.d_val;
        break;
      default:
        break;
    }
  }
  for (int table = 0; table < 2; ++table) {
    const auto* const relocations = reinterpret_cast<const ElfW(Rela)*>(tables[table]);
    for (std::size_t i = 0; i < sizes[table] / sizeof(ElfW(Rela)); ++i) {
      const ElfW(Rela)& relocation = relocations[i];
      const auto type = ELF64_R_TYPE(relocation.r_info);
      if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT) continue;
      const ElfW(Sym)& symbol = reinterpret_cast<const ElfW(Sym)*>(symbols)[ELF64_R_SYM(relocation.r_info)];
      const auto kind = ELF64_ST_TYPE(symbol.st_info);
      if (type == R_X86_64_GLOB_DAT && kind != STT_FUNC && kind != STT_GNU_IFUNC) continue;
      WatchSlot(reinterpret_cast<std::uintptr_t*>(info->dlpi_addr + relocation.r_offset),
                reinterpret_cast<const char*>(strings) + symbol.st_name);
    }
  }
  return 1;  // the program comes first
}

}  // namespace

void WatchImports() noexcept {
  static std::once_flag once;
  std::call_once(once, [] {
    bool first = true;
    dl_iterate_phdr(NoteRanges, &first);
    dl_iterate_phdr(WatchProgram, nullptr);
  });
}

bool IsProgramOrLibrary(const void* address) noexcept {
  const auto code = reinterpret_cast<std::uintptr_t>(address);
  return program.Contains(code) || library.Contains(code);
}

std::vector<std::string> OpaqueFunctions() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < import_count; ++i) {
    if (imports[i].made_opaque.load(std::memory_order_relaxed)) names.emplace_back(imports[i].name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace hocket::observe
