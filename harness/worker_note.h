// WorkerNote: what a worker says about itself now and then, for people, in memory that processes share.
//
// The idea: a sequence lock. The writer never waits, and a reader that meets it in the middle of writing tries again or
// goes without. The text is kept in atomic words, so that a reader that loses has read nothing undefined.
//
// Source: Boehm, Can Seqlocks Get Along with Programming Language Memory Models?, 2012. Test: tests/workers_test.cc.
#ifndef HOCKET_HARNESS_WORKER_NOTE_H_
#define HOCKET_HARNESS_WORKER_NOTE_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

namespace hocket::testing {

// Threads: one writes, any read.
class WorkerNote {
 public:
  static constexpr std::size_t kMostBytes = 504;

  // Longer texts are left out: half of one would say something else.
  void Write(const std::string& text) noexcept {
    if (text.size() > kMostBytes) return;
    const std::uint64_t version = version_.load(std::memory_order_relaxed);
    version_.store(version + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    words_[0].store(text.size(), std::memory_order_relaxed);
    for (std::size_t at = 0; at < text.size(); at += kWord) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at, std::min(kWord, text.size() - at));
      words_[1 + at / kWord].store(word, std::memory_order_relaxed);
    }
    version_.store(version + 2, std::memory_order_release);
  }

  // None before the first one, and while the next one is being written for too long.
  std::optional<std::string> Read() const {
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
      const std::uint64_t version = version_.load(std::memory_order_acquire);
      if (version == 0) return std::nullopt;
      if (version % 2 == 1) continue;
      std::string text(std::min<std::size_t>(words_[0].load(std::memory_order_relaxed), kMostBytes), '\0');
      for (std::size_t at = 0; at < text.size(); at += kWord) {
        const std::uint64_t word = words_[1 + at / kWord].load(std::memory_order_relaxed);
        std::memcpy(text.data() + at, &word, std::min(kWord, text.size() - at));
      }
      std::atomic_thread_fence(std::memory_order_acquire);
      if (version_.load(std::memory_order_relaxed) == version) return text;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kWord = sizeof(std::uint64_t);

  std::atomic<std::uint64_t> version_{0};                                   // odd while it is written
  std::array<std::atomic<std::uint64_t>, 1 + kMostBytes / kWord> words_{};  // how many bytes, and they
};

}  // namespace hocket::testing

#endif  // HOCKET_HARNESS_WORKER_NOTE_H_
