// What compilers get wrong about coroutines: one probe for each form in docs/compilers.md. A form that a compiler is
// known to get wrong must be wrong, so that one that has been mended is noticed; every other form must be right. The
// probes use nothing of hocket, and each runs in a process of its own, which it may take down.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coroutine>
#include <cstdlib>
#include <exception>
#include <functional>
#include <new>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace {

#if defined(__GNUC__) && !defined(__clang__)
constexpr int kGcc = __GNUC__;
#else
constexpr int kGcc = 0;
#endif
#if defined(__clang__)
constexpr int kClang = __clang_major__;
#else
constexpr int kClang = 0;
#endif
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
constexpr bool kOptimized = true;
#else
constexpr bool kOptimized = false;
#endif

// ---------------------------------------------------------------- a coroutine, as small as can be

class Co {
 public:
  struct promise_type {
    Co get_return_object() noexcept { return Co(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    struct Final {
      Final() noexcept {}
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> handle) const noexcept {
        return handle.promise().parent ? handle.promise().parent : std::noop_coroutine();
      }
      void await_resume() const noexcept {}
    };
    Final final_suspend() const noexcept { return Final(); }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { error = std::current_exception(); }
    std::coroutine_handle<> parent;
    std::exception_ptr error;
  };

  Co(Co&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~Co() {
    if (handle_) handle_.destroy();
  }
  void Resume() const { handle_.resume(); }

  struct Awaiter {
    explicit Awaiter(std::coroutine_handle<promise_type> handle_in) noexcept : handle(handle_in) {}
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> parent) const noexcept {
      handle.promise().parent = parent;
      return handle;
    }
    void await_resume() const {
      if (handle.promise().error) std::rethrow_exception(handle.promise().error);
    }
    std::coroutine_handle<promise_type> handle;
  };
  Awaiter operator co_await() const noexcept { return Awaiter(handle_); }

 private:
  explicit Co(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// Counts itself: a right program ends with a balance of 0.
struct Tracked {
  Tracked() noexcept { ++balance; }
  Tracked(const Tracked&) noexcept { ++balance; }
  Tracked(Tracked&&) noexcept { ++balance; }
  Tracked& operator=(const Tracked&) = default;
  ~Tracked() { --balance; }
  static inline int balance = 0;
};

struct Aggregate {
  Tracked tracked;
  int number = 0;
};

template <class T>
Co Take(T value) {
  static_cast<void>(value);
  co_await std::suspend_never();
}
Co Nothing() { co_return; }

// What a co_await gives.
template <class T>
struct Give {
  explicit Give(bool suspends_in = false) noexcept : suspends(suspends_in) {}
  bool await_ready() const noexcept { return !suspends; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  T await_resume() const { return T(); }
  bool suspends;
};

bool Balanced(Co co) {
  co.Resume();
  return true;
}

// ---------------------------------------------------------------- probes: whether the compiler is right

bool CapturingLambda() {
  Balanced([]() -> Co {
    const Tracked tracked;
    co_await Take([tracked] { static_cast<void>(tracked); });
  }());
  return Tracked::balance == 0;
}

bool StdFunction() {
  Balanced([]() -> Co {
    const Tracked tracked;
    co_await Take(std::function<void()>([tracked] { static_cast<void>(tracked); }));
  }());
  return Tracked::balance == 0;
}

bool AggregateArgument() {
  Balanced([]() -> Co { co_await Take(Aggregate{Tracked(), 1}); }());
  return Tracked::balance == 0;
}

struct AggregateAwaiter {
  Tracked tracked;
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<>) const noexcept { return false; }
  void await_resume() const noexcept {}
};

bool AwaiterThatIsAnAggregate() {
  Balanced([]() -> Co { co_await AggregateAwaiter{Tracked()}; }());
  return Tracked::balance == 0;
}

bool AwaitInAConditional() {
  bool right = true;
  Balanced([](bool condition, bool& result) -> Co {
    const std::string text = condition ? co_await Give<std::string>() : std::string("a text that is long enough");
    result = text.empty();
  }(true, right));
  return right;
}

bool ConditionalInAnAwait() {
  bool right = false;
  Balanced([](bool condition, bool& result) -> Co {
    co_await (condition ? Nothing() : Take(1));
    result = true;
  }(true, right));
  return right;
}

bool BracedListArgument() {
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
  return false;  // does not compile
#else
  Balanced([]() -> Co { co_await Take<std::vector<std::string> >({"a", "b", "c"}); }());
  return true;
#endif
}

Co Deep(int depth, bool fails) {
  if (depth > 0) co_await Deep(depth - 1, fails);
  if (fails && depth == 0) throw 1;
}

bool SymmetricTransfer() {
  Balanced(Deep(200'000, false));
  return true;
}

bool ThrowThroughFrames() {
  Balanced(Deep(200'000, true));
  return true;
}

// Storage from operator new, counted.
struct Stored {
  explicit Stored(std::string) {}
  static void* operator new(std::size_t size) {
    ++blocks;
    return ::operator new(size);
  }
  static void operator delete(void* block) {
    --blocks;
    ::operator delete(block);
  }
  static inline int blocks = 0;
};

bool DestroyedInsideNew() {
  {
    const Co co = []() -> Co { delete new Stored(co_await Give<std::string>(true)); }();
    co.Resume();
  }
  return Stored::blocks == 0;
}

bool DestroyedInsideAnAggregate() {
  {
    const Co co = []() -> Co {
      const std::pair<Tracked, std::string> pair{Tracked(), co_await Give<std::string>(true)};
      const struct {
        Tracked tracked;
        std::string text;
      } aggregate{Tracked(), co_await Give<std::string>(true)};
      static_cast<void>(aggregate);
    }();
    co.Resume();
    co.Resume();
  }
  return Tracked::balance == 0;
}

// ---------------------------------------------------------------- forms that are right everywhere

bool LambdaByReference() {
  Balanced([]() -> Co {
    const Tracked tracked;
    co_await Take([&] { static_cast<void>(tracked); });
  }());
  return Tracked::balance == 0;
}

bool NamedAndMoved() {
  Balanced([]() -> Co {
    Aggregate aggregate{Tracked(), 1};
    co_await Take(std::move(aggregate));
    const Tracked tracked;
    auto lambda = [tracked] { static_cast<void>(tracked); };
    co_await Take(std::move(lambda));
    std::vector<std::string> list = {"a", "b"};
    co_await Take(std::move(list));
  }());
  return Tracked::balance == 0;
}

bool ClassWithAConstructor() {
  Balanced([]() -> Co {
    co_await Take(Tracked());
    co_await Take(std::string("a text that is long enough"));
  }());
  return Tracked::balance == 0;
}

bool Immovable() {
  struct Fixed {
    Fixed() noexcept {}
    Fixed(Fixed&&) = delete;
    Tracked tracked;
  };
  struct Waits {
    explicit Waits(const Fixed&) noexcept {}
    Waits(const Waits&) = delete;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<>) const noexcept { return false; }
    void await_resume() const noexcept {}
    Tracked tracked;
  };
  const auto wait_for = [](Fixed fixed) { return Waits(fixed); };
  Balanced([](const auto& wait) -> Co { co_await wait(Fixed()); }(wait_for));
  return Tracked::balance == 0;
}

bool IfAndElse() {
  bool right = false;
  Balanced([](bool condition, bool& result) -> Co {
    std::string text;
    if (condition) {
      text = co_await Give<std::string>();
    } else {
      text = "a text that is long enough";
    }
    result = text.empty();
  }(true, right));
  return right;
}

// ---------------------------------------------------------------- the test

struct Probe {
  const char* name;
  bool (*is_right)();
  bool known_wrong = false;
  friend void PrintTo(const Probe& probe, std::ostream* out) { *out << probe.name; }
};

// Whether the probe says so and its process lives to tell.
bool IsRight(bool (*probe)()) {
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    _exit(probe() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class CompilerProbe : public testing::TestWithParam<Probe> {};

TEST_P(CompilerProbe, IsAsDocumented) {
  const bool right = IsRight(GetParam().is_right);
  if (kGcc != 12 && kClang != 19) GTEST_SKIP() << "unknown compiler; it is " << (right ? "right" : "wrong");
  if (GetParam().known_wrong) {
    EXPECT_FALSE(right) << "this compiler gets it right: take it out of docs/compilers.md";
  } else {
    EXPECT_TRUE(right) << "this compiler gets it wrong: list it in docs/compilers.md";
  }
}

constexpr bool kGcc12 = kGcc == 12;

INSTANTIATE_TEST_SUITE_P(Forms, CompilerProbe,
                         testing::Values(Probe{"CapturingLambda", CapturingLambda, kGcc12},
                                         Probe{"StdFunction", StdFunction, kGcc12},
                                         Probe{"AggregateArgument", AggregateArgument, kGcc12},
                                         Probe{"AwaiterThatIsAnAggregate", AwaiterThatIsAnAggregate, kGcc12},
                                         Probe{"AwaitInAConditional", AwaitInAConditional, kGcc12},
                                         Probe{"ConditionalInAnAwait", ConditionalInAnAwait, kGcc12},
                                         Probe{"BracedListArgument", BracedListArgument, kGcc12},
                                         Probe{"SymmetricTransfer", SymmetricTransfer, kGcc12 && !kOptimized},
                                         Probe{"ThrowThroughFrames", ThrowThroughFrames, kGcc12 && !kOptimized},
                                         Probe{"DestroyedInsideNew", DestroyedInsideNew, kClang == 19 || kGcc12},
                                         Probe{"DestroyedInsideAnAggregate", DestroyedInsideAnAggregate},
                                         Probe{"LambdaByReference", LambdaByReference},
                                         Probe{"NamedAndMoved", NamedAndMoved},
                                         Probe{"ClassWithAConstructor", ClassWithAConstructor},
                                         Probe{"Immovable", Immovable}, Probe{"IfAndElse", IfAndElse}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
