// Types by name, for messages.
#ifndef HOCKET_INTERNAL_TYPE_NAME_H_
#define HOCKET_INTERNAL_TYPE_NAME_H_

#include <string>
#include <typeinfo>

namespace hocket::internal {

// As it is written in C++: "std::runtime_error".
std::string TypeName(const std::type_info& type);

}  // namespace hocket::internal

#endif  // HOCKET_INTERNAL_TYPE_NAME_H_
