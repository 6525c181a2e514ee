// PropertyInput: a generated input of a property, whatever engine generated it. See property.h for how to write
// properties.
#ifndef HOCKET_TESTING_PROPERTY_INPUT_H_
#define HOCKET_TESTING_PROPERTY_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "hocket/testing/explore.h"

namespace hocket::testing {

// One input. An input is named by its seed, its size and the steps that shrank it: each step says which of the smaller
// ones was taken.
class PropertyInput {
 public:
  virtual ~PropertyInput() = default;

  // The index-th input that the engine offers as smaller than this one, or none if there are not so many.
  virtual std::unique_ptr<PropertyInput> Smaller(std::size_t index) const = 0;
  // The property with this input. Lifetime: of the input.
  virtual Body MakeBody() const = 0;
  // The input for people.
  virtual std::string ToString() const = 0;
};

// Thrown instead of giving an input that cannot be made: it counts as discarded.
class NoInput : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Generates an input: the same seed and size give the same one in every process.
using GenerateInput = std::function<std::unique_ptr<PropertyInput>(std::uint64_t seed, int size)>;

// What executions of a property say about themselves: tags, and that their input is none for which the property was
// written. An input is discarded if all of its executions are; one that is not counts in the distribution of tags.
class PropertyRecord {
 public:
  // ---- For the harness.
  // The next executions are of another input.
  void BeginInput();
  // The next execution counts: it is neither a repetition nor a part of shrinking.
  void Expect();
  // No more executions of the input. Whether it was discarded, or had none.
  bool EndInput();
  // Why the execution that was discarded last was.
  const std::string& discarded_because() const { return discarded_because_; }
  // How often which tags came together, the most frequent first: "  45.00 % - long, cancelled". Empty without tags.
  std::string Distribution() const;
  std::string log() const { return log_; }

  // ---- For bodies.
  void BeginExecution();
  void Discard(std::string why);
  void AddTag(std::string tag);
  void Log(const std::string& text) { log_ += text; }

 private:
  void EndExecution();

  std::map<std::vector<std::string>, std::uint64_t> distribution_;
  std::uint64_t counted_ = 0;  // executions that were not discarded
  // Of the input under way.
  std::uint64_t kept_ = 0;
  // Of the execution under way.
  bool expected_ = false;
  bool counts_ = false;
  bool discarded_ = false;
  std::vector<std::string> tags_;
  std::string log_;
  std::string discarded_because_;
};

// Explores inputs and schedules for the current GoogleTest test, and reports what fails to it. `file` and `line` are of
// the test.
void RunPropertyTest(const GenerateInput& generate, PropertyRecord& record, const char* file, int line);

// Fails the execution under way at the place that the message of an engine begins with: "queue_test.cc:12:", and then
// what failed in which words.
void FailWithMessage(const std::string& message);

// Makes the property known by its test's full name, so that tokens for it are accepted. Returns true.
bool RegisterProperty(const char* full_name);

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_PROPERTY_INPUT_H_
