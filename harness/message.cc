#include "harness/message.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "hocket/check.h"

namespace hocket::testing {

namespace {

class Writer {
 public:
  template <class Number>
  void Put(Number number) {
    static_assert(std::is_arithmetic_v<Number>);
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void Put(const std::string& text) {
    Put(text.size());
    bytes_ += text;
  }
  template <class Number>
  void Put(const std::vector<Number>& numbers) {
    Put(numbers.size());
    bytes_.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number));
  }

  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(const std::string& bytes) : bytes_(bytes) {}
  ~Reader() { HOCKET_CHECK(at_ == bytes_.size()) << "a worker has sent more than it should"; }

  template <class Number>
  void Get(Number& number) {
    static_assert(std::is_arithmetic_v<Number>);
    Copy(&number, sizeof number);
  }
  void Get(std::string& text) {
    text.resize(Size(1));
    Copy(text.data(), text.size());
  }
  template <class Number>
  void Get(std::vector<Number>& numbers) {
    numbers.resize(Size(sizeof(Number)));
    Copy(numbers.data(), numbers.size() * sizeof(Number));
  }

 private:
  std::size_t Size(std::size_t of_each) {
    std::size_t size = 0;
    Get(size);
    HOCKET_CHECK(size <= (bytes_.size() - at_) / of_each) << "a worker has sent less than it should";
    return size;
  }
  void Copy(void* to, std::size_t size) {
    HOCKET_CHECK(size <= bytes_.size() - at_) << "a worker has sent less than it should";
    if (size > 0) std::memcpy(to, bytes_.data() + at_, size);
    at_ += size;
  }

  const std::string& bytes_;
  std::size_t at_ = 0;
};

void PutTime(Writer& out, Time time) { out.Put(time.time_since_epoch().count()); }
void GetTime(Reader& in, Time& time) {
  Duration::rep count = 0;
  in.Get(count);
  time = Time(Duration(count));
}

// Places are copied as they are: both processes are one program, so its constants have the same addresses.
void PutTask(Writer& out, const TaskSnapshot& task) {
  out.Put(task.path);
  out.Put(task.spawn_number);
  out.Put(task.parent.has_value());
  out.Put(task.parent.value_or(0));
  out.Put(task.nursery);
  out.Put(task.operation);
  out.Put(task.ready);
  out.Put(task.cancelled);
  PutTime(out, task.deadline);
  out.Put(task.held_by);
  out.Put(task.scopes.size());
  for (const ScopeSnapshot& scope : task.scopes) {
    out.Put(scope.nursery);
    out.Put(scope.cancelled);
    out.Put(scope.reason);
    out.Put(scope.shield);
    PutTime(out, scope.deadline);
  }
  out.Put(task.where);
}

void GetTask(Reader& in, TaskSnapshot& task) {
  in.Get(task.path);
  in.Get(task.spawn_number);
  bool has_parent = false;
  in.Get(has_parent);
  in.Get(task.parent.emplace());
  if (!has_parent) task.parent.reset();
  in.Get(task.nursery);
  in.Get(task.operation);
  in.Get(task.ready);
  in.Get(task.cancelled);
  GetTime(in, task.deadline);
  in.Get(task.held_by);
  std::size_t scopes = 0;
  in.Get(scopes);
  for (std::size_t i = 0; i < scopes; ++i) {
    ScopeSnapshot& scope = task.scopes.emplace_back();
    in.Get(scope.nursery);
    in.Get(scope.cancelled);
    in.Get(scope.reason);
    in.Get(scope.shield);
    GetTime(in, scope.deadline);
  }
  in.Get(task.where);
}

}  // namespace

std::string WriteFinding(const Finding& finding) {
  Writer out;
  out.Put(finding.strategy);
  out.Put(finding.nondeterminism.has_value());
  out.Put(finding.nondeterminism.value_or(""));
  const Record& record = finding.record;
  out.Put(record.picks);
  out.Put(record.draws);
  out.Put(record.hash);
  out.Put(record.steps);
  out.Put(record.stopped);
  out.Put(record.failure.has_value());
  const ExecutionFailure failure = record.failure.value_or(ExecutionFailure());
  out.Put(failure.identity.kind);
  out.Put(failure.identity.id);
  out.Put(failure.message);
  out.Put(failure.file);
  out.Put(failure.line);
  out.Put(failure.unfinished.size());
  for (const TaskSnapshot& task : failure.unfinished) PutTask(out, task);
  return out.Take();
}

Finding ReadFinding(const std::string& message) {
  Finding finding;
  Reader in(message);
  in.Get(finding.strategy);
  bool is_there = false;
  in.Get(is_there);
  in.Get(finding.nondeterminism.emplace());
  if (!is_there) finding.nondeterminism.reset();
  Record& record = finding.record;
  in.Get(record.picks);
  in.Get(record.draws);
  in.Get(record.hash);
  in.Get(record.steps);
  in.Get(record.stopped);
  in.Get(is_there);
  ExecutionFailure& failure = record.failure.emplace();
  in.Get(failure.identity.kind);
  in.Get(failure.identity.id);
  in.Get(failure.message);
  in.Get(failure.file);
  in.Get(failure.line);
  std::size_t unfinished = 0;
  in.Get(unfinished);
  for (std::size_t i = 0; i < unfinished; ++i) GetTask(in, failure.unfinished.emplace_back());
  if (!is_there) record.failure.reset();
  return finding;
}

std::string WriteCoverage(const std::optional<Coverage>& given) {
  Writer out;
  out.Put(given.has_value());
  const Coverage coverage = given.value_or(Coverage());
  out.Put(coverage.complete);
  out.Put(coverage.explored);
  out.Put(coverage.schedules);
  out.Put(coverage.cut);
  out.Put(coverage.what);
  out.Put(coverage.assuming);
  return out.Take();
}

std::optional<Coverage> ReadCoverage(const std::string& message) {
  Reader in(message);
  bool is_there = false;
  in.Get(is_there);
  Coverage coverage;
  in.Get(coverage.complete);
  in.Get(coverage.explored);
  in.Get(coverage.schedules);
  in.Get(coverage.cut);
  in.Get(coverage.what);
  in.Get(coverage.assuming);
  return is_there ? std::optional(coverage) : std::nullopt;
}

}  // namespace hocket::testing
