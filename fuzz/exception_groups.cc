// Groups of failures, deep and wide ones, against trees of plain values: splitting, leaves, texts, Except's handlers
// and what a cancelled scope takes out.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hocket/hocket.h"
#include "hocket/testing/draw_input.h"
#include "hocket/testing/test.h"

namespace hocket::testing {
namespace {

// The kinds of leaves. B derives from A.
enum class Kind : std::uint8_t { kA, kB, kC, kNumber, kCancelled };

struct ErrorA : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct ErrorB final : ErrorA {
  using ErrorA::ErrorA;
};
struct ErrorC final : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The object that an error is, or the inside of a group, so that copies can be told from the thing itself.
const void* IdentityOf(const Failure& failure) {
  if (failure.is_group()) return &failure.group().members();
  if (const CancelReason* reason = failure.cancel_reason()) return reason;
  if (const auto* error = failure.As<std::exception>()) return error;
  return failure.As<int>();
}

// The model of a failure: a leaf, or a group with at least one member.
struct Node {
  std::string message;  // of a group, or of an error
  std::vector<Node> members;
  Kind kind = Kind::kA;
  int id = 0;  // of a leaf: they are counted from left to right
  bool has_error = false;
  bool has_cancelled = false;
  // What it stands for, and its identity; of a part of a group, only if nothing of that is missing.
  Failure failure;
  const void* identity = nullptr;

  bool is_group() const { return !members.empty(); }
  void StandFor(const Failure& known) {
    failure = known;
    identity = IdentityOf(known);
  }
  void Add(Node member) {
    has_error = has_error || member.has_error;
    has_cancelled = has_cancelled || member.has_cancelled;
    members.push_back(std::move(member));
  }
};

class Drawing {
 public:
  Node Draw() {
    switch (DrawWeighted({40, 6, 1}, "form")) {
      case 1: {  // wide
        Node root = Group();
        for (std::size_t left = DrawBetween<std::size_t>(1, 60, "width"); left > 0; --left) root.Add(Leaf());
        return Finish(std::move(root));
      }
      case 2: {  // deep
        Node root = Finish(WithMember(Group(), Leaf()));
        for (std::size_t left = DrawBetween<std::size_t>(1, 500, "depth"); left > 0; --left) {
          Node around = WithMember(Group(), std::move(root));
          if (DrawChance(1, 8, "leaf beside")) around.Add(Leaf());
          root = Finish(std::move(around));
        }
        return root;
      }
      default:
        return Tree(4);
    }
  }

 private:
  static Node WithMember(Node group, Node member) {
    group.Add(std::move(member));
    return group;
  }
  static Node Group() {
    Node group;
    group.message = DrawFrom<const char*>({"g", "", "two\nlines"}, "message");
    return group;
  }
  Node Leaf() {
    Node leaf;
    leaf.kind = static_cast<Kind>(Choose(5, "kind"));
    leaf.id = next_id_++;
    leaf.message = "error " + std::to_string(leaf.id) + (DrawChance(1, 8, "long") ? "\nof two lines" : "");
    switch (leaf.kind) {
      case Kind::kA:
        leaf.StandFor(Failure::FromException(std::make_exception_ptr(ErrorA(leaf.message))));
        break;
      case Kind::kB:
        leaf.StandFor(Failure::FromException(std::make_exception_ptr(ErrorB(leaf.message))));
        break;
      case Kind::kC:
        leaf.StandFor(Failure::FromException(std::make_exception_ptr(ErrorC(leaf.message))));
        break;
      case Kind::kNumber:
        leaf.StandFor(Failure::FromException(std::make_exception_ptr(leaf.id)));
        break;
      case Kind::kCancelled:
        leaf.StandFor(Failure::Cancelled(CancelReason{.text = leaf.message}));
        break;
    }
    leaf.has_cancelled = leaf.kind == Kind::kCancelled;
    leaf.has_error = !leaf.has_cancelled;
    return leaf;
  }
  Node Tree(int depth) {
    Node group = Group();
    for (std::size_t left = DrawBetween<std::size_t>(1, 4, "members"); left > 0; --left) {
      group.Add(depth > 0 && DrawChance(1, 3, "is a group") ? Tree(depth - 1) : Leaf());
    }
    return Finish(std::move(group));
  }
  static Node Finish(Node group) {
    std::vector<Failure> members;
    for (const Node& member : group.members) members.push_back(member.failure);
    // A group that is thrown is the same group.
    const ExceptionGroup made(group.message, std::move(members));
    group.StandFor(Coin("thrown") ? Failure::FromException(std::make_exception_ptr(made)) : Failure::FromGroup(made));
    return group;
  }

  int next_id_ = 0;
};

// What of `node` satisfies `matches`, and the rest.
struct Parts {
  std::optional<Node> matching;
  std::optional<Node> rest;
};
template <class Matches>
std::optional<Node> Part(const Node& node, const Matches& matches) {
  if (!node.is_group()) return matches(node) ? std::optional(node) : std::nullopt;
  Node part;
  part.message = node.message;
  bool is_whole = true;
  for (const Node& member : node.members) {
    std::optional<Node> part_of_member = Part(member, matches);
    is_whole = is_whole && part_of_member && part_of_member->failure;
    if (part_of_member) part.Add(*std::move(part_of_member));
  }
  if (part.members.empty()) return std::nullopt;
  if (is_whole) {
    part.failure = node.failure;
    part.identity = node.identity;
  }
  return part;
}
template <class Matches>
Parts Split(const Node& node, const Matches& matches) {
  return {Part(node, matches), Part(node, [&](const Node& leaf) { return !matches(leaf); })};
}

void AddLeaves(const Node& node, std::vector<const Node*>& leaves) {
  if (!node.is_group()) leaves.push_back(&node);
  for (const Node& member : node.members) AddLeaves(member, leaves);
}
std::vector<const Node*> LeavesOf(const Node& node) {
  std::vector<const Node*> leaves;
  AddLeaves(node, leaves);
  return leaves;
}

void AppendIndented(const std::string& more, std::size_t indent, std::string& text) {
  for (const char c : more) {
    text += c;
    if (c == '\n') text.append(indent, ' ');
  }
}

// Appends the text of a failure that stands at `level` of a tree.
void AppendText(const Node& node, std::size_t level, std::string& text) {
  const std::size_t indent = 2 * std::min<std::size_t>(level, 32);
  if (node.is_group()) {
    AppendIndented("hocket::ExceptionGroup: " + node.message, indent, text);
    for (std::size_t i = 0; i < node.members.size(); ++i) {
      text += "\n";
      text.append(2 * std::min<std::size_t>(level + 1, 32), ' ');
      text += "[" + std::to_string(i) + "] ";
      AppendText(node.members[i], level + 1, text);
    }
    return;
  }
  switch (node.kind) {
    case Kind::kCancelled:
      text += "cancelled";
      return;
    case Kind::kNumber:
      text += "int";
      return;
    default:
      constexpr const char* kTypes[] = {"ErrorA", "ErrorB", "ErrorC"};
      text += std::string("hocket::testing::(anonymous namespace)::") + kTypes[static_cast<std::size_t>(node.kind)];
      AppendIndented(": " + node.message, indent, text);
  }
}
std::string TextOf(const Node& node) {
  std::string text;
  AppendText(node, 0, text);
  return text;
}

// What distinguishes `failure` from what the model says; empty if nothing does.
std::string Difference(const Failure& failure, const Node& node) {
  if (!failure) return "there is no failure for " + TextOf(node);
  if (failure.is_group() != node.is_group()) return "one of them is a group: " + TextOf(node);
  if (node.failure && IdentityOf(failure) != node.identity) return "another object: " + TextOf(node);
  if (failure.is_cancelled() == node.has_error) return "cancelled or not: " + TextOf(node);
  if (!failure.is_group()) return "";
  const ExceptionGroup group = failure.group();
  if (group.has_error() != node.has_error) return "has_error of " + TextOf(node);
  if (group.has_cancelled() != node.has_cancelled) return "has_cancelled of " + TextOf(node);
  if (group.message() != node.message) return "message of " + TextOf(node);
  if (group.members().size() != node.members.size()) return "number of members of " + TextOf(node);
  // What is the same object needs no second look inside.
  if (node.failure) return "";
  for (std::size_t i = 0; i < node.members.size(); ++i) {
    if (std::string difference = Difference(group.members()[i], node.members[i]); !difference.empty())
      return difference;
  }
  return "";
}
std::string Difference(const Failure& failure, const std::optional<Node>& node) {
  if (node) return Difference(failure, *node);
  return failure ? "there is a failure: " + failure.ToString() : "";
}

// The same, without the knowledge which groups are the same objects.
Node WithoutIdentity(Node node) {
  if (!node.is_group()) return node;
  node.failure = Failure();
  for (Node& member : node.members) member = WithoutIdentity(std::move(member));
  return node;
}

// ---- The laws.

void CheckGroup(const Node& node) {
  const ExceptionGroup group = node.failure.group();
  EXPECT_EQ(Difference(node.failure, node), "");
  EXPECT_EQ(Difference(node.failure, WithoutIdentity(node)), "");
  EXPECT_EQ(node.failure.ToString(), TextOf(node));
  const std::vector<const Node*> expected = LeavesOf(node);
  const std::vector<Failure> leaves = group.Leaves();
  HOCKET_ASSERT_EQ(leaves.size(), expected.size());
  for (std::size_t i = 0; i < leaves.size(); ++i) EXPECT_EQ(Difference(leaves[i], *expected[i]), "");
  EXPECT_EQ(
      Difference(group.WithoutCancelled(), Part(node, [](const Node& leaf) { return leaf.kind != Kind::kCancelled; })),
      "");
}

// Which leaves a predicate takes, by their number.
using Predicate = std::vector<bool>;
Predicate DrawPredicate(std::size_t leaves, const char* label) {
  Predicate takes(leaves);
  for (std::size_t i = 0; i < leaves; ++i) takes[i] = Coin(label);
  return takes;
}

void CheckSplits(const Node& node) {
  const std::vector<const Node*> leaves = LeavesOf(node);
  const Predicate takes = DrawPredicate(std::min<std::size_t>(leaves.size(), 40), "first split");
  const Predicate takes_then = DrawPredicate(takes.size(), "second split");
  const auto in = [](const Predicate& predicate, std::size_t id) { return predicate[id % predicate.size()]; };
  // Leaves are asked about once each, from left to right.
  std::size_t next = 0;
  const auto by = [&](const Failure& leaf) {
    EXPECT_LT(next, leaves.size());
    EXPECT_EQ(IdentityOf(leaf), leaves[next]->identity);
    return in(takes, next++);
  };
  const auto [matching, rest] = node.failure.group().Split(by);
  EXPECT_EQ(next, leaves.size());
  const Parts parts = Split(node, [&](const Node& leaf) { return in(takes, static_cast<std::size_t>(leaf.id)); });
  EXPECT_EQ(Difference(matching, parts.matching), "");
  EXPECT_EQ(Difference(rest, parts.rest), "");
  next = 0;
  EXPECT_EQ(Difference(node.failure.group().Subgroup(by), parts.matching), "");

  // Nothing is lost, and nothing comes twice.
  std::vector<const void*> found;
  for (const Failure* part : {&matching, &rest}) {
    if (!*part) continue;
    for (const Failure& leaf : part->group().Leaves()) found.push_back(IdentityOf(leaf));
  }
  std::vector<const void*> all;
  for (const Node* leaf : leaves) all.push_back(leaf->identity);
  std::sort(found.begin(), found.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(found, all);

  // A part splits like the whole.
  if (!parts.matching) return;
  const std::vector<const Node*> left = LeavesOf(*parts.matching);
  next = 0;
  const auto [both, first_only] = matching.group().Split(
      [&](const Failure&) { return in(takes_then, static_cast<std::size_t>(left[next++]->id)); });
  const Parts again =
      Split(*parts.matching, [&](const Node& leaf) { return in(takes_then, static_cast<std::size_t>(leaf.id)); });
  EXPECT_EQ(Difference(both, again.matching), "");
  EXPECT_EQ(Difference(first_only, again.rest), "");
}

// A cancelled scope takes the cancellations out of what passes it; any other lets it through as it is.
Task<> CheckScope(const Node& node) {
  const bool is_cancelled = Coin("scope is cancelled");
  CancelScope scope;
  const Outcome<> outcome = co_await Capture(([](CancelScope around, bool cancels, const Failure& failure) -> Task<> {
    co_await WithScope(around, [&]() -> Task<> {
      if (cancels) around.Cancel();
      co_await Resolve(Outcome<>(failure));
    });
  })(scope, is_cancelled, node.failure));
  const std::optional<Node> left =
      is_cancelled ? Part(node, [](const Node& leaf) { return leaf.kind != Kind::kCancelled; }) : std::optional(node);
  EXPECT_EQ(Difference(outcome.failure(), left), "");
  EXPECT_EQ(scope.cancelled_caught(), is_cancelled && node.has_cancelled);
}

// What a handler does with what it has taken.
enum class Handling : std::uint8_t { kDrops, kThrowsOn, kThrowsAnother };

template <class E>
Task<> Handle(Handling handling, const Caught<E>& caught, std::vector<const void*>& handled, Failure another) {
  for (const E& error : caught.errors()) handled.push_back(&error);
  if (handling == Handling::kThrowsOn) co_await Resolve(Outcome<>(caught.failure()));
  if (handling == Handling::kThrowsAnother) co_await Resolve(Outcome<>(std::move(another)));
}

Task<> CheckExcept(const Node& node) {
  const auto of_a = static_cast<Handling>(Choose(3, "handler of A"));
  const auto of_c = static_cast<Handling>(Choose(3, "handler of C"));
  Node other_a;
  other_a.message = "in the handler of A";
  other_a.has_error = true;
  other_a.StandFor(Failure::FromException(std::make_exception_ptr(ErrorA(other_a.message))));
  Node other_c;
  other_c.message = "in the handler of C";
  other_c.kind = Kind::kC;
  other_c.has_error = true;
  other_c.StandFor(Failure::FromException(std::make_exception_ptr(ErrorC(other_c.message))));
  std::vector<const void*> handled_a;
  std::vector<const void*> handled_c;
  const auto body = [&]() -> Task<> { co_await Resolve(Outcome<>(node.failure)); };
  // B is one of A's; the handler of B, which stands behind, gets none.
  const auto except = [&] {
    return Except(
        body,
        On<ErrorA>([&](const Caught<ErrorA>& caught) { return Handle(of_a, caught, handled_a, other_a.failure); }),
        On<ErrorB>([&](const Caught<ErrorB>&) -> Task<> {
          HOCKET_FAIL() << "it has been taken";
          co_return;
        }),
        On<ErrorC>([&](const Caught<ErrorC>& caught) { return Handle(of_c, caught, handled_c, other_c.failure); }));
  };
  const Outcome<> outcome = co_await Capture(except());

  const auto is_a = [](const Node& leaf) { return leaf.kind == Kind::kA || leaf.kind == Kind::kB; };
  const auto is_c = [](const Node& leaf) { return leaf.kind == Kind::kC; };
  const Parts a = Split(node, is_a);
  const Parts c = a.rest ? Split(*a.rest, is_c) : Parts();
  Node joined;
  joined.message = "Exceptions while handling exceptions";
  const auto add = [&](const std::optional<Node>& taken, Handling handling, const Node& another) {
    if (!taken || handling == Handling::kDrops) return;
    joined.Add(handling == Handling::kThrowsOn ? *taken : another);
  };
  add(a.matching, of_a, other_a);
  add(c.matching, of_c, other_c);
  if (c.rest) joined.Add(*c.rest);
  std::optional<Node> expected;
  if (joined.members.size() == 1) {
    expected = joined.members.front();
  } else if (!joined.members.empty()) {
    expected = joined;
  }
  EXPECT_EQ(Difference(outcome.failure(), expected), "");
  const auto identities = [](const std::optional<Node>& part) {
    std::vector<const void*> all;
    if (!part) return all;
    for (const Node* leaf : LeavesOf(*part)) all.push_back(leaf->identity);
    return all;
  };
  EXPECT_EQ(handled_a, identities(a.matching));
  EXPECT_EQ(handled_c, identities(c.matching));
}

HOCKET_TEST(ExceptionGroups, AreTreesThatSplit, {.executions = 100, .strategy = "random"}) {
  const Node node = Drawing().Draw();
  switch (Choose(4, "law")) {
    case 0:
      CheckGroup(node);
      break;
    case 1:
      CheckSplits(node);
      break;
    case 2:
      co_await CheckScope(node);
      break;
    default:
      co_await CheckExcept(node);
      break;
  }
}

}  // namespace
}  // namespace hocket::testing
