// The errors that the operations of the runtime throw. Which of them an operation throws, and when, its header says.
#ifndef HOCKET_ERRORS_H_
#define HOCKET_ERRORS_H_

#include <stdexcept>

namespace hocket {

// An operation that was not to wait would have had to.
class WouldBlock : public std::exception {
 public:
  const char* what() const noexcept override { return "the operation would have to wait"; }
};

// No value will ever come: every sender has closed, and nothing is buffered.
class EndOfChannel : public std::exception {
 public:
  const char* what() const noexcept override { return "every sender has closed"; }
};

// The other side is gone: every receiver has closed, or the task that held what is waited for has ended.
class BrokenResourceError : public std::exception {
 public:
  const char* what() const noexcept override { return "the other side is gone"; }
};

// This side has been closed, before the operation or while it waited.
class ClosedResourceError : public std::exception {
 public:
  const char* what() const noexcept override { return "it has been closed"; }
};

// An operation was used in a way that is wrong whatever the schedule. Thrown rather than checked where other tasks
// decide whether it happens (a nursery that has closed, a lock that somebody else holds), so that a test can show the
// schedule on which it does.
class MisuseError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace hocket

#endif  // HOCKET_ERRORS_H_
