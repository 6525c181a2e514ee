// The page around the timelines: lists of steps, the details of one, keys.
"use strict";

const $ = (id) => document.getElementById(id);

// Text is set as text: whatever a program calls its things, it never becomes markup.
function element(tag, attributes = {}, ...children) {
  const result = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") result.textContent = value;
    else result.setAttribute(name, value);
  }
  result.append(...children);
  return result;
}

const ROW_HEIGHT = 24;
const MAX_LISTED = 200;
const READABLE = 110;  // pixels a step, so that its label can be read

// The steps of one side, of which only those in sight are in the document.
class StepList {
  constructor(report, side, name) {
    this.report = report;
    this.side = side;
    this.id = name.toLowerCase();
    this.scroller = element("div", {
      class: "scroller", role: "listbox", tabindex: "0", id: "list-" + this.id, "aria-label": name + ", step by step",
    });
    this.scroller.style.setProperty("--digits", String(side.last).length);
    this.scroller.style.height = Math.min(16, Math.max(4, report.view.rows)) * ROW_HEIGHT + "px";
    this.spacer = element("div", {role: "presentation"});
    this.spacer.style.height = side.last * ROW_HEIGHT + "px";
    this.scroller.append(this.spacer);
    this.root = element("div", {class: "list"}, element("h3", {text: `${name}: ${side.last} ${side.last === 1 ? "step" : "steps"}`}), this.scroller);
    this.options = new Map();
    this.scroller.addEventListener("scroll", () => this.draw());
    this.scroller.addEventListener("click", (event) => {
      const option = event.target.closest(".option");
      if (option !== null) report.go(Number(option.dataset.row), side);
    });
    this.scroller.addEventListener("focus", () => report.look(side));
  }
  reveal() {
    const y = (Math.min(this.report.view.current, this.side.last) - 1) * ROW_HEIGHT, height = this.scroller.clientHeight;
    if (y < this.scroller.scrollTop) this.scroller.scrollTop = y - ROW_HEIGHT;
    else if (y + 2 * ROW_HEIGHT > this.scroller.scrollTop + height) this.scroller.scrollTop = y + 2 * ROW_HEIGHT - height;
    this.draw();
  }
  draw() {
    const {side, scroller, options} = this;
    const current = this.report.view.current;
    const first = Math.max(1, Math.floor(scroller.scrollTop / ROW_HEIGHT) - 2);
    const last = Math.min(side.last, Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW_HEIGHT) + 3);
    for (const [row, option] of options) {
      if ((row < first || row > last) && row !== current) {
        option.remove();
        options.delete(row);
      }
    }
    let next = null;
    for (let row = last; row >= first; --row) {
      if (!options.has(row)) options.set(row, this.option(row));
      const option = options.get(row);
      if (option.parentNode === null) scroller.insertBefore(option, next);
      next = option;
    }
    // What is current stays in the document, so that screen readers find it.
    const shown = Math.min(current, side.last);
    if (shown >= 1 && !options.has(shown)) {
      options.set(shown, this.option(shown));
      scroller.append(options.get(shown));
    }
    for (const [row, option] of options) option.setAttribute("aria-selected", String(row === current));
    if (current >= 1 && current <= side.last) scroller.setAttribute("aria-activedescendant", this.optionId(current));
    else scroller.removeAttribute("aria-activedescendant");
  }
  optionId(row) { return `option-${this.id}-${row}`; }
  option(row) {
    const {side} = this;
    const {difference} = this.report.view;
    const what = side.summary(row);
    const differs = row === difference;
    const option = element("div", {
      class: "option" + (side.isBad(row) ? " bad" : "") + (differs ? " differs" : "") + (difference > 0 && row >= difference ? " after" : ""),
      role: "option", id: this.optionId(row), "data-row": row, "aria-posinset": row, "aria-setsize": side.last,
      "aria-label": side.sentence(row) + (differs ? " Here the two executions part." : ""), title: what,
    },
      element("span", {class: "sign", text: differs ? "≠" : side.marked[row] ? "▲" : ""}),
      element("span", {class: "number", text: String(row)}),
      element("span", {class: "code", text: side.actorLabel(side.actor[row])}),
      element("span", {class: "what", text: what}));
    option.style.top = (row - 1) * ROW_HEIGHT + "px";
    return option;
  }
}

class Report {
  constructor(data) {
    this.data = data;
    const {strings, places} = data;
    const files = new Set();
    for (let p = 0; p < places.length; p += 3) if (strings[places[p + 1]] !== "") files.add(places[p + 1]);
    const shared = {strings, places, severalFiles: files.size > 1};
    this.sides = data.sides.map((raw) => new Side(raw, shared));
    this.names = data.sides.map((raw) => raw.name);
    this.looked = this.sides[0];
    this.view = new View(Math.max(...this.sides.map((side) => side.last)));
    if (this.sides.length > 1) this.view.difference = firstDifference(...this.sides);

    document.title = "hocket: " + (data.test || "failure");
    $("title").textContent = data.test || "A failing schedule";
    $("found").textContent = data.found;
    $("message").textContent = data.message;
    $("count").textContent = String(this.view.rows);
    this.makeTimelines();
    this.lists = this.sides.map((side, i) => new StepList(this, side, this.names[i]));
    $("lists").append(...this.lists.map((list) => list.root));
    this.makeLegend();
    this.makeSchedules();
    this.makeFailures();
    this.makeTasks();
    this.bind();
    this.setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
    const side = this.sides[0];
    this.view.current = this.view.difference > 0 ? this.view.difference : side.marks.length > 0 ? side.marks[0] : Math.min(1, this.view.rows);
    this.resize();
    this.view.fit();
    if (this.view.scale < READABLE) this.view.zoom(READABLE / this.view.scale);
    this.go(this.view.current, side, false);
  }

  makeTimelines() {
    this.timelines = this.sides.map((side, i) => {
      const name = this.names[i];
      const surface = element("div", {
        class: "surface", tabindex: "0", role: "slider", "aria-label": name + ": step on the timeline", id: "timeline-" + name.toLowerCase(),
        "aria-valuemin": "0", "aria-valuemax": String(side.last), "aria-orientation": "horizontal",
      }, element("canvas", {"aria-hidden": "true"}));
      const root = element("div", {class: "timeline"});
      if (this.sides.length > 1) root.append(element("h3", {text: name}));
      root.append(surface);
      $("timelines").append(root);
      return new Timeline(surface, side, this.view);
    });
  }
  makeLegend() {
    const entries = [
      ["a step, from where its task stood to where it stops", '<rect x="2" y="3" width="22" height="10" rx="3" fill="var(--step)" stroke="var(--step-line)"/>'],
      ["▲ deviates from the base schedule", '<rect x="2" y="3" width="22" height="10" rx="3" fill="var(--mark-soft)" stroke="var(--mark)" stroke-width="2"/>'],
      ["ready to run", '<path d="M2 8H24" stroke="var(--good)" stroke-width="3"/>'],
      ["waits", '<path d="M2 8H24" stroke="var(--strong-line)" stroke-width="1.5" stroke-dasharray="2 4"/>'],
      ["starts", '<path d="M2 8H18" stroke="var(--accent)" stroke-width="1.5"/><path d="M25 8L17 4V12Z" fill="none" stroke="var(--accent)"/>'],
      ["wakes", '<path d="M2 8H18" stroke="var(--good)" stroke-width="1.5"/><path d="M25 8L17 4V12Z" fill="var(--good)"/>'],
      ["sends a value", '<path d="M6 8H18" stroke="var(--send)" stroke-width="2" stroke-dasharray="5 2"/><path d="M6 4L10 8L6 12L2 8Z" fill="var(--send)"/><path d="M25 8L17 4V12Z" fill="var(--send)"/>'],
      ["cancels a wait", '<path d="M2 8H18" stroke="var(--cancel)" stroke-width="1.5" stroke-dasharray="4 3"/><path d="M9 5L14 11M9 11L14 5" stroke="var(--cancel)" stroke-width="1.5"/><path d="M25 8L17 4V12Z" fill="var(--cancel)"/>'],
      ["nursery", '<rect x="2" y="2" width="22" height="12" rx="3" fill="var(--nursery-soft)" stroke="var(--nursery)"/>'],
      ["shield", '<rect x="2" y="4" width="22" height="8" rx="1" fill="none" stroke="var(--ink)" stroke-width="2.5"/>'],
      ["ends", '<circle cx="13" cy="8" r="6" fill="none" stroke="var(--good)" stroke-width="2"/><path d="M10 8L12 11L16 5" fill="none" stroke="var(--good)" stroke-width="2"/>'],
      ["ends cancelled", '<circle cx="13" cy="8" r="6" fill="none" stroke="var(--cancel)" stroke-width="2"/><path d="M9 12L17 4" stroke="var(--cancel)" stroke-width="2"/>'],
      ["fails", '<rect x="7" y="2" width="12" height="12" fill="none" stroke="var(--bad)" stroke-width="2"/><path d="M10 5L16 11M10 11L16 5" stroke="var(--bad)" stroke-width="2"/>'],
    ];
    for (const [text, picture] of entries) {
      const item = element("li");
      item.innerHTML = `<svg width="27" height="16" aria-hidden="true">${picture}</svg>`;  // of ours, nothing of the program's
      item.append(text);
      $("legend").append(item);
    }
  }

  makeSchedules() {
    this.sides.forEach((side, i) => {
      const {base, deviations, draws} = side.schedule;
      const list = element("ul");
      for (const [task, operation, nth, run] of deviations.slice(0, MAX_LISTED)) {
        list.append(element("li", {}, "when ", code(task), " stands at ", code(operation), nth > 1 ? ` for time ${nth}` : "", ", ", code(run), run === "clock" ? " moves on" : " runs"));
      }
      for (const [task, label, nth, value] of draws.slice(0, MAX_LISTED)) {
        list.append(element("li", {}, code(task), " draws ", code(String(value)), " as ", code(label), nth > 1 ? `, time ${nth}` : ""));
      }
      const left = Math.max(0, deviations.length - MAX_LISTED) + Math.max(0, draws.length - MAX_LISTED);
      if (left > 0) list.append(element("li", {text: `… and ${left} more`}));
      if (list.childElementCount === 0) list.append(element("li", {text: "nothing but the base"}));
      $("schedules").append(element("div", {}, element("h3", {text: this.names[i]}),
        element("p", {class: "muted"}, "base ", code(base), ": " + {stay: "a task runs on until it blocks", fifo: "first ready, first run", spawn: "in the order of starting"}[base]), list));
    });
    if (this.view.difference > 0) {
      const row = this.view.difference;
      const who = this.sides.map((side) => (row <= side.last ? side.actorLabel(side.actor[row]) : "nothing"));
      $("schedules").append(element("p", {}, element("strong", {text: `≠ They part at step ${row}: `}), "failing, ", code(who[0]), "; passing, ", code(who[1])));
    }
    if (this.data.replay !== "") $("replay-line").append("Replay: ", code(this.data.replay));
  }

  makeFailures() {
    const side = this.sides[0];
    const shown = [];
    for (const task of side.tasks) if (task.failure >= 0) shown.push([task.failure, `${task.path} ended with`, task.ended]);
    shown.sort((a, b) => a[2] - b[2]);
    if (shown.length === 0) {
      $("failures").append(element("p", {class: "muted", text: "No task ended with one."}));
      return;
    }
    for (const [failure, title, row] of shown.slice(0, 50)) {
      $("failures").append(element("h3", {text: `Step ${row}: ${title}`}), this.tree(side.failures[failure], `${title}, step ${row}`));
    }
    if (shown.length > 50) $("failures").append(element("p", {class: "muted", text: `… and ${shown.length - 50} more, each with its step.`}));
  }
  // The tree as rows that say their depth: groups may nest deeper than a document can.
  tree(nodes, label) {
    const list = element("ul", {class: "tree", role: "tree", "aria-label": label});
    nodes.slice(0, MAX_LISTED).forEach((node, i) => {
      const word = node.kind === GROUP ? "▾ group: " : node.kind === CANCELLED ? "⊘ cancelled" + (node.text === "" ? "" : ": ") : "✕ ";
      const item = element("li", {role: "treeitem", "aria-level": node.depth + 1, tabindex: i === 0 ? "0" : "-1"},
        element("span", {class: "tag " + (node.kind === ERROR ? "bad" : node.kind === CANCELLED ? "cancel" : "")}, node.kind === GROUP ? "group" : node.kind === ERROR ? "error" : "cancelled"),
        " " + (node.kind === GROUP ? `${node.text} (${membersOf(nodes, i)})` : node.text || word));
      item.style.setProperty("--depth", Math.min(node.depth, 12));
      if (node.kind === GROUP) item.setAttribute("aria-expanded", "true");
      list.append(item);
    });
    if (nodes.length > MAX_LISTED) list.append(element("li", {role: "treeitem", "aria-level": "1", tabindex: "-1", text: `… and ${nodes.length - MAX_LISTED} more`}));
    list.addEventListener("keydown", (event) => walkTree(event, list));
    list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=treeitem]");
      if (item !== null && item.hasAttribute("aria-expanded")) toggle(item);
    });
    return list;
  }

  makeTasks() {
    const side = this.sides[0];
    const list = element("ul", {class: "tree", role: "tree", "aria-label": "Tasks by nursery"});
    side.order.slice(0, MAX_LISTED).forEach((t, i) => {
      const task = side.tasks[t];
      const ended = task.ended < 0 ? "has not ended: " + side.standingText(t, side.last + 1) : task.failure < 0 ? `ends in step ${task.ended}` : `step ${task.ended}: ` + side.failureLine(task.failure);
      const item = element("li", {role: "treeitem", "aria-level": task.depth + 1, tabindex: i === 0 ? "0" : "-1"},
        code(task.path), (task.name === "" ? "" : " " + task.name) + (task.nursery >= 0 ? ` · in the ${side.scopeName(task.nursery)}` : "") + ` · ${task.rows.length} ${task.rows.length === 1 ? "step" : "steps"} · ${ended}`);
      item.style.setProperty("--depth", Math.min(task.depth, 12));
      list.append(item);
    });
    list.addEventListener("keydown", (event) => walkTree(event, list));
    const box = element("div", {class: "scroll"}, list);
    if (side.order.length > MAX_LISTED) box.append(element("p", {class: "muted", text: `… and ${side.order.length - MAX_LISTED} more; the timeline has them all.`}));
    $("tasks").append(box);
  }

  setTheme(dark) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    $("theme").setAttribute("aria-pressed", String(dark));
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(name).trim();
    this.colors = {
      panel: color("--panel"), lane: color("--lane"), ink: color("--ink"), muted: color("--muted"), line: color("--line"),
      strongLine: color("--strong-line"), accent: color("--accent"), step: color("--step"), stepLine: color("--step-line"),
      mark: color("--mark"), markSoft: color("--mark-soft"), bad: color("--bad"), cancel: color("--cancel"), good: color("--good"),
      send: color("--send"), nursery: color("--nursery"), nurserySoft: color("--nursery-soft"), shield: color("--shield"), cursor: color("--cursor"),
    };
    this.draw();
  }

  resize() {
    const available = Math.max(220, window.innerHeight * 0.64) / this.timelines.length - 20;
    for (const timeline of this.timelines) timeline.resize(available);
    this.view.width = this.timelines[0].w - this.timelines[0].gutter;
    this.view.clamp();
    this.draw();
    for (const list of this.lists) list.draw();
  }
  draw() {
    for (const timeline of this.timelines) if (timeline.w !== undefined) timeline.draw(this.colors);
  }

  look(side) {
    if (this.looked === side) return;
    this.looked = side;
    this.showDetails();
  }
  go(row, side = this.looked, says = true) {
    this.looked = side;
    this.view.current = Math.max(Math.min(1, this.view.rows), Math.min(row, this.view.rows));
    this.view.reveal();
    for (const timeline of this.timelines) timeline.revealLane();
    this.draw();
    for (const list of this.lists) list.reveal();
    const {current} = this.view;
    $("number").value = String(current);
    $("first").disabled = $("previous").disabled = current <= 1;
    $("last").disabled = $("next").disabled = current >= this.view.rows;
    $("deviation").disabled = this.nextDeviation() === 0;
    $("difference").disabled = this.view.difference === 0;
    this.timelines.forEach((timeline, i) => {
      const shown = Math.min(current, this.sides[i].last);
      timeline.surface.setAttribute("aria-valuenow", String(shown));
      timeline.surface.setAttribute("aria-valuetext", this.sides[i].sentence(shown));
    });
    if (says) $("said").textContent = current <= this.looked.last ? this.looked.sentence(current) : `The ${this.looked.name} execution has ended.`;
    this.showDetails();
  }
  // After the current row, or from the beginning on; 0 if there is none.
  nextDeviation() {
    const {marks} = this.sides[0];
    return marks[lowerBound(marks, this.view.current + 1)] ?? marks[0] ?? 0;
  }

  showDetails() {
    const side = this.looked;
    const row = this.view.current;
    const box = $("details");
    box.replaceChildren();
    $("step-heading").textContent = `Step ${row} of ${side.last}` + (this.sides.length > 1 ? `, ${side.name}` : "");
    if (row > side.last || row < 1) {
      box.append(element("p", {class: "muted", text: row < 1 ? "Nothing happened." : "This execution has ended before."}));
      return;
    }
    const actor = side.actor[row];
    const who = element("p", {class: "who", text: side.actorLabel(actor)});
    if (side.marked[row]) who.append(element("span", {class: "tag mark", text: "▲ deviates"}));
    if (row === this.view.difference) who.append(element("span", {class: "tag mark", text: "≠ first difference"}));
    const facts = element("dl");
    const fact = (name, ...value) => facts.append(element("dt", {text: name}), element("dd", {}, ...value));
    const describe = (place) => (place < 0 ? ["start"] : [side.operation(place), " ", code(side.location(place))]);
    if (actor >= 0) {
      fact("Goes on from", ...describe(side.standing(actor, row)));
      if (side.place[row] >= 0) fact("Stops at", ...describe(side.place[row]));
      else fact("Stops at", side.tasks[actor].ended === row ? "its end" : "nothing: it still runs");
    }
    fact("Virtual time", formatTime(side.time[row]));
    const alternatives = side.alternatives[row];
    const afterSuffix = side.suffix > 0 && row >= side.suffix;
    fact("Chosen", afterSuffix ? "in turn: the rest is run fairly" :
      alternatives < 2 ? "nobody was asked: nothing else could run" : `${side.actorLabel(actor)}, 1 of ${alternatives}` +
      (side.marked[row] ? `; the base ${side.schedule.base} would choose ${side.actorLabel(side.base[row])}` : `, as the base ${side.schedule.base}`));
    box.append(who, facts);

    const ready = side.readyBefore(row);
    if (!ready.includes(actor)) ready.push(actor);
    box.append(element("h3", {text: `Ready set (${ready.length})`}));
    const set = element("ul");
    for (const one of ready.slice(0, MAX_LISTED)) {
      const item = element("li", {}, element("span", {class: "code", text: side.actorLabel(one)}), " · " + side.standingText(one, row));
      if (one === actor) item.append(element("span", {class: "tag good", text: "▶ chosen"}));
      if (alternatives > 1 && one === (side.base[row] === NOBODY ? actor : side.base[row])) item.append(element("span", {class: "tag", text: "base"}));
      set.append(item);
    }
    if (ready.length > MAX_LISTED) set.append(element("li", {text: `… and ${ready.length - MAX_LISTED} more`}));
    box.append(set, element("h3", {text: "What happens"}));
    const happened = element("ul");
    for (const phrase of side.phrases(row)) happened.append(element("li", {text: phrase}));
    box.append(happened);

    const around = side.scopesAround(row);
    if (around.length > 0) {
      box.append(element("h3", {text: "Scopes around, innermost first"}));
      const scopes = element("ul");
      for (const s of around.slice(0, MAX_LISTED)) {
        const now = side.scopeAt(s, row);
        const item = element("li", {}, side.scopeName(s) + `, since step ${side.scopes[s].enter}`);
        if (now.deadline >= 0) item.append(element("span", {class: "tag", text: "until " + formatTime(now.deadline)}));
        if (now.shield) item.append(element("span", {class: "tag", text: "shield"}));
        if (now.cancelled) item.append(element("span", {class: "tag cancel", text: "✕ cancelled: " + side.scopes[s].why}));
        scopes.append(item);
      }
      box.append(scopes);
    }
    for (const {failure, of} of side.failuresIn(row)) {
      box.append(element("h3", {text: of}), this.tree(side.failures[failure], of));
    }
  }

  bind() {
    const actions = {
      first: () => this.go(1), previous: () => this.go(this.view.current - 1), next: () => this.go(this.view.current + 1),
      last: () => this.go(this.view.rows), deviation: () => this.go(this.nextDeviation() || this.view.current),
      difference: () => this.go(this.view.difference || this.view.current),
      in: () => this.zoom(1.6), out: () => this.zoom(1 / 1.6), fit: () => this.zoom(0),
      theme: () => this.setTheme(document.documentElement.dataset.theme !== "dark"),
      help: () => $("keys").showModal(),
    };
    for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
    $("number").addEventListener("change", () => {
      const row = Number.parseInt($("number").value, 10);
      this.go(Number.isNaN(row) ? this.view.current : row);
    });
    const keys = [
      [["ArrowRight", "l"], "→ or l", "next step", actions.next],
      [["ArrowLeft", "h"], "← or h", "previous step", actions.previous],
      [["Home"], "Home", "first step", actions.first],
      [["End"], "End", "last step", actions.last],
      [["PageDown"], "Page Down", "ten steps on", () => this.go(this.view.current + 10)],
      [["PageUp"], "Page Up", "ten steps back", () => this.go(this.view.current - 10)],
      [["t"], "t", "next step of the same task", () => this.goSameTask(1)],
      [["T"], "T", "previous step of the same task", () => this.goSameTask(-1)],
      [["d"], "d", "next deviation", actions.deviation],
      [["f"], "f", "first difference", actions.difference],
      [["s"], "s", "the other side: failing, passing", () => this.go(this.view.current, this.sides[(this.sides.indexOf(this.looked) + 1) % this.sides.length])],
      [["+", "="], "+", "zoom in", actions.in],
      [["-"], "-", "zoom out", actions.out],
      [["0"], "0", "show all steps", actions.fit],
      [["<", ","], ",", "pan left", () => this.pan(-0.25)],
      [[">", "."], ".", "pan right", () => this.pan(0.25)],
      [["?"], "?", "these keys", actions.help],
    ];
    const byKey = new Map();
    for (const [names, label, text, action] of keys) {
      for (const name of names) byKey.set(name, action);
      $("key-table").append(element("tr", {}, element("td", {}, element("kbd", {text: label})), element("td", {text})));
    }
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target === $("number") || $("keys").open) return;
      let action = byKey.get(event.key);
      // In a list up and down are the steps; elsewhere they scroll the page.
      if (event.target.closest("[role=listbox], [role=slider]") !== null) {
        if (event.key === "ArrowDown") action = actions.next;
        if (event.key === "ArrowUp") action = actions.previous;
      }
      if (action === undefined) return;
      event.preventDefault();
      action();
    });

    const tip = element("div", {id: "tip", "aria-hidden": "true", hidden: ""});
    document.body.append(tip);
    for (const timeline of this.timelines) this.bindTimeline(timeline, tip);
    let pending = 0;
    window.addEventListener("resize", () => {
      cancelAnimationFrame(pending);
      pending = requestAnimationFrame(() => this.resize());
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => this.setTheme(event.matches));
  }
  zoom(factor, at) {
    if (factor === 0) this.view.fit();
    else this.view.zoom(factor, at);
    this.draw();
  }
  pan(share) {
    this.view.left += (share * this.view.width) / this.view.scale;
    this.view.clamp();
    this.draw();
  }
  goSameTask(direction) {
    const side = this.looked;
    const actor = side.actor[Math.min(this.view.current, side.last)];
    if (actor < 0) return;
    const {rows} = side.tasks[actor];
    const row = rows[lowerBound(rows, this.view.current) + direction];
    if (row !== undefined) this.go(row);
  }

  bindTimeline(timeline, tip) {
    const {surface, side} = timeline;
    let drag = null;
    surface.addEventListener("pointerdown", (event) => {
      const y = event.offsetY;
      drag = {x: event.clientX, y: event.clientY, left: this.view.left, top: timeline.top, moved: false, overview: y > timeline.h - OVERVIEW};
      surface.setPointerCapture(event.pointerId);
      if (drag.overview) this.centre(timeline.rowInOverview(event.offsetX));
    });
    surface.addEventListener("pointermove", (event) => {
      if (drag === null) {
        const row = timeline.rowAt(event.offsetX);
        const shows = event.offsetX > timeline.gutter && event.offsetY < timeline.h - OVERVIEW && row >= 1 && row <= side.last;
        tip.hidden = !shows;
        if (!shows) return;
        tip.textContent = `${row} · ${side.actorLabel(side.actor[row])}: ${side.phrases(row).join("; ")}`;
        tip.style.left = Math.min(event.clientX + 14, window.innerWidth - 370) + "px";
        tip.style.top = event.clientY + 18 + "px";
        return;
      }
      tip.hidden = true;
      if (drag.overview) {
        this.centre(timeline.rowInOverview(event.offsetX));
        return;
      }
      if (Math.abs(event.clientX - drag.x) + Math.abs(event.clientY - drag.y) > 4) drag.moved = true;
      if (!drag.moved) return;
      this.view.left = drag.left - (event.clientX - drag.x) / this.view.scale;
      this.view.clamp();
      timeline.scrollTo(drag.top - (event.clientY - drag.y));
      this.draw();
    });
    surface.addEventListener("pointerup", (event) => {
      if (drag !== null && !drag.moved && !drag.overview && event.offsetX > timeline.gutter)
        this.go(Math.min(Math.max(1, timeline.rowAt(event.offsetX)), side.last), side);
      drag = null;
    });
    surface.addEventListener("pointerleave", () => { tip.hidden = true; });
    surface.addEventListener("focus", () => this.look(side));
    surface.addEventListener("wheel", (event) => {
      if (event.ctrlKey || event.metaKey) {
        this.zoom(Math.exp(-event.deltaY / 300), (event.offsetX - timeline.gutter) / this.view.scale + this.view.left);
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
        this.view.left += (event.deltaX || event.deltaY) / this.view.scale;
        this.view.clamp();
        this.draw();
      } else if (timeline.scrolls()) {
        const before = timeline.top;
        timeline.scrollTo(timeline.top + event.deltaY);
        if (timeline.top === before) return;  // at its end the page scrolls on
        this.draw();
      } else {
        return;
      }
      event.preventDefault();
    }, {passive: false});
  }
  centre(row) {
    this.view.left = row - this.view.width / this.view.scale / 2;
    this.view.clamp();
    this.draw();
  }
}

function code(text) { return element("code", {text}); }

function membersOf(nodes, group) {
  let count = 0;
  for (let i = group + 1; i < nodes.length && nodes[i].depth > nodes[group].depth; ++i) {
    if (nodes[i].depth === nodes[group].depth + 1) ++count;
  }
  return count === 1 ? "1 member" : `${count} members`;
}

function toggle(item) {
  const expanded = item.getAttribute("aria-expanded") !== "true";
  item.setAttribute("aria-expanded", String(expanded));
  const level = Number(item.getAttribute("aria-level"));
  let closed = Infinity;  // below a group that stays closed nothing opens
  for (let next = item.nextElementSibling; next !== null && Number(next.getAttribute("aria-level")) > level; next = next.nextElementSibling) {
    const depth = Number(next.getAttribute("aria-level"));
    if (depth <= closed) closed = Infinity;
    next.hidden = !expanded || depth > closed;
    if (next.getAttribute("aria-expanded") === "false") closed = Math.min(closed, depth);
  }
}

function walkTree(event, list) {
  const items = [...list.children].filter((item) => !item.hidden);
  const at = items.indexOf(event.target);
  if (at < 0) return;
  const item = items[at];
  const expanded = item.getAttribute("aria-expanded");
  let next = null;
  if (event.key === "ArrowDown") next = items[at + 1];
  else if (event.key === "ArrowUp") next = items[at - 1];
  else if (event.key === "Home") next = items[0];
  else if (event.key === "End") next = items[items.length - 1];
  else if ((event.key === "ArrowLeft" && expanded === "true") || (event.key === "ArrowRight" && expanded === "false") ||
           (event.key === "Enter" && expanded !== null)) toggle(item);
  else if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  event.preventDefault();
  if (!next) return;
  item.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

window.hocket = new Report(JSON.parse($("data").textContent));
performance.mark("hocket-drawn");
