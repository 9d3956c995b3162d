// SPDX-License-Identifier: Apache-2.0
// What is shown of the record right now. `changed()` draws everything once, at the next frame.

const GUTTER = 64;   // names of lanes, in pixels
const AXIS = 24;
const REPLICA = {height: 48, stretch: 30, bar: 6, barHeight: 18, disk: 26, diskHeight: 7};
const CALL = {height: 15, gap: 2, top: 9, bottom: 6, rows: 6};
const CLOCKS = 48;
const EXPLANATION = 40;  // what is below the last call, beside the clocks
const FAULT_ROW = 17;

const record = readRecord($('record').textContent);
const view = {
  from: 0, to: record.duration, cursor: 0, width: 800, height: 400,
  show: Object.fromEntries([...FATES, 'disk', 'faults', 'clocks'].map((name) => [name, true])),
  words: [], hits: [], hit: -1, matches: null, selected: null, bringNote: false, entryShift: 0, dismissed: new Set(),
};
record.story = storyOf(record);
packCalls();
packFaults();

const watchers = [];
let frame = 0;
function changed() {
  if (frame === 0) {
    frame = requestAnimationFrame(() => {
      frame = 0;
      watchers.forEach((draw) => draw());
    });
  }
}

const xOf = (at) => GUTTER + (at - view.from) / (view.to - view.from) * (view.width - GUTTER);
const timeOf = (x) => view.from + (x - GUTTER) / (view.width - GUTTER) * (view.to - view.from);

function showWindow(from, to) {
  const span = clamp(to - from, Math.min(2000, record.duration), record.duration);
  const start = clamp(from, 0, record.duration - span);
  Object.assign(view, {from: start, to: start + span});
  changed();
}

function zoom(factor, around) {
  const at = around === undefined ? (view.cursor >= view.from && view.cursor <= view.to ? view.cursor
    : (view.from + view.to) / 2) : around;
  showWindow(at - (at - view.from) * factor, at + (view.to - at) * factor);
}

function moveCursor(at, center) {
  view.cursor = clamp(at, 0, record.duration);
  view.entryShift = 0;
  const span = view.to - view.from;
  const outside = view.cursor < view.from || view.cursor > view.to;
  if (outside || center && (view.cursor < view.from + span / 8 || view.cursor > view.to - span / 8))
    showWindow(view.cursor - span / 2, view.cursor + span / 2);
  changed();
}

function stepEvent(direction) {
  const m = record.moments;
  const i = lowerBound(m.length, (k) => m[k], view.cursor + (direction > 0 ? 1 : 0)) - (direction > 0 ? 0 : 1);
  if (i >= 0 && i < m.length) moveCursor(m[i], true);
}

// The moment the run is about: what a client saw, else the first thing a check found.
function violationTime() {
  if (record.impossible.length > 0) return record.impossible[0].call;
  return record.findings.length > 0 ? record.findings[0].at : 0;
}

function showViolation() {
  const c = record.impossible[0];
  const at = violationTime();
  const span = Math.min(record.duration, clamp(record.duration / 20, 0.2 * SECOND, 2 * SECOND));
  const end = c && c.ret < Infinity ? Math.max(at, c.ret) : at;
  showWindow(end - span * 0.72, end + span * 0.28);
  moveCursor(c && c.ret < Infinity ? c.ret : at);
  view.bringNote = true;
}

// Calls of one client that overlap get rows of their own. One that never returns gives up its row
// once all rows are taken.
function packCalls() {
  const rows = record.lanes.map(() => []);
  for (const c of record.calls) {
    const own = rows[c.lane];
    let row = own.findIndex((last) => last.ret <= c.call);
    if (row < 0 && own.length < CALL.rows) row = own.length;
    if (row < 0) row = own.reduce((best, last, i) => (last.ret === Infinity && (best < 0 || last.call < own[best].call) ? i : best), -1);
    if (row < 0) row = c.i % CALL.rows;
    if (own[row]) own[row].next = c.call;
    own[row] = c;
    c.row = row;
  }
}

// As many rows as the calls in sight need, with a margin so that they do not come and go all the time.
function countRows() {
  const span = view.to - view.from;
  view.rows = record.lanes.map(() => 2);
  record.callsIndex.each(view.from - span / 2, view.to + span / 2, (i) => {
    const c = record.calls[i];
    const over = c.ret === Infinity && c.next < view.from;
    if (!over) view.rows[c.lane] = Math.max(view.rows[c.lane], c.row + 1);
  });
}

function packFaults() {
  const ends = [];
  for (const f of record.faults) {
    let row = ends.findIndex((end) => end <= f.from);
    if (row < 0) row = ends.length < 3 ? ends.length : 0;
    ends[row] = f.to;
    f.row = row;
  }
  record.faultRows = ends.length;
}

// Where everything is, from top to bottom.
function layout(room) {
  countRows();
  const least = layoutWith(0);
  const reserve = record.impossible.length > 0 ? EXPLANATION : 0;
  const spare = (room - reserve - least.height) / Math.max(1, record.lanesReplica.length);
  return spare > 0 ? layoutWith(Math.min(REPLICA.stretch, Math.floor(spare))) : least;
}

function layoutWith(stretch) {
  let y = AXIS;
  const place = {faults: y, lanes: [], clocks: null};
  if (view.show.faults && record.faultRows > 0) y += record.faultRows * FAULT_ROW + 4;
  place.top = y;
  for (const l of record.lanes) {
    const height = l.replica ? REPLICA.height + stretch : CALL.top + CALL.bottom + view.rows[l.i] * (CALL.height + CALL.gap);
    place.lanes.push({y, height});
    y += height;
  }
  place.bottom = y;
  if (view.show.clocks && record.clocks.length > 0) {
    place.clocks = {y, height: CLOCKS};
    y += CLOCKS;
  }
  place.height = y + 4;
  return place;
}
