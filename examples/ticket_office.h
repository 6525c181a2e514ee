// The classes of docs/tutorial.md: an office that sells tickets, before and after.
#ifndef HOCKET_EXAMPLES_TICKET_OFFICE_H_
#define HOCKET_EXAMPLES_TICKET_OFFICE_H_

#include "hocket/hocket.h"

namespace examples {

// Takes as long as the bank does.
inline hocket::Task<> Pay() { co_await hocket::Checkpoint(); }

class TicketOffice {
 public:
  explicit TicketOffice(int tickets) : left_(tickets) {}

  // Sells a ticket, if there is one left.
  hocket::Task<bool> Sell() {
    if (left_ == 0) co_return false;
    co_await Pay();
    --left_;
    co_return true;
  }
  int left() const { return left_; }

 private:
  int left_;
};

// Sets the ticket aside first, and puts it back if it is not paid for.
class CarefulTicketOffice {
 public:
  explicit CarefulTicketOffice(int tickets) : left_(tickets) {}

  hocket::Task<bool> Sell() {
    if (left_ == 0) co_return false;
    SetAside ticket(left_);
    co_await Pay();
    ticket.Keep();
    co_return true;
  }
  int left() const { return left_; }

 private:
  class SetAside {
   public:
    explicit SetAside(int& left) : left_(left) { --left_; }
    SetAside(const SetAside&) = delete;
    SetAside& operator=(const SetAside&) = delete;
    ~SetAside() { left_ += is_kept_ ? 0 : 1; }
    void Keep() { is_kept_ = true; }

   private:
    int& left_;
    bool is_kept_ = false;
  };

  int left_;
};

}  // namespace examples

#endif  // HOCKET_EXAMPLES_TICKET_OFFICE_H_
