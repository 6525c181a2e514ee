// Writes a wait-for graph.
//
// Idea: the same nodes and arrows in two notations, so they are made once, and each notation says how it writes them.
//
// Tests: tests/runtime/wait_graph_test.cc.
#include "hocket/wait_graph.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hocket {

namespace {

using Arrow = std::pair<std::uint32_t, std::uint32_t>;  // from who waits to who holds

struct Marks {
  std::set<std::uint32_t> tasks;
  std::set<Arrow> arrows;
};

Marks MarksOf(const std::vector<WaitCycle>& cycles) {
  Marks marks;
  for (const WaitCycle& cycle : cycles) {
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      marks.tasks.insert(cycle[i]);
      marks.arrows.insert({cycle[i], cycle[(i + 1) % cycle.size()]});
    }
  }
  return marks;
}

// As the inside of a string in double quotes.
std::string DotText(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c < ' ' && c >= 0 ? ' ' : c;
  }
  return quoted;
}

// Mermaid knows character references, of which a label in double quotes needs some.
std::string MermaidText(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
                       c == '/' || c == '.' || c == '_' || c == '-' || c == ':' || c < 0;
    quoted += plain ? std::string(1, c) : c < ' ' ? " " : "#" + std::to_string(static_cast<int>(c)) + ";";
  }
  return quoted;
}

std::string PlaceOf(const TaskSnapshot& task) {
  for (const std::source_location& where : task.where) {
    const std::string file = where.file_name();
    if (where.line() == 0 || file.find("include/hocket/") != std::string::npos) continue;
    return file.substr(file.rfind('/') + 1) + ":" + std::to_string(where.line());
  }
  return "";
}

bool Waits(const TaskSnapshot& task) { return !task.ready && task.operation != "running"; }

std::string StateOf(const TaskSnapshot& task) {
  if (task.operation == "running") return "running";
  return (task.ready ? "ready at " : "waits in ") + task.operation;
}

std::string Dot(const std::vector<TaskSnapshot>& tasks, const Marks& marks) {
  std::string text = "digraph waits {\n  node [shape=box];\n";
  for (const TaskSnapshot& task : tasks) {
    const std::string place = PlaceOf(task);
    text += "  t" + std::to_string(task.spawn_number) + " [label=\"" + DotText(task.path) + "\\n" +
            DotText(StateOf(task)) + (place.empty() ? "" : "\\n" + DotText(place)) + "\"" +
            (marks.tasks.count(task.spawn_number) > 0 ? ", color=red, penwidth=2" : "") + "];\n";
  }
  for (const TaskSnapshot& task : tasks) {
    if (!Waits(task)) continue;
    const std::string from = "t" + std::to_string(task.spawn_number);
    const std::string label = "label=\"" + DotText(task.operation) + "\"";
    for (const std::uint32_t holder : task.held_by) {
      text += "  " + from + " -> t" + std::to_string(holder) + " [" + label +
              (marks.arrows.count({task.spawn_number, holder}) > 0 ? ", color=red, penwidth=2" : "") + "];\n";
    }
    if (task.held_by.empty()) {
      text += "  " + from + "_unknown [label=\"?\", shape=plaintext];\n  " + from + " -> " + from + "_unknown [" +
              label + ", style=dashed];\n";
    }
  }
  return text + "}\n";
}

std::string Mermaid(const std::vector<TaskSnapshot>& tasks, const Marks& marks) {
  std::string text = "flowchart LR\n";
  for (const TaskSnapshot& task : tasks) {
    const std::string place = PlaceOf(task);
    text += "  t" + std::to_string(task.spawn_number) + "[\"" + MermaidText(task.path) + "<br/>" +
            MermaidText(StateOf(task)) + (place.empty() ? "" : "<br/>" + MermaidText(place)) + "\"]" +
            (marks.tasks.count(task.spawn_number) > 0 ? ":::cycle" : "") + "\n";
  }
  std::string styles;
  std::size_t arrows = 0;
  for (const TaskSnapshot& task : tasks) {
    if (!Waits(task)) continue;
    const std::string from = "t" + std::to_string(task.spawn_number);
    const std::string label = "|\"" + MermaidText(task.operation) + "\"| ";
    for (const std::uint32_t holder : task.held_by) {
      text += "  " + from + " -->" + label + "t" + std::to_string(holder) + "\n";
      if (marks.arrows.count({task.spawn_number, holder}) > 0) {
        styles += "  linkStyle " + std::to_string(arrows) + " stroke:red,stroke-width:3px\n";
      }
      ++arrows;
    }
    if (task.held_by.empty()) {
      text += "  " + from + " -.->" + label + from + "_unknown((\"?\"))\n";
      ++arrows;
    }
  }
  if (!marks.tasks.empty()) text += "  classDef cycle stroke:red,stroke-width:3px\n";
  return text + styles;
}

}  // namespace

std::string FormatWaitGraph(const std::vector<TaskSnapshot>& tasks, GraphFormat format) {
  const Marks marks = MarksOf(FindWaitCycles(tasks));
  return format == GraphFormat::kDot ? Dot(tasks, marks) : Mermaid(tasks, marks);
}

}  // namespace hocket
