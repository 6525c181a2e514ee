// The timeline of one side, drawn on a canvas: time goes right, a lane for each task. Only what is in sight is drawn, and
// of what falls onto one pixel only one thing, so that a drawing costs as much as its pixels and not as its steps.
"use strict";

const AXIS = 38, LANE = 36, SCOPE = 13, NURSERY_TOP = 17, NURSERY_BOTTOM = 5, OVERVIEW = 14, BOX = 24;
const MAX_SCOPES = 6, MAX_ARROWS = 3000, MIN_ARROW_SCALE = 9;
const FONT = '11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';

const SMALL_FONT = "10px" + FONT.slice(4);

// What the timelines share: which rows are in sight, and which one is looked at.
class View {
  constructor(rows) {
    this.rows = rows;
    this.current = Math.min(1, rows);
    this.difference = 0;
    this.scale = 1;  // pixels a row
    this.left = 1;   // the row at the left edge, with a fraction
    this.width = 1;
  }
  minimum() { return Math.min(this.width / Math.max(1, this.rows + 0.6), 150); }
  clamp() {
    this.scale = Math.min(Math.max(this.scale, this.minimum()), 260);
    const span = this.width / this.scale;
    this.left = Math.max(1 - 0.3, Math.min(this.left, this.rows + 1.3 - span));
    if (span >= this.rows + 0.6) this.left = 0.7;
  }
  fit() {
    this.scale = this.minimum();
    this.left = 0.7;
    this.clamp();
  }
  zoom(factor, at = this.current + 0.5) {
    const x = (at - this.left) * this.scale;
    this.scale *= factor;
    this.scale = Math.min(Math.max(this.scale, this.minimum()), 260);
    this.left = at - x / this.scale;
    this.clamp();
  }
  reveal() {
    const span = this.width / this.scale;
    if (this.current < this.left + Math.min(1, span * 0.05)) this.left = this.current - span * 0.2;
    else if (this.current + 1 > this.left + span) this.left = this.current + 1 - span * 0.8;
    this.clamp();
  }
}

class Timeline {
  constructor(surface, side, view) {
    this.surface = surface;
    this.canvas = surface.querySelector("canvas");
    this.side = side;
    this.view = view;
    this.top = 0;  // of the lanes, scrolled
    this.layOut();
  }

  layOut() {
    const {side} = this;
    const opens = new Map(), closes = new Map();
    for (const box of side.nurseries) {
      opens.set(box.first, (opens.get(box.first) ?? 0) + 1);
      closes.set(box.last, (closes.get(box.last) ?? 0) + 1);
    }
    this.laneTop = new Float64Array(side.order.length + 1);
    let y = 0;
    side.order.forEach((t, lane) => {
      y += (opens.get(lane) ?? 0) * NURSERY_TOP;
      this.laneTop[lane] = y;
      y += LANE + Math.min(side.tasks[t].scopeDepth, MAX_SCOPES) * SCOPE + (closes.get(lane) ?? 0) * NURSERY_BOTTOM;
    });
    this.laneTop[side.order.length] = y;
    // Boxes in boxes: how many open above the first lane of each, and close below its last.
    const seenTop = new Map(), seenBottom = new Map();
    for (const box of side.nurseries) {
      const n = seenTop.get(box.first) ?? 0;
      seenTop.set(box.first, n + 1);
      box.y0 = this.laneTop[box.first] - (opens.get(box.first) - n) * NURSERY_TOP + 1;
    }
    for (const box of side.nurseries.slice().reverse()) {
      const n = seenBottom.get(box.last) ?? 0;
      seenBottom.set(box.last, n + 1);
      const bottom = this.laneTop[box.last] + LANE + Math.min(side.tasks[side.order[box.last]].scopeDepth, MAX_SCOPES) * SCOPE;
      box.y1 = bottom + n * NURSERY_BOTTOM + 2;
    }
    this.height = y;
  }

  resize(available) {
    this.w = Math.max(200, this.surface.clientWidth);
    this.gutter = Math.min(this.w * 0.3, this.w < 700 ? 120 : 210);
    const wanted = AXIS + this.height + 10 + OVERVIEW;
    this.h = Math.round(Math.min(wanted, Math.max(170, available)));
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.w * ratio);
    this.canvas.height = Math.round(this.h * ratio);
    this.canvas.style.height = this.h + "px";
    this.ratio = ratio;
    this.scrollTo(this.top);
  }
  laneArea() { return this.h - AXIS - OVERVIEW; }
  scrolls() { return this.height + 10 > this.laneArea(); }
  scrollTo(top) { this.top = Math.max(0, Math.min(top, this.height + 10 - this.laneArea())); }
  revealLane() {
    const actor = this.side.actor[Math.min(this.view.current, this.side.last)];
    if (actor < 0) return;
    const lane = this.side.tasks[actor].lane;
    const y0 = this.laneTop[lane], y1 = this.laneTop[lane] + LANE;
    if (y0 - NURSERY_TOP < this.top) this.scrollTo(y0 - NURSERY_TOP);
    else if (y1 + 20 > this.top + this.laneArea()) this.scrollTo(y1 + 20 - this.laneArea());
  }
  x(row) { return this.gutter + (row - this.view.left) * this.view.scale; }
  rowAt(x) { return Math.floor((x - this.gutter) / this.view.scale + this.view.left); }
  middle(actor) { return actor < 0 ? AXIS - 6 : AXIS - this.top + this.laneTop[this.side.tasks[actor].lane] + 6 + BOX / 2; }

  text(context, text, x, y, width) {
    const room = Math.floor(width / this.charWidth);
    if (room < 2) return;
    context.fillText(text.length <= room ? text : text.slice(0, room - 1) + "…", x, y);
  }

  draw(colors) {
    const {side, view} = this;
    const c = this.canvas.getContext("2d");
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    c.font = FONT;
    c.textBaseline = "middle";
    this.charWidth = c.measureText("MMMMMMMMMM").width / 10;
    this.c = c;
    this.colors = colors;
    c.fillStyle = colors.panel;
    c.fillRect(0, 0, this.w, this.h);
    this.row0 = Math.max(1, Math.floor(view.left) - 1);
    this.row1 = Math.min(side.last, Math.ceil(view.left + (this.w - this.gutter) / view.scale) + 1);
    const y0 = this.top, y1 = this.top + this.laneArea();
    let lane0 = 0;
    while (lane0 + 1 < side.order.length && this.laneTop[lane0 + 1] < y0) ++lane0;
    let lane1 = Math.min(lane0, side.order.length - 1);
    while (lane1 + 1 < side.order.length && this.laneTop[lane1 + 1] < y1) ++lane1;
    this.lane0 = lane0;
    this.lane1 = lane1;

    c.save();
    c.beginPath();
    c.rect(0, AXIS, this.w, this.laneArea());
    c.clip();
    this.drawNurseries();
    c.save();
    c.beginPath();
    c.rect(this.gutter, AXIS, this.w - this.gutter, this.laneArea());
    c.clip();
    this.drawCursor();
    this.drawJumps();
    for (let lane = lane0; lane <= lane1; ++lane) this.drawLife(side.order[lane]);
    for (let lane = lane0; lane <= lane1; ++lane) this.drawScopes(side.order[lane]);
    this.drawSteps();
    this.drawArrows();
    for (let lane = lane0; lane <= lane1; ++lane) this.drawEnd(side.order[lane]);
    c.restore();
    this.drawLabels();
    c.restore();
    this.drawAxis();
    this.drawOverview();
  }

  drawCursor() {
    const {c, view} = this;
    c.fillStyle = this.colors.cursor;
    const x = this.x(view.current);
    c.fillRect(x, AXIS, Math.max(2, view.scale), this.laneArea());
    if (view.difference > 0) {
      c.strokeStyle = this.colors.mark;
      c.lineWidth = 2;
      c.setLineDash([6, 4]);
      this.line(this.x(view.difference), AXIS, this.x(view.difference), this.h);
      c.setLineDash([]);
    }
  }
  line(x0, y0, x1, y1) {
    this.c.beginPath();
    this.c.moveTo(x0, y0);
    this.c.lineTo(x1, y1);
    this.c.stroke();
  }

  drawJumps() {
    const {c, side} = this;
    c.strokeStyle = this.colors.strongLine;
    c.lineWidth = 1;
    c.setLineDash([2, 4]);
    let lastX = -9;
    for (const row of this.visible(side.jumps)) {
      const x = Math.round(this.x(row + 0.5)) + 0.5;
      if (x - lastX < 3) continue;
      lastX = x;
      this.line(x, AXIS, x, AXIS + this.laneArea());
    }
    c.setLineDash([]);
  }
  // Those of the sorted rows that are in sight.
  visible(rows) {
    return rows.slice(lowerBound(rows, this.row0), lowerBound(rows, this.row1 + 1));
  }

  drawNurseries() {
    const {c, side} = this;
    const base = AXIS - this.top;
    for (const box of side.nurseries) {
      const y0 = base + box.y0, y1 = base + box.y1;
      if (y1 < AXIS || y0 > this.h) continue;
      const scope = side.scopes[box.scope];
      const x0 = Math.max(this.gutter - 4, this.x(scope.enter + 0.5)), x1 = Math.min(this.w + 4, this.x(scope.leave < 0 ? side.last + 1 : scope.leave + 0.5));
      if (x1 < this.gutter || x0 > this.w) continue;
      c.save();
      c.beginPath();
      c.rect(this.gutter, AXIS, this.w, this.laneArea());
      c.clip();
      c.fillStyle = this.colors.nurserySoft;
      c.strokeStyle = this.colors.nursery;
      c.lineWidth = 1.25;
      c.beginPath();
      c.roundRect(x0, y0, x1 - x0, y1 - y0, 5);
      c.fill();
      c.stroke();
      c.fillStyle = this.colors.nursery;
      this.text(c, "nursery of " + side.tasks[scope.task].path, Math.max(x0, this.gutter) + 6, y0 + 9, x1 - Math.max(x0, this.gutter) - 10);
      c.restore();
    }
  }

  // Born, ready, waiting, ended: a line between the steps, dotted while the task waits.
  drawLife(t) {
    const {c, side, view} = this;
    const task = side.tasks[t];
    if (task.born < 0) return;
    const y = this.middle(t);
    const begin = Math.max(this.x(task.born + (task.born === 0 ? 1 : 0.5)), this.gutter - 2);
    const end = Math.min(this.x(task.ended < 0 ? side.last + 1 : task.ended + 0.5), this.w + 2);
    if (end <= begin) return;
    if (view.scale < 3) {
      c.strokeStyle = this.colors.line;
      c.lineWidth = 2;
      this.line(begin, y, end, y);
      return;
    }
    const {segments} = task;
    let low = 0, high = segments.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (segments[2 * middle] <= 2 * this.row0) low = middle + 1;
      else high = middle;
    }
    for (let s = Math.max(0, low - 1); s < segments.length / 2; ++s) {
      const from = Math.max(begin, this.x(segments[2 * s] / 2));
      if (from > this.w) break;
      const to = Math.min(end, s + 1 < segments.length / 2 ? this.x(segments[2 * s + 2] / 2) : end);
      if (to <= from) continue;
      const waits = segments[2 * s + 1] === WAITING;
      c.strokeStyle = waits ? this.colors.strongLine : this.colors.good;
      c.lineWidth = waits ? 1.25 : 3;
      c.setLineDash(waits ? [2, 4] : []);
      this.line(from, y, to, y);
    }
    c.setLineDash([]);
  }

  drawScopes(t) {
    const {c, side, view} = this;
    const top = AXIS - this.top + this.laneTop[side.tasks[t].lane] + LANE - 2;
    let lastX = -9;
    for (const s of side.scopesOf(t)) {
      const scope = side.scopes[s];
      if (scope.depth >= MAX_SCOPES || scope.enter < 0) continue;
      const x0 = this.x(scope.enter + 0.5), x1 = this.x(scope.leave < 0 ? side.last + 1 : scope.leave + 0.5);
      if (x1 < this.gutter || x0 > this.w || (x1 - x0 < 2 && x0 - lastX < 1)) continue;
      lastX = x0;
      const y = top + scope.depth * SCOPE;
      const height = SCOPE - 2;
      const color = scope.nursery ? this.colors.nursery : this.colors.shield;
      c.strokeStyle = color;
      c.lineWidth = 1;
      c.fillStyle = this.colors.panel;
      c.beginPath();
      c.roundRect(x0 + 0.5, y + 0.5, Math.max(2, x1 - x0 - 1), height, 3);
      c.fill();
      c.stroke();
      const left = Math.max(x0, this.gutter), right = Math.min(x1, this.w);
      if (scope.cancelled >= 0) this.drawCancelled(Math.max(left, this.x(scope.cancelled + 0.5)), right, y, height);
      if (scope.shield || scope.changes.some((change) => change.shield)) this.drawShields(scope, x0, x1, y, height);
      if (view.scale >= 3) {
        const words = [scope.nursery ? "nursery" : "scope"];
        if (scope.shield) words.push("shield");
        if (scope.deadline >= 0) words.push("until " + formatTime(scope.deadline));
        const cut = scope.cancelled < 0 ? right : Math.min(right, Math.max(left, this.x(scope.cancelled + 0.5)));
        c.font = SMALL_FONT;
        c.fillStyle = color;
        this.text(c, words.join(" · "), left + 5, y + height / 2 + 1, cut - left - 8);
        c.fillStyle = this.colors.ink;
        this.text(c, "✕ " + firstLine(scope.why), cut + 5, y + height / 2 + 1, right - cut - 8);
        c.font = FONT;
      }
    }
  }
  drawCancelled(x0, x1, y, height) {
    if (x1 <= x0) return;
    const {c} = this;
    c.save();
    c.globalAlpha = 0.28;
    c.fillStyle = this.colors.cancel;
    c.fillRect(x0, y + 1, x1 - x0, height - 1);
    c.restore();
    c.strokeStyle = this.colors.cancel;
    c.lineWidth = 2;
    this.line(x0, y, x0, y + height + 1);
  }
  // A shield is a double rim.
  drawShields(scope, x0, x1, y, height) {
    const {c} = this;
    const spans = [];
    let on = scope.shield ? x0 : -1;
    for (const change of scope.changes) {
      if (change.shield && on < 0) on = this.x(change.row + 0.5);
      else if (!change.shield && on >= 0) {
        spans.push([on, this.x(change.row + 0.5)]);
        on = -1;
      }
    }
    if (on >= 0) spans.push([on, x1]);
    c.strokeStyle = this.colors.ink;
    c.lineWidth = 2.5;
    for (const [from, to] of spans) {
      if (to > from + 1) c.strokeRect(from + 1.5, y + 1, to - from - 3, height - 1);
    }
  }

  drawSteps() {
    const {c, side, view} = this;
    const filled = new Float64Array(side.order.length).fill(-9);
    const small = view.scale < 12;
    for (let row = this.row0; row <= this.row1; ++row) {
      const actor = side.actor[row];
      if (actor < 0) continue;
      const {lane} = side.tasks[actor];
      if (lane < this.lane0 || lane > this.lane1) continue;
      const x = this.x(row), y = this.middle(actor) - BOX / 2;
      const marked = side.marked[row] === 1;
      if (small) {
        if (x + view.scale < filled[lane] + 1 && !marked) continue;
        filled[lane] = Math.floor(x) + Math.max(1, Math.ceil(view.scale) - 1);
        c.fillStyle = marked ? this.colors.mark : this.colors.stepLine;
        c.fillRect(Math.floor(x), y + 3, Math.max(marked ? 2 : 1, view.scale - 1), BOX - 6);
        continue;
      }
      c.fillStyle = marked ? this.colors.markSoft : this.colors.step;
      c.strokeStyle = marked ? this.colors.mark : row === view.current ? this.colors.accent : this.colors.stepLine;
      c.lineWidth = marked || row === view.current ? 2 : 1;
      c.beginPath();
      c.roundRect(x + 2, y, view.scale - 4, BOX, 4);
      c.fill();
      c.stroke();
      if (view.scale < 30) continue;
      const place = side.place[row];
      const ended = side.tasks[actor].ended === row;
      c.fillStyle = this.colors.ink;
      this.text(c, ended ? "ends" : place < 0 ? "runs" : side.shortPlace(place), x + 7, y + BOX / 2 + 0.5, view.scale - 12 - (ended ? 18 : 0));
    }
  }

  drawEnd(t) {
    const {c, side, view} = this;
    const task = side.tasks[t];
    if (task.ended < this.row0 || task.ended > this.row1 || task.ended < 0) return;
    const kind = task.failure < 0 ? -1 : side.failures[task.failure].some((node) => node.kind === ERROR) ? ERROR : CANCELLED;
    const r = 6, y = this.middle(t);
    const x = Math.min(this.x(task.ended + 1) - (view.scale < 12 ? 0 : 12), this.w - 2 * r - 2);
    c.lineWidth = 2;
    c.fillStyle = this.colors.panel;
    c.strokeStyle = kind === ERROR ? this.colors.bad : kind === CANCELLED ? this.colors.cancel : this.colors.good;
    c.beginPath();
    if (kind === ERROR) c.rect(x - r, y - r, 2 * r, 2 * r);
    else c.arc(x, y, r, 0, 7);
    c.fill();
    c.stroke();
    if (kind === ERROR) {
      this.cross(x, y, this.colors.bad);
    } else if (kind === CANCELLED) {
      this.line(x - 4, y + 4, x + 4, y - 4);
    } else {
      c.beginPath();
      c.moveTo(x - 3, y);
      c.lineTo(x - 1, y + 3);
      c.lineTo(x + 3.5, y - 3);
      c.stroke();
    }
  }

  drawArrows() {
    const {side, view} = this;
    const {arrows} = side;
    const few = view.scale < MIN_ARROW_SCALE;
    // Arrows stand in the order of the rows in which they end.
    let low = 0, high = arrows.length / 5;
    const from = few ? view.current : this.row0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (arrows[5 * middle + 3] < from) low = middle + 1;
      else high = middle;
    }
    let drawn = 0;
    for (let a = 5 * low; a < arrows.length && drawn < MAX_ARROWS; a += 5) {
      const [kind, row, actor, row2, task] = arrows.subarray(a, a + 5);
      if (row2 > (few ? view.current : this.row1 + 1)) break;
      ++drawn;
      this.arrow(kind, row, actor, row2, task);
    }
  }
  arrow(kind, row, actor, row2, task) {
    const {c, colors} = this;
    const y0 = this.middle(actor === NOBODY ? CLOCK : actor), y1 = this.middle(task);
    if (Math.max(y0, y1) < AXIS || Math.min(y0, y1) > this.h) return;
    if (actor === task) return;  // it would have no length; the step says what it is about
    const shift = kind === ARROW.SEND ? 0.62 : kind === ARROW.CANCEL ? 0.5 : kind === ARROW.WAKE ? 0.5 : 0.38;
    const x0 = this.x(row + shift), x1 = this.x(row2 + shift);
    const down = y1 > y0 ? 1 : -1;
    const start = actor < 0 ? y0 : y0 + down * (BOX / 2), end = kind === ARROW.SEND && row === row2 ? y1 - down * (BOX / 2) : y1 - down * (kind === ARROW.SEND ? BOX / 2 : 3);
    c.strokeStyle = c.fillStyle = [colors.accent, colors.good, colors.cancel, colors.send][kind];
    c.lineWidth = kind === ARROW.SEND ? 2 : 1.5;
    c.setLineDash([[], [], [4, 3], [7, 3]][kind]);
    this.line(x0, start, x1, end - down * 5);
    c.setLineDash([]);
    // The head: a triangle, open for a start; a cross before it for a cancellation; a value is a diamond at the tail.
    c.beginPath();
    c.moveTo(x1, end);
    c.lineTo(x1 - 4, end - down * 7);
    c.lineTo(x1 + 4, end - down * 7);
    c.closePath();
    if (kind === ARROW.SPAWN) {
      c.fillStyle = colors.panel;
      c.fill();
      c.stroke();
    } else {
      c.fill();
    }
    if (kind === ARROW.CANCEL) {
      this.cross(x1, end - down * 13, colors.cancel);
    } else if (kind === ARROW.SEND) {
      c.beginPath();
      c.moveTo(x0, start - 4);
      c.lineTo(x0 + 4, start);
      c.lineTo(x0, start + 4);
      c.lineTo(x0 - 4, start);
      c.fill();
    }
  }

  cross(x, y, color) {
    this.c.strokeStyle = color;
    this.c.lineWidth = 1.5;
    this.line(x - 3, y - 3, x + 3, y + 3);
    this.line(x - 3, y + 3, x + 3, y - 3);
  }

  drawLabels() {
    const {c, side} = this;
    c.fillStyle = this.colors.lane;
    c.fillRect(0, AXIS, this.gutter, this.laneArea());
    c.strokeStyle = this.colors.line;
    c.lineWidth = 1;
    this.line(this.gutter - 0.5, AXIS, this.gutter - 0.5, this.h - OVERVIEW);
    const current = side.actor[Math.min(this.view.current, side.last)];
    for (let lane = this.lane0; lane <= this.lane1; ++lane) {
      const t = side.order[lane];
      const task = side.tasks[t];
      const y = this.middle(t), x = 10 + Math.min(task.depth, 5) * 12;
      if (t === current) {
        c.fillStyle = this.colors.accent;
        c.fillRect(0, y - 15, 3, 30);
      }
      // The branch of the tree that it hangs on.
      if (task.depth > 0) {
        c.strokeStyle = this.colors.nursery;
        this.line(x - 7.5, y - 14, x - 7.5, y);
        this.line(x - 7.5, y + 0.5, x - 2, y + 0.5);
      }
      c.fillStyle = this.colors.ink;
      this.text(c, tail(task.path, Math.floor((this.gutter - x - 8) / this.charWidth)), x + 2, task.name === "" ? y : y - 7, this.gutter - x - 8);
      if (task.name !== "") {
        c.fillStyle = this.colors.muted;
        this.text(c, task.name, x + 2, y + 7, this.gutter - x - 8);
      }
    }
    if (this.scrolls()) {
      const area = this.laneArea(), all = this.height + 10;
      c.fillStyle = this.colors.strongLine;
      c.fillRect(this.w - 6, AXIS + (this.top / all) * area, 5, Math.max(12, (area / all) * area));
    }
  }

  drawAxis() {
    const {c, side, view} = this;
    c.fillStyle = this.colors.panel;
    c.fillRect(0, 0, this.w, AXIS);
    c.fillStyle = this.colors.muted;
    this.text(c, "step", 10, 10, this.gutter);
    this.text(c, "virtual time", 10, 26, this.gutter);
    c.save();
    c.beginPath();
    c.rect(this.gutter, 0, this.w - this.gutter, AXIS);
    c.clip();
    const wanted = (String(this.row1).length + 2) * this.charWidth;
    let every = 1;
    for (let k = 0; every * view.scale < wanted; ++k) every = [1, 2, 5][k % 3] * 10 ** Math.floor(k / 3);
    c.textAlign = "center";
    for (let row = Math.ceil(this.row0 / every) * every; row <= this.row1; row += every) {
      if (row < 1) continue;
      c.fillStyle = row === view.current ? this.colors.accent : this.colors.muted;
      c.fillText(String(row), this.x(row + 0.5), 10);
    }
    const label = String(view.current), half = (label.length * this.charWidth) / 2 + 4;
    const inSight = view.current + 1 > view.left && view.current < view.left + view.width / view.scale;
    const exact = this.x(view.current + 0.5);
    const current = inSight ? Math.min(Math.max(exact, this.gutter + half), this.w - half) : exact;
    c.fillStyle = this.colors.accent;
    c.beginPath();
    c.roundRect(current - half, 2, 2 * half, 15, 3);
    c.fill();
    c.fillStyle = this.colors.panel;
    c.fillText(label, current, 10);
    c.textAlign = "left";
    // The time where it has changed, and at the left edge.
    let free = this.gutter;
    const first = Math.max(1, Math.min(side.last, Math.floor(view.left + 0.5)));
    c.fillStyle = this.colors.ink;
    if (side.last > 0) {
      const words = formatTime(side.time[first]);
      c.fillText(words, this.gutter + 4, 26);
      free = this.gutter + 10 + words.length * this.charWidth;
    }
    for (const row of this.visible(side.jumps)) {
      const x = this.x(row + 0.5);
      const words = side.actor[row] === CLOCK ? "→ " + formatTime(side.time[row]) : "✕ outside";
      if (x < free) continue;
      c.fillStyle = side.actor[row] === CLOCK ? this.colors.ink : this.colors.cancel;
      c.fillText(words, x - 4, 26);
      free = x + (words.length + 1) * this.charWidth;
    }
    let lastX = -9;
    c.fillStyle = this.colors.mark;
    for (const row of this.visible(side.marks)) {
      const x = this.x(row + 0.5);
      if (x - lastX < 5) continue;
      lastX = x;
      c.beginPath();
      c.moveTo(x, AXIS);
      c.lineTo(x - 5, AXIS - 6);
      c.lineTo(x + 5, AXIS - 6);
      c.fill();
    }
    if (view.difference > 0) {
      c.fillStyle = this.colors.mark;
      c.fillText("≠", this.x(view.difference) - 10, AXIS - 6);
    }
    c.restore();
    c.strokeStyle = this.colors.line;
    c.lineWidth = 1;
    this.line(0, AXIS - 0.5, this.w, AXIS - 0.5);
  }

  // The whole execution, with what is in sight as a window.
  drawOverview() {
    const {c, side, view} = this;
    const y = this.h - OVERVIEW;
    c.fillStyle = this.colors.lane;
    c.fillRect(0, y, this.w, OVERVIEW);
    const width = this.w - this.gutter;
    const at = (row) => this.gutter + (width * (row - 0.7)) / (view.rows + 0.6);
    const ticks = (rows, color, y0, y1) => {
      c.fillStyle = color;
      let lastX = -9;
      for (const row of rows) {
        const x = Math.round(at(row + 0.5));
        if (x === lastX) continue;
        lastX = x;
        c.fillRect(x, y0, 2, y1 - y0);
      }
    };
    ticks(side.jumps, this.colors.strongLine, y + 9, y + OVERVIEW - 1);
    ticks(side.cancels, this.colors.cancel, y + 6, y + OVERVIEW - 1);
    ticks(side.ends, this.colors.bad, y + 4, y + OVERVIEW - 1);
    ticks(side.marks, this.colors.mark, y + 1, y + OVERVIEW - 4);
    c.strokeStyle = this.colors.accent;
    c.lineWidth = 1.5;
    const x0 = Math.max(at(view.left), this.gutter + 1), x1 = Math.min(at(view.left + width / view.scale), this.w - 1);
    c.strokeRect(x0, y + 1, Math.max(4, x1 - x0), OVERVIEW - 2);
    c.fillStyle = this.colors.accent;
    c.fillRect(at(view.current + 0.5) - 1, y, 2, OVERVIEW);
    c.fillStyle = this.colors.muted;
    this.text(c, "overview", 10, y + OVERVIEW / 2 + 0.5, this.gutter);
  }
  rowInOverview(x) {
    return Math.max(1, Math.min(this.view.rows, Math.round(((x - this.gutter) / (this.w - this.gutter)) * (this.view.rows + 0.6) + 0.2)));
  }
}

function lowerBound(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The end of a path, which says most.
function tail(path, room) { return path.length <= room || room < 2 ? path : "…" + path.slice(1 - room); }
