// The parts of std::map, std::set and std::list that libstdc++ keeps in its shared library, once more: here they are
// instrumented like the rest of the program, and the program gets these.
//
// Red-black trees as in Cormen, Leiserson, Rivest, Stein: Introduction to Algorithms, chapter 13, with null for the
// black leaves, and with libstdc++'s header: its parent is the root, left and right are the first and the last node,
// and the root's parent is the header. Tested by tests/observe.
#include <list>
#include <map>

namespace std {

namespace {

using Node = _Rb_tree_node_base;

bool Red(const Node* node) { return node != nullptr && node->_M_color == _S_red; }

// Puts `replacement` where `node` hangs.
void Hang(Node* node, Node* replacement, Node*& root) {
  if (node == root) {
    root = replacement;
  } else if (node == node->_M_parent->_M_left) {
    node->_M_parent->_M_left = replacement;
  } else {
    node->_M_parent->_M_right = replacement;
  }
}

// Rotates `node` down to the given side.
template <Node* Node::* kSide, Node* Node::* kOther>
void Rotate(Node* node, Node*& root) {
  Node* const child = node->*kOther;
  node->*kOther = child->*kSide;
  if (child->*kSide != nullptr) (child->*kSide)->_M_parent = node;
  child->_M_parent = node->_M_parent;
  Hang(node, child, root);
  child->*kSide = node;
  node->_M_parent = child;
}

// `node` and its parent, which hangs on the given side, are red.
template <Node* Node::* kSide, Node* Node::* kOther>
void RepairRed(Node*& node, Node*& root) {
  Node* const grandparent = node->_M_parent->_M_parent;
  Node* const uncle = grandparent->*kOther;
  if (Red(uncle)) {
    node->_M_parent->_M_color = _S_black;
    uncle->_M_color = _S_black;
    grandparent->_M_color = _S_red;
    node = grandparent;
    return;
  }
  if (node == node->_M_parent->*kOther) {
    node = node->_M_parent;
    Rotate<kSide, kOther>(node, root);
  }
  node->_M_parent->_M_color = _S_black;
  grandparent->_M_color = _S_red;
  Rotate<kOther, kSide>(grandparent, root);
}

// The paths through `node`, which hangs on the given side of `parent` and may be null, have one black node too few.
// False: they still have, and begin at `node`, which is another one now.
template <Node* Node::* kSide, Node* Node::* kOther>
bool RepairBlack(Node*& node, Node*& parent, Node*& root) {
  Node* sibling = parent->*kOther;
  if (Red(sibling)) {
    sibling->_M_color = _S_black;
    parent->_M_color = _S_red;
    Rotate<kSide, kOther>(parent, root);
    sibling = parent->*kOther;
  }
  if (!Red(sibling->_M_left) && !Red(sibling->_M_right)) {
    sibling->_M_color = _S_red;
    node = parent;
    parent = parent->_M_parent;
    return false;
  }
  if (!Red(sibling->*kOther)) {
    (sibling->*kSide)->_M_color = _S_black;
    sibling->_M_color = _S_red;
    Rotate<kOther, kSide>(sibling, root);
    sibling = parent->*kOther;
  }
  sibling->_M_color = parent->_M_color;
  parent->_M_color = _S_black;
  (sibling->*kOther)->_M_color = _S_black;
  Rotate<kSide, kOther>(parent, root);
  return true;
}

template <Node* Node::* kSide, Node* Node::* kOther>
Node* Next(Node* node) {
  if (node->*kOther != nullptr) {
    node = node->*kOther;
    while (node->*kSide != nullptr) node = node->*kSide;
    return node;
  }
  Node* parent = node->_M_parent;
  while (node == parent->*kOther) {
    node = parent;
    parent = parent->_M_parent;
  }
  // The header is its own grandparent if the root is the last node.
  return node->*kOther == parent ? node : parent;
}

}  // namespace

Node* _Rb_tree_increment(Node* node) throw() { return Next<&Node::_M_left, &Node::_M_right>(node); }
const Node* _Rb_tree_increment(const Node* node) throw() { return _Rb_tree_increment(const_cast<Node*>(node)); }

Node* _Rb_tree_decrement(Node* node) throw() {
  if (Red(node) && node->_M_parent->_M_parent == node) return node->_M_right;  // the header, whose color is red
  return Next<&Node::_M_right, &Node::_M_left>(node);
}
const Node* _Rb_tree_decrement(const Node* node) throw() { return _Rb_tree_decrement(const_cast<Node*>(node)); }

void _Rb_tree_insert_and_rebalance(const bool left, Node* node, Node* parent, Node& header) throw() {
  Node*& root = header._M_parent;
  node->_M_parent = parent;
  node->_M_left = node->_M_right = nullptr;
  node->_M_color = _S_red;
  if (left) {
    parent->_M_left = node;  // of the header: the first one
    if (parent == &header) {
      header._M_parent = header._M_right = node;
    } else if (parent == header._M_left) {
      header._M_left = node;
    }
  } else {
    parent->_M_right = node;
    if (parent == header._M_right) header._M_right = node;
  }
  while (node != root && Red(node->_M_parent)) {
    if (node->_M_parent == node->_M_parent->_M_parent->_M_left) {
      RepairRed<&Node::_M_left, &Node::_M_right>(node, root);
    } else {
      RepairRed<&Node::_M_right, &Node::_M_left>(node, root);
    }
  }
  root->_M_color = _S_black;
}

// Takes `node` out of the tree, and gives it.
Node* _Rb_tree_rebalance_for_erase(Node* const node, Node& header) throw() {
  Node*& root = header._M_parent;
  Node* child = nullptr;   // what takes the place of the node that is missing afterwards
  Node* parent = nullptr;  // of `child`
  _Rb_tree_color missing = node->_M_color;
  if (node->_M_left != nullptr && node->_M_right != nullptr) {
    // Its successor takes its place and its color, and is missing where it was.
    Node* successor = node->_M_right;
    while (successor->_M_left != nullptr) successor = successor->_M_left;
    missing = successor->_M_color;
    child = successor->_M_right;
    if (successor == node->_M_right) {
      parent = successor;
    } else {
      parent = successor->_M_parent;
      parent->_M_left = child;
      if (child != nullptr) child->_M_parent = parent;
      successor->_M_right = node->_M_right;
      node->_M_right->_M_parent = successor;
    }
    successor->_M_left = node->_M_left;
    node->_M_left->_M_parent = successor;
    Hang(node, successor, root);
    successor->_M_parent = node->_M_parent;
    successor->_M_color = node->_M_color;
  } else {
    child = node->_M_left != nullptr ? node->_M_left : node->_M_right;
    parent = node->_M_parent;
    if (node == header._M_left) header._M_left = child == nullptr ? parent : Node::_S_minimum(child);
    if (node == header._M_right) header._M_right = child == nullptr ? parent : Node::_S_maximum(child);
    Hang(node, child, root);
    if (child != nullptr) child->_M_parent = parent;
  }
  if (missing == _S_red) return node;
  while (child != root && !Red(child)) {
    const bool done = child == parent->_M_left ? RepairBlack<&Node::_M_left, &Node::_M_right>(child, parent, root)
                                               : RepairBlack<&Node::_M_right, &Node::_M_left>(child, parent, root);
    if (done) return node;
  }
  if (child != nullptr) child->_M_color = _S_black;
  return node;
}

namespace __detail {

void _List_node_base::_M_hook(_List_node_base* const next) noexcept {
  _M_next = next;
  _M_prev = next->_M_prev;
  next->_M_prev->_M_next = this;
  next->_M_prev = this;
}

void _List_node_base::_M_unhook() noexcept {
  _M_prev->_M_next = _M_next;
  _M_next->_M_prev = _M_prev;
}

// Moves [first, last) in front of this node.
void _List_node_base::_M_transfer(_List_node_base* const first, _List_node_base* const last) noexcept {
  if (this == last) return;
  _List_node_base* const back = last->_M_prev;
  first->_M_prev->_M_next = last;
  last->_M_prev = first->_M_prev;
  _M_prev->_M_next = first;
  first->_M_prev = _M_prev;
  back->_M_next = this;
  _M_prev = back;
}

void _List_node_base::_M_reverse() noexcept {
  _List_node_base* node = this;
  do {
    std::swap(node->_M_next, node->_M_prev);
    node = node->_M_prev;
  } while (node != this);
}

void _List_node_base::swap(_List_node_base& a, _List_node_base& b) noexcept {
  const bool a_empty = a._M_next == &a;
  const bool b_empty = b._M_next == &b;
  std::swap(a._M_next, b._M_next);
  std::swap(a._M_prev, b._M_prev);
  if (b_empty) {
    a._M_next = a._M_prev = &a;
  } else {
    a._M_next->_M_prev = a._M_prev->_M_next = &a;
  }
  if (a_empty) {
    b._M_next = b._M_prev = &b;
  } else {
    b._M_next->_M_prev = b._M_prev->_M_next = &b;
  }
}

}  // namespace __detail
}  // namespace std
