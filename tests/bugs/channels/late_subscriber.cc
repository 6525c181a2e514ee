// late_subscriber: a subscriber waits for the next message of a topic. If the publisher comes first, there is none any
// more. The fix: the topic keeps its last message for those who come later.
#include <optional>

#include "tests/bugs/channels/programs.h"

namespace hocket::bugs {
namespace {

struct Topic {
  std::vector<SendChannel<int>> subscribers;
  std::optional<int> last;
};

Task<> Subscribe(Setting& setting, Topic& topic, int& received) {
  auto [send, receive] = OpenChannel<int>(1);
  co_await setting.Pad();
  co_await Checkpoint();
  if (setting.fixed() && topic.last) send.SendNow(*topic.last);
  topic.subscribers.push_back(std::move(send));
  co_await setting.Pad();
  received = co_await receive.Receive();
}

Task<> Publish(Setting& setting, Topic& topic) {
  co_await setting.Pad();
  co_await Checkpoint();
  topic.last = 1;
  for (SendChannel<int>& subscriber : topic.subscribers) subscriber.SendNow(1);
}

Task<> Body(Setting& setting) {
  Topic topic;
  int received = 0;
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    nursery.StartSoon(TaskName("subscribe"), Subscribe, std::ref(setting), std::ref(topic), std::ref(received));
    nursery.StartSoon(TaskName("publish"), Publish, std::ref(setting), std::ref(topic));
    co_return;
  });
  setting.Observe(std::to_string(received));
}

}  // namespace

Program LateSubscriber() {
  return {.name = "late_subscriber",
          .essence = "a message is published before its receiver has subscribed",
          .source = "publish and subscribe without retained messages",
          .body = Body};
}

}  // namespace hocket::bugs
