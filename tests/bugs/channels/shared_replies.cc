// shared_replies: two clients send requests to a server that answers all of them through one channel. Whoever receives
// first gets the first answer, whether it is his or not. The fix: an answer goes through a channel that came with its
// request.
#include <array>
#include <utility>

#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

constexpr std::size_t kClients = 2;

struct Request {
  Request(int question_in, SendChannel<int> reply_in) : question(question_in), reply(std::move(reply_in)) {}
  int question;
  SendChannel<int> reply;
};

struct State {
  SendChannel<Request> requests;
  SendChannel<int> reply;
  ReceiveChannel<int> replies;
  std::array<int, kClients> answers{};
};

Task<> Ask(Setting& setting, State& state, int question) {
  auto [own_reply, own_replies] = OpenChannel<int>(1);
  Request request(question, setting.fixed() ? std::move(own_reply) : state.reply.Clone());
  ReceiveChannel<int>& replies = setting.fixed() ? own_replies : state.replies;
  co_await setting.Pad();
  co_await state.requests.Send(std::move(request));
  co_await setting.Pad();
  state.answers[static_cast<std::size_t>(question)] = co_await replies.Receive();
}

Task<> Serve(Setting& setting, ReceiveChannel<Request> requests) {
  for (std::size_t served = 0; served < kClients; ++served) {
    co_await setting.Pad();
    Request request = co_await requests.Receive();
    co_await setting.Pad();
    co_await request.reply.Send(request.question);
  }
}

Task<> Body(Setting& setting) {
  auto [requests, server] = OpenChannel<Request>(kClients);
  auto [reply, replies] = OpenChannel<int>(kClients);
  State state{std::move(requests), std::move(reply), std::move(replies)};
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int question = 0; question < static_cast<int>(kClients); ++question) {
      nursery.StartSoon(TaskName("ask"), Ask, std::ref(setting), std::ref(state), question);
    }
    nursery.StartSoon(TaskName("serve"), Serve, std::ref(setting), std::move(server));
    co_return;
  });
  for (const int answer : state.answers) setting.Observe(std::to_string(answer));
  Require(state.answers[0] == 0 && state.answers[1] == 1, "a client got the other one's answer");
}

}  // namespace

Program SharedReplies() {
  return {.name = "shared_replies",
          .essence = "answers to two clients go through one channel",
          .source = "request and reply without correlation",
          .body = Body};
}

}  // namespace hocket::bugs
