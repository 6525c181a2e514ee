// The red-black trees and lists of observe/standard_library.cc, which stand in for libstdc++'s.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <list>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace {

using Node = std::_Rb_tree_node_base;

// The number of black nodes on each path down from `node`, where all have the same; -1 if they do not, or if one red
// node is below another.
int BlackHeight(const Node* node) {
  if (node == nullptr) return 0;
  const auto red = [](const Node* child) { return child != nullptr && child->_M_color == std::_S_red; };
  if (red(node) && (red(node->_M_left) || red(node->_M_right))) return -1;
  const int left = BlackHeight(node->_M_left);
  const int right = BlackHeight(node->_M_right);
  if (left < 0 || left != right) return -1;
  return left + (red(node) ? 0 : 1);
}

const Node* RootOf(const std::set<int>& set) { return set.end()._M_node->_M_parent; }

TEST(StandardLibrary, TreesStaySortedAndBalanced) {
  std::minstd_rand random(1);
  for (int round = 0; round < 200; ++round) {
    std::set<int> set;
    std::vector<int> model;
    for (int i = 0; i < 300; ++i) {
      const int value = static_cast<int>(random() % 64);
      const auto at = std::lower_bound(model.begin(), model.end(), value);
      const bool known = at != model.end() && *at == value;
      if (random() % 2 == 0) {
        EXPECT_EQ(set.insert(value).second, !known);
        if (!known) model.insert(at, value);
      } else {
        EXPECT_EQ(set.erase(value), known ? 1u : 0u);
        if (known) model.erase(at);
      }
      ASSERT_TRUE(std::equal(set.begin(), set.end(), model.begin(), model.end()));
      ASSERT_TRUE(std::equal(set.rbegin(), set.rend(), model.rbegin(), model.rend()));
      ASSERT_GE(BlackHeight(RootOf(set)), 0);
    }
  }
}

TEST(StandardLibrary, ListsKeepTheirOrder) {
  std::list<int> list = {1, 2, 3};
  list.push_front(0);
  list.push_back(4);
  EXPECT_EQ(list, (std::list<int>{0, 1, 2, 3, 4}));
  list.reverse();
  EXPECT_EQ(list, (std::list<int>{4, 3, 2, 1, 0}));
  list.erase(std::next(list.begin(), 2));
  EXPECT_EQ(list, (std::list<int>{4, 3, 1, 0}));
  std::list<int> other = {7, 8};
  list.splice(std::next(list.begin()), other);
  EXPECT_EQ(list, (std::list<int>{4, 7, 8, 3, 1, 0}));
  EXPECT_TRUE(other.empty());
  list.sort();
  EXPECT_EQ(list, (std::list<int>{0, 1, 3, 4, 7, 8}));
  list.swap(other);
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(other.size(), 6u);
  other.swap(list);
  EXPECT_EQ(list, (std::list<int>{0, 1, 3, 4, 7, 8}));
  std::list<int> third = {1};
  list.swap(third);
  EXPECT_EQ(list, (std::list<int>{1}));
  EXPECT_EQ(third, (std::list<int>{0, 1, 3, 4, 7, 8}));
}

}  // namespace
