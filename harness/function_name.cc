#include "harness/function_name.h"

#include <cstddef>
#include <string_view>

namespace hocket::testing {

std::string FunctionName(const std::source_location& body) {
  std::string_view name = body.function_name();
  for (const std::string_view silent : {"operator()", "<lambda", "HocketTest_", "HocketProperty_"}) {
    if (name.find(silent) != std::string_view::npos) return "";
  }
  constexpr std::string_view kAnonymous = "(anonymous namespace)::";
  if (const std::size_t anonymous = name.find(kAnonymous); anonymous != std::string_view::npos)
    name.remove_prefix(anonymous + kAnonymous.size());
  name = name.substr(0, name.find('('));
  const std::size_t begin = name.find_last_of(" :>*&");
  if (begin != std::string_view::npos) name.remove_prefix(begin + 1);
  return std::string(name);
}

}  // namespace hocket::testing
