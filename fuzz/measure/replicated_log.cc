// replicated_log: three nodes keep a log; a leader appends what clients propose, and commits it when another node has
// acknowledged it. A node that has not heard of a leader for a while stands for election, and a new leader sends its
// whole log again. It also commits entries of former terms that are acknowledged now, although a node that does not
// have them can still win an election and overwrite them. The fix: only an entry of the leader's own term is committed,
// and those before it with it. (Ongaro, Ousterhout: In search of an understandable consensus algorithm, 2014, section
// 5.4.2 and figure 8.)
#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "fuzz/measure/large_programs.h"

namespace hocket::bugs {
namespace {

constexpr int kNodes = 3;
constexpr int kProposals = 8;
constexpr int kLooks = 2;
constexpr int kPatience = 150;

struct Entry {
  int term = 0;
  int value = 0;

  friend bool operator==(const Entry&, const Entry&) = default;
};

struct Message {
  enum class Kind { kPropose, kAppend, kAcknowledge, kStand, kAskVote, kVote, kStop };
  Kind kind = Kind::kStop;
  int from = 0;
  int term = 0;
  std::size_t index = 0;  // of the entry; of kAskVote, the length of the candidate's log
  Entry entry;            // of kAskVote, the last one of the candidate's
};

struct Cluster {
  std::vector<SendChannel<Message>> send;
  std::vector<ReceiveChannel<Message>> receive;
  std::vector<Entry> committed;
  std::array<int, kNodes> heard{};  // how often each node has heard of a leader
  int leader = 0;                   // whom clients take for it
  bool agrees = true;
};

class Node {
 public:
  Node(Setting& setting, Cluster& cluster, int self) : setting_(setting), cluster_(cluster), self_(self) {}

  Task<> Run() {
    leads_ = self_ == 0;
    for (;;) {
      const Message message = co_await cluster_.receive[static_cast<std::size_t>(self_)].Receive();
      switch (message.kind) {
        case Message::Kind::kPropose:
          if (leads_) co_await Propose(message.entry.value);
          break;
        case Message::Kind::kAppend:
          if (message.term >= term_) co_await Append(message);
          break;
        case Message::Kind::kAcknowledge:
          if (leads_ && message.term == term_) Acknowledge(message.index);
          break;
        case Message::Kind::kStand:
          co_await Stand();
          break;
        case Message::Kind::kAskVote:
          if (message.term > term_) co_await Vote(message);
          break;
        case Message::Kind::kVote:
          if (message.term == term_ && !leads_) co_await Lead();
          break;
        case Message::Kind::kStop:
          co_return;
      }
    }
  }

 private:
  Task<> Propose(int value) {
    log_.push_back({term_, value});
    co_await Replicate(log_.size() - 1);
  }

  Task<> Replicate(std::size_t index) {
    for (int node = 0; node < kNodes; ++node) {
      if (node != self_) co_await Send(node, {Message::Kind::kAppend, self_, term_, index, log_[index]});
    }
  }

  Task<> Append(Message message) {
    ++cluster_.heard[static_cast<std::size_t>(self_)];
    term_ = message.term;
    leads_ = false;
    if (message.index > log_.size()) co_return;  // a gap: the leader will come back to it
    if (message.index < log_.size() && log_[message.index] != message.entry) log_.resize(message.index);
    if (message.index == log_.size()) log_.push_back(message.entry);
    co_await Checkpoint();  // to disk
    co_await Send(message.from, {Message::Kind::kAcknowledge, self_, message.term, message.index, message.entry});
  }

  // An acknowledgement is for the entries before as well, because they were sent before.
  void Acknowledge(std::size_t index) {
    if (index >= log_.size()) return;
    if (setting_.fixed() && log_[index].term != term_) return;
    for (std::size_t next = 0; next <= index; ++next) {
      if (next == cluster_.committed.size()) cluster_.committed.push_back(log_[next]);
      if (cluster_.committed[next].value != log_[next].value) cluster_.agrees = false;
    }
  }

  Task<> Stand() {
    if (leads_) co_return;
    ++term_;
    const Entry last = log_.empty() ? Entry{} : log_.back();
    for (int node = 0; node < kNodes; ++node) {
      if (node != self_) co_await Send(node, {Message::Kind::kAskVote, self_, term_, log_.size(), last});
    }
  }

  Task<> Vote(Message message) {
    term_ = message.term;
    leads_ = false;
    const int last_term = log_.empty() ? 0 : log_.back().term;
    const bool behind =
        message.entry.term < last_term || (message.entry.term == last_term && message.index < log_.size());
    if (setting_.fixed() && behind) co_return;
    co_await Checkpoint();  // to disk
    co_await Send(message.from, {Message::Kind::kVote, self_, message.term, 0, {}});
  }

  Task<> Lead() {
    leads_ = true;
    cluster_.leader = self_;
    const int term = term_;
    for (std::size_t index = 0; index < log_.size() && term == term_; ++index) co_await Replicate(index);
  }

  Task<> Send(int node, Message message) {
    co_await cluster_.send[static_cast<std::size_t>(node)].Send(std::move(message));
  }

  Setting& setting_;
  Cluster& cluster_;
  int self_;
  int term_ = 1;
  bool leads_ = false;
  std::vector<Entry> log_;
};

Task<> RunNode(Setting& setting, Cluster& cluster, int self) {
  Node node(setting, cluster, self);
  co_await node.Run();
}

Task<> Propose(Cluster& cluster) {
  for (int value = 1; value <= kProposals; ++value) {
    co_await cluster.send[static_cast<std::size_t>(cluster.leader)].Send(
        {Message::Kind::kPropose, 0, 0, 0, {0, value}});
    for (int step = 0; step < 6; ++step) co_await Checkpoint();
  }
}

// Lets `node` stand whenever it has not heard of the leader for a while.
Task<> Watch(Cluster& cluster, int node) {
  for (int look = 0; look < kLooks; ++look) {
    const int before = cluster.heard[static_cast<std::size_t>(node)];
    for (int step = 0; step < kPatience; ++step) co_await Checkpoint();
    if (cluster.heard[static_cast<std::size_t>(node)] != before) continue;
    co_await cluster.send[static_cast<std::size_t>(node)].Send({Message::Kind::kStand, 0, 0, 0, {}});
  }
}

Task<> Body(Setting& setting) {
  Cluster cluster;
  for (int node = 0; node < kNodes; ++node) {
    auto [send, receive] = OpenChannel<Message>(kUnbounded);
    cluster.send.push_back(std::move(send));
    cluster.receive.push_back(std::move(receive));
  }
  co_await WithNursery([&](Nursery& nursery) -> Task<> {
    for (int node = 0; node < kNodes; ++node) {
      nursery.StartSoon(TaskName("node"), RunNode, std::ref(setting), std::ref(cluster), node);
    }
    co_await WithNursery([&](Nursery& clients) -> Task<> {
      clients.StartSoon(TaskName("client"), Propose, std::ref(cluster));
      for (const int node : {1, 2}) clients.StartSoon(TaskName("timer"), Watch, std::ref(cluster), node);
      co_return;
    });
    co_await Sleep(std::chrono::seconds(1));
    for (SendChannel<Message>& node : cluster.send) co_await node.Send({Message::Kind::kStop, 0, 0, 0, {}});
  });
  for (const Entry& entry : cluster.committed) setting.Observe(std::to_string(entry.value));
  Require(cluster.agrees, "two leaders committed different values at the same place");
}

}  // namespace

Program ReplicatedLog() {
  return {.name = "replicated_log",
          .essence = "a leader commits entries of former terms by counting who has them",
          .source = "Raft, figure 8",
          .body = Body};
}

}  // namespace hocket::bugs
