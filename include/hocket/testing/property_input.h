// PropertyInput: a generated input of a property, whatever engine generated it. See property.h for how to write
// properties.
#ifndef HOCKET_TESTING_PROPERTY_INPUT_H_
#define HOCKET_TESTING_PROPERTY_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

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

// Generates an input: the same seed and size give the same one in every process. Sizes go from 0 to 100, as
// RapidCheck's do.
using GenerateInput = std::function<std::unique_ptr<PropertyInput>(std::uint64_t seed, int size)>;

// Explores inputs and schedules for the current GoogleTest test, and reports what fails to it. `file` and `line` are of
// the test.
void RunPropertyTest(const GenerateInput& generate, const char* file, int line);

// Makes the property known by its test's full name, so that tokens for it are accepted. Returns true.
bool RegisterProperty(const char* full_name);

}  // namespace hocket::testing

#endif  // HOCKET_TESTING_PROPERTY_INPUT_H_
