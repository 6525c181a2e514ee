// What happened, decoded from the numbers that harness/report/html.cc writes. Rows are steps: row 0 is what comes before
// the first step, and row n is step n.
"use strict";

const CLOCK = -1;  // actors: tasks from 0 on, the clock, and below it the cancellations from outside
const NOBODY = -(2 ** 31);
const OP = {
  STEP: 0, PARK: 1, EXIT: 2, SPAWN: 3, CANCEL: 4, DRAW: 5, TIME: 6, READY: 7, UNREADY: 8, WAKE: 9, BASE: 10, JOIN: 11,
  ENTER: 12, LEAVE: 13, CANCEL_SCOPE: 14, SET: 15, SEND: 16, RECEIVE: 17, SUFFIX: 18,
};
// How many numbers each operation takes, itself included.
const LENGTH = [3, 2, 3, 2, 2, 3, 2, 2, 2, 2, 2, 3, 2, 4, 3, 4, 3, 3, 1];
const ERROR = 0, CANCELLED = 1, GROUP = 2;
const READY = 1, WAITING = 2;
const ARROW = {SPAWN: 0, WAKE: 1, CANCEL: 2, SEND: 3};
const ROWS_PER_SNAPSHOT = 512;
const MAX_STARTED = 6;  // that are named one by one

function formatTime(ns) {
  if (ns === 0) return "0s";
  for (const [unit, size] of [["h", 3.6e12], ["min", 6e10], ["s", 1e9], ["ms", 1e6], ["us", 1e3]]) {
    if (ns >= size) return String(+(ns / size).toFixed(3)) + unit;
  }
  return ns + "ns";
}

const basename = (file) => file.slice(file.lastIndexOf("/") + 1);
const firstLine = (text) => (text.includes("\n") ? text.slice(0, text.indexOf("\n")) + " …" : text);

class Side {
  constructor(raw, shared) {
    this.name = raw.name;
    this.schedule = raw.schedule;
    this.strings = shared.strings;
    this.places = shared.places;
    this.severalFiles = shared.severalFiles;
    this.events = raw.events;
    this.cancellations = raw.cancellations.map((s) => this.strings[s]);
    this.failures = raw.failures.map((flat) => {
      const nodes = [];
      for (let i = 0; i < flat.length; i += 3) nodes.push({depth: flat[i], kind: flat[i + 1], text: this.strings[flat[i + 2]]});
      return nodes;
    });
    this.tasks = [];
    for (let i = 0; i < raw.tasks.length; i += 2) {
      this.tasks.push({
        path: this.strings[raw.tasks[i]], name: this.strings[raw.tasks[i + 1]], born: -1, ended: -1, failure: -1,
        nursery: -1, rows: [], segments: [], scopeDepth: 0, isReady: false, lane: 0, depth: 0, innermost: -1,
      });
    }
    this.scopes = [];
    for (let i = 0; i < raw.scopes.length; i += 3) {
      const flags = raw.scopes[i + 1];
      this.scopes.push({
        task: raw.scopes[i], nursery: (flags & 1) !== 0, shield: (flags & 2) !== 0, deadline: raw.scopes[i + 2],
        enter: -1, leave: -1, cancelled: (flags & 4) !== 0 ? 0 : -1, why: (flags & 4) !== 0 ? "before it was entered" : "",
        caught: false, failure: -1, depth: 0, parent: -1, changes: [], children: [],
      });
    }
    this.decode();
    this.layOut();
  }

  decode() {
    const {events, tasks, scopes} = this;
    const actor = [NOBODY], alternatives = [0], base = [NOBODY], marked = [0], time = [0], place = [-1], start = [0];
    const arrows = [];  // flat: kind, row, actor, row, task
    const sent = new Map();
    const ready = new Set();
    this.snapshots = [new Int32Array(0)];
    this.suffix = -1;
    this.ends = [];     // rows in which a task ends other than with a value
    this.cancels = [];  // rows in which a scope is cancelled
    this.jumps = [];    // rows in which time passes or a scope is cancelled from outside
    let row = 0, now = 0, wanted = NOBODY, cancelled = NOBODY;
    for (let i = 0; i < events.length; i += LENGTH[events[i]]) {
      const a = events[i + 1], b = events[i + 2];
      switch (events[i]) {
        case OP.STEP:
          ++row;
          if (row % ROWS_PER_SNAPSHOT === 0) this.snapshots.push(Int32Array.from(ready));
          ready.delete(a);
          actor.push(a); alternatives.push(b >> 1); marked.push(b & 1); base.push(wanted); time.push(now); place.push(-1);
          start.push(i);
          wanted = NOBODY;
          if (a >= 0) {
            tasks[a].rows.push(row);
            tasks[a].isReady = false;
          } else {
            this.jumps.push(row);
          }
          break;
        case OP.PARK: {
          place[row] = a;
          const task = tasks[actor[row]];
          task.segments.push(2 * row + 2, task.isReady ? READY : WAITING);
          break;
        }
        case OP.EXIT:
          tasks[a].ended = row;
          tasks[a].failure = b - 1;
          if (b > 0) this.ends.push(row);
          break;
        case OP.SPAWN:
          tasks[a].born = row;
          if (row > 0) arrows.push(ARROW.SPAWN, row, actor[row], row, a);
          break;
        case OP.CANCEL:
          arrows.push(ARROW.CANCEL, row, actor[row], row, a);
          break;
        case OP.TIME:
          now += a;
          break;
        case OP.READY:
          ready.add(a);
          if (a >= 0) {
            tasks[a].isReady = true;
            if (actor[row] !== a) tasks[a].segments.push(2 * row + 1, READY);
          }
          break;
        case OP.UNREADY:
          ready.delete(a);
          break;
        case OP.WAKE:  // a task is not woken to start, and the end of a wait by a cancellation has its own arrow
          if (tasks[a].born !== row && cancelled !== a) arrows.push(ARROW.WAKE, row, actor[row], row, a);
          break;
        case OP.BASE:
          wanted = a;
          break;
        case OP.JOIN:
          if (tasks[a].nursery < 0) tasks[a].nursery = b;
          break;
        case OP.ENTER: {
          const scope = scopes[a], task = tasks[scope.task];
          scope.enter = row;
          if (scope.cancelled >= 0) scope.cancelled = row;
          scope.parent = task.innermost >= 0 ? task.innermost : task.nursery;
          scope.depth = task.innermost >= 0 ? scopes[task.innermost].depth + 1 : 0;
          task.innermost = a;
          task.scopeDepth = Math.max(task.scopeDepth, scope.depth + 1);
          break;
        }
        case OP.LEAVE: {
          const scope = scopes[a], task = tasks[scope.task];
          scope.leave = row;
          scope.caught = b === 1;
          scope.failure = events[i + 3] - 1;
          task.innermost = scope.depth > 0 ? scope.parent : -1;
          break;
        }
        case OP.CANCEL_SCOPE:
          scopes[a].cancelled = row;
          scopes[a].why = this.strings[b];
          this.cancels.push(row);
          break;
        case OP.SET:
          scopes[a].changes.push({row, shield: b === 1, deadline: events[i + 3]});
          break;
        case OP.SEND: {
          const rows = tasks[a].rows;
          sent.set(b, {task: a, row: actor[row] === a || rows.length === 0 ? row : rows[rows.length - 1]});
          break;
        }
        case OP.RECEIVE: {
          const from = sent.get(b);
          if (from !== undefined) arrows.push(ARROW.SEND, from.row, from.task, row, a);
          sent.delete(b);
          break;
        }
        case OP.SUFFIX:
          this.suffix = row + 1;
          break;
      }
      cancelled = events[i] === OP.CANCEL ? a : NOBODY;
    }
    start.push(events.length);
    this.last = row;
    this.actor = Int32Array.from(actor);
    this.alternatives = Int32Array.from(alternatives);
    this.base = Int32Array.from(base);
    this.marked = Uint8Array.from(marked);
    this.time = Float64Array.from(time);
    this.place = Int32Array.from(place);
    this.start = Int32Array.from(start);
    this.arrows = Int32Array.from(arrows);
    this.marks = [];
    for (let r = 1; r <= this.last; ++r) if (this.marked[r]) this.marks.push(r);
  }

  // Lanes: a task, then what its nurseries hold, in the order in which they were opened.
  layOut() {
    const members = new Map();
    const roots = [];
    this.tasks.forEach((task, t) => {
      if (task.nursery < 0) roots.push(t);
      else if (members.has(task.nursery)) members.get(task.nursery).push(t);
      else members.set(task.nursery, [t]);
    });
    const nurseries = this.tasks.map(() => []);
    this.scopes.forEach((scope, s) => {
      if (scope.nursery) nurseries[scope.task].push(s);
    });
    this.order = [];
    this.nurseries = [];  // those that hold anybody: {scope, first, last} in lanes
    const pending = roots.reverse().map((task) => ({task, depth: 0}));
    while (pending.length > 0) {
      const next = pending.pop();
      if (next.closes !== undefined) {
        next.closes.last = this.order.length - 1;
      } else if (next.opens !== undefined) {
        next.opens.first = this.order.length;
        this.nurseries.push(next.opens);
      } else {
        const task = this.tasks[next.task];
        task.lane = this.order.length;
        task.depth = next.depth;
        this.order.push(next.task);
        for (const s of nurseries[next.task].slice().reverse()) {
          const held = members.get(s);
          if (held === undefined) continue;
          const box = {scope: s, first: 0, last: 0, depth: next.depth};
          pending.push({closes: box});
          for (let m = held.length - 1; m >= 0; --m) pending.push({task: held[m], depth: next.depth + 1});
          pending.push({opens: box});
        }
      }
    }
  }

  actorName(actor) {
    if (actor >= 0) return this.tasks[actor].path;
    if (actor === CLOCK) return "clock";
    return actor === NOBODY ? "" : this.cancellations[-2 - actor];
  }
  actorLabel(actor) {
    const name = this.actorName(actor);
    return actor >= 0 && this.tasks[actor].name !== "" ? name + " " + this.tasks[actor].name : name;
  }
  operation(place) { return this.strings[this.places[3 * place]]; }
  location(place) {
    const file = this.strings[this.places[3 * place + 1]];
    return file === "" ? "" : file + ":" + this.places[3 * place + 2];
  }
  shortPlace(place) {
    const file = this.strings[this.places[3 * place + 1]];
    const where = file === "" ? "" : " " + (this.severalFiles ? basename(file) : "") + ":" + this.places[3 * place + 2];
    return this.operation(place) + where;
  }
  // Where the task stands before `row`: a place, or -1 if it has not begun.
  standing(task, row) {
    const rows = this.tasks[task].rows;
    let low = 0, high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle] < row) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? -1 : this.place[rows[low - 1]];
  }
  standingText(actor, row) {
    if (actor === CLOCK) return "time passes";
    if (actor < 0) return "cancellation from outside";
    const place = this.standing(actor, row);
    return place < 0 ? "start" : this.shortPlace(place);
  }

  // Who could run at the decision before `row`.
  readyBefore(row) {
    const snapshot = Math.floor(row / ROWS_PER_SNAPSHOT);
    const ready = new Set(this.snapshots[snapshot]);
    const events = this.events;
    for (let i = snapshot === 0 ? 0 : this.start[snapshot * ROWS_PER_SNAPSHOT]; i < this.start[row]; i += LENGTH[events[i]]) {
      if (events[i] === OP.READY) ready.add(events[i + 1]);
      else if (events[i] === OP.UNREADY || events[i] === OP.STEP) ready.delete(events[i + 1]);
    }
    return [...ready];
  }

  failureLine(failure) {
    const node = this.failures[failure][0];
    if (node.kind === CANCELLED) return "cancelled" + (node.text === "" ? "" : ": " + firstLine(node.text));
    return firstLine(node.text) + (node.kind === GROUP ? " (" + leaves(this.failures[failure]) + ")" : "");
  }

  // The scopes around what `row`'s task does, innermost first.
  scopesAround(row) {
    const actor = this.actor[row];
    if (actor < 0) return [];
    let best = -1;
    for (const s of this.scopesOf(actor)) {
      const scope = this.scopes[s];
      if (scope.enter <= row && (scope.leave < 0 || scope.leave >= row) && (best < 0 || scope.depth > this.scopes[best].depth)) best = s;
    }
    if (best < 0) best = this.tasks[actor].nursery;
    const around = [];
    for (; best >= 0; best = this.scopes[best].parent) around.push(best);
    return around;
  }
  scopesOf(task) {
    if (this.byTask === undefined) {
      this.byTask = this.tasks.map(() => []);
      this.scopes.forEach((scope, s) => this.byTask[scope.task].push(s));
    }
    return this.byTask[task];
  }
  scopeName(s) {
    const scope = this.scopes[s];
    return (scope.nursery ? "nursery" : "scope") + " of " + this.tasks[scope.task].path;
  }
  scopeAt(s, row) {
    const scope = this.scopes[s];
    let {shield, deadline} = scope;
    for (const change of scope.changes) {
      if (change.row > row) break;
      ({shield, deadline} = change);
    }
    return {shield, deadline, cancelled: scope.cancelled >= 0 && scope.cancelled <= row};
  }

  // What happened in a row, a phrase each; `ending` is the index of the one that says how the step ends.
  story(row) {
    const result = [];
    let ending = -1;
    const {events} = this;
    const actor = this.actor[row];
    const started = [];
    for (let i = this.start[row]; i < this.start[row + 1]; i += LENGTH[events[i]]) {
      if (events[i] === OP.SPAWN) started.push(events[i + 1]);
    }
    let cancelled = NOBODY;
    if (actor === CLOCK) result.push("time passes: it is " + formatTime(this.time[row]) + " now");
    else if (actor < 0 && actor !== NOBODY) result.push("a scope is cancelled from outside");
    for (let i = this.start[row]; i < this.start[row + 1]; i += LENGTH[events[i]]) {
      const a = events[i + 1], b = events[i + 2];
      switch (events[i]) {
        case OP.SPAWN:
          if (started.length <= MAX_STARTED) result.push("starts " + this.actorLabel(a));
          else if (a === started[0]) result.push(`starts ${started.length} tasks, ${this.actorName(a)} … ${this.actorName(started[started.length - 1])}`);
          break;
        case OP.CANCEL:
          result.push("ends the wait of " + this.actorName(a) + " by a cancellation");
          break;
        case OP.WAKE:
          if (this.tasks[a].born !== row && cancelled !== a) result.push("wakes " + this.actorName(a) + " out of " + this.standingText(a, row + 1));
          break;
        case OP.DRAW:
          result.push("draws " + this.strings[a] + " = " + b);
          break;
        case OP.ENTER: {
          const scope = this.scopes[a];
          result.push((scope.nursery ? "opens a nursery" : "enters a scope") + (scope.shield ? ", shielded" : "") +
                      (scope.deadline >= 0 ? ", until " + formatTime(scope.deadline) : "") + (scope.cancelled === row && scope.why.startsWith("before") ? ", cancelled already" : ""));
          break;
        }
        case OP.LEAVE: {
          const scope = this.scopes[a];
          result.push((scope.nursery ? "leaves its nursery" : "leaves its scope") + (scope.caught ? ", which catches the cancellation" : "") +
                      (scope.failure >= 0 ? ", with " + this.failureLine(scope.failure) : ""));
          break;
        }
        case OP.CANCEL_SCOPE:
          result.push("cancels the " + this.scopeName(a) + ": " + firstLine(this.strings[b]));
          break;
        case OP.SET:
          result.push("sets the " + this.scopeName(a) + ": " + (b === 1 ? "shielded" : "no shield") + ", " +
                      (events[i + 3] < 0 ? "no deadline" : "until " + formatTime(events[i + 3])));
          break;
        case OP.SEND:
          result.push((a === actor ? "" : this.actorName(a) + " ") + "sends value " + (b + 1));
          break;
        case OP.RECEIVE:
          result.push((a === actor ? "" : this.actorName(a) + " ") + "receives value " + (b + 1));
          break;
        case OP.PARK: {
          ending = result.length;
          const operation = this.operation(a);
          const yields = operation === "Checkpoint" || operation === "Leave" || operation === "Resolve";
          result.push((yields ? "stops at " : "waits in ") + this.shortPlace(a));
          break;
        }
        case OP.EXIT:
          ending = result.length;
          result.push(b === 0 ? "ends" : this.failures[b - 1][0].kind === CANCELLED ? "ends cancelled" : "fails: " + this.failureLine(b - 1));
          break;
        case OP.SUFFIX:
          result.push("from here on the rest is run fairly, to see whether it ends");
          break;
      }
      cancelled = events[i] === OP.CANCEL ? a : NOBODY;
    }
    return {phrases: result, ending};
  }
  phrases(row) { return this.story(row).phrases; }
  // The same in one line, how it ends first.
  summary(row) {
    const {phrases, ending} = this.story(row);
    if (ending > 0) phrases.unshift(...phrases.splice(ending, 1));
    return phrases.join(" · ").replace(/^stops at /, "");
  }
  failuresIn(row) {
    const found = [];
    const {events} = this;
    for (let i = this.start[row]; i < this.start[row + 1]; i += LENGTH[events[i]]) {
      if (events[i] === OP.EXIT && events[i + 2] > 0) found.push({failure: events[i + 2] - 1, of: this.actorLabel(events[i + 1]) + " ends with"});
      if (events[i] === OP.LEAVE && events[i + 3] > 0) found.push({failure: events[i + 3] - 1, of: "leaves the " + this.scopeName(events[i + 1])});
    }
    return found;
  }
  isBad(row) {
    return this.failuresIn(row).some((found) => this.failures[found.failure].some((node) => node.kind === ERROR));
  }
  // One sentence, for who listens.
  sentence(row) {
    if (row === 0) return "Before the first step.";
    const alternatives = this.alternatives[row];
    return `Step ${row} of ${this.last}: ${this.actorLabel(this.actor[row])}` + (alternatives > 1 ? `, 1 of ${alternatives}` : "") +
           (this.marked[row] ? ", deviates from the base" : "") + ": " + this.phrases(row).join("; ") + ".";
  }
  // What of a row another execution may have as well.
  outline(row) {
    const {events} = this;
    const parts = [this.actorName(this.actor[row])];
    for (let i = this.start[row]; i < this.start[row + 1]; i += LENGTH[events[i]]) {
      if (events[i] === OP.PARK || events[i] === OP.DRAW) parts.push(events[i], events[i + 1], events[i + 2 - (events[i] === OP.PARK)]);
      if (events[i] === OP.EXIT) parts.push(events[i], Math.min(events[i + 2], 1));
    }
    return parts.join();
  }
}

function leaves(nodes) {
  const count = nodes.filter((node) => node.kind !== GROUP).length;
  return count + (count === 1 ? " exception" : " exceptions");
}

// The first row that the two do not share; 0 if there is none.
function firstDifference(a, b) {
  const end = Math.min(a.last, b.last);
  for (let row = 1; row <= end; ++row) {
    if (a.outline(row) !== b.outline(row)) return row;
  }
  return a.last === b.last ? 0 : end + 1;
}
