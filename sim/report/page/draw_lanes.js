// SPDX-License-Identifier: Apache-2.0
// Replicas with their disks, and the calls of clients. No meaning hangs on colour alone: bars carry
// words, and what is out of order is hatched, dashed or marked.

const patterns = new Map();

function hatch(colour, ground, step) {
  const key = colour + ground + step;
  if (!patterns.has(key)) {
    const tile = document.createElement('canvas');
    tile.width = tile.height = step;
    const brush = tile.getContext('2d');
    brush.fillStyle = ground;
    brush.fillRect(0, 0, step, step);
    brush.strokeStyle = colour;
    brush.lineWidth = 1.2;
    brush.beginPath();
    for (const shift of [-step, 0, step]) {
      brush.moveTo(shift, step);
      brush.lineTo(shift + step, 0);
    }
    brush.stroke();
    patterns.set(key, pen.createPattern(tile, 'repeat'));
  }
  return patterns.get(key);
}

function roleFill(role) {
  if (role === 'down') return hatch(ink['down-line'], ink.down, 7);
  if (role === 'paused') return hatch(ink['paused-line'], ink.paused, 5);
  return ink[role] || ink.follower;
}

function drawReplicas() {
  for (const l of record.lanesReplica) {
    const top = place.lanes[l.i].y + REPLICA.bar;
    let drawnTo = -1;
    record.rolesIndex[l.i].each(view.from, view.to, (k) => {
      const s = record.rolesOf[l.i][k];
      const [x0, x1] = [Math.max(xOf(s.from), GUTTER - 4), Math.min(xOf(s.to), view.width + 4)];
      if (x1 < drawnTo + 0.5 && x1 - x0 < 0.5) return;
      drawnTo = x1;
      drawRole(s, x0, Math.max(1, x1 - x0), top);
    });
  }
  if (view.show.disk) drawDisk();
}

function drawRole(s, x, width, top) {
  pen.fillStyle = roleFill(s.role);
  pen.fillRect(x, top, width, REPLICA.barHeight);
  pen.fillStyle = ink['role-edge'];
  pen.fillRect(x, top, 1, REPLICA.barHeight);
  if (s.role === 'leader') {
    pen.fillStyle = ink['leader-edge'];
    pen.fillRect(x, top, width, 3);
  }
  const visible = Math.max(x, GUTTER);
  const term = s.role === 'down' || s.term === 0 ? '' : ' · term ' + s.term;
  pen.font = s.role === 'leader' ? BOLD : UI;
  const room = x + width - visible - 10;
  const texts = [s.role + term, s.role === 'down' ? 'down' : String(s.term)];
  const text = texts.find((words) => pen.measureText(words).width <= room);
  if (text) {
    if (s.role === 'down' || s.role === 'paused') {
      pen.fillStyle = s.role === 'down' ? ink.down : ink.paused;
      pen.fillRect(visible + 2, top + 2, pen.measureText(text).width + 7, REPLICA.barHeight - 4);
    }
    pen.fillStyle = ink[s.role + '-ink'] || ink.ink;
    pen.fillText(text, visible + 5, top + REPLICA.barHeight / 2 + 0.5);
  }
  targets.push({x0: x, x1: x + width, y0: top, y1: top + REPLICA.barHeight, thing: {role: s}});
}

function drawDisk() {
  const bad = [];
  const last = new Map();
  record.diskIndex.each(view.from, view.to, (i) => {
    const d = record.disk[i];
    const [x0, x1] = [xOf(d.from), xOf(d.to)];
    const top = place.lanes[d.lane].y + REPLICA.disk;
    if (d.what !== 'write' && d.what !== 'sync') {
      bad.push([d, x0, x1, top]);
      return;
    }
    const key = d.lane * 2 + (d.what === 'sync' ? 1 : 0);
    if (last.has(key) && x1 < last.get(key) + 0.7) return;
    last.set(key, Math.max(x1, x0 + 1));
    const height = d.what === 'sync' ? REPLICA.diskHeight : REPLICA.diskHeight / 2;
    pen.fillStyle = ink['disk-' + d.what];
    pen.fillRect(x0, top + REPLICA.diskHeight - height, Math.max(1, x1 - x0), height);
    targets.push({x0, x1: Math.max(x1, x0 + 3), y0: top - 2, y1: top + 10, thing: {disk: d}});
  });
  bad.forEach(([d, x0, x1, top]) => drawDiskTrouble(d, x0, x1, top));
}

function drawDiskTrouble(d, x0, x1, top) {
  pen.fillStyle = ink.bad;
  pen.fillRect(x0, top, Math.max(2, x1 - x0), REPLICA.diskHeight);
  cross(x0 + 1, top + 3.5, 4, ink.bad);
  pen.font = '600 10' + UI.slice(2);
  const text = d.what;
  const width = pen.measureText(text).width + 6;
  pen.fillStyle = ink.card;
  pen.fillRect(x0 + 6, top - 3, width, 13);
  pen.fillStyle = ink.bad;
  pen.fillText(text, x0 + 9, top + 4);
  targets.push({x0: x0 - 4, x1: Math.max(x1, x0 + 6 + width), y0: top - 4, y1: top + 11, thing: {disk: d}});
}

function cross(x, y, size, colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(x - size, y - size);
  pen.lineTo(x + size, y + size);
  pen.moveTo(x + size, y - size);
  pen.lineTo(x - size, y + size);
  pen.stroke();
}

// --- Calls -------------------------------------------------------------------------------------

function callBox(c) {
  const lane = place.lanes[c.lane];
  const end = Math.min(c.ret, c.ret === Infinity ? c.next : Infinity, record.duration);
  const [x0, x1] = [Math.max(xOf(c.call), GUTTER - 10), Math.min(xOf(end), view.width + 10)];
  return {x: x0, width: Math.max(c.impossible ? 6 : 2, x1 - x0), y: lane.y + CALL.top + c.row * (CALL.height + CALL.gap)};
}

function drawCalls() {
  for (const l of record.lanes) {
    if (!l.replica) line(GUTTER, place.lanes[l.i].y + 4, view.width, place.lanes[l.i].y + 4, ink.wire, 2);
  }
  const late = [];
  record.callsIndex.each(view.from, view.to, (i) => {
    const c = record.calls[i];
    if (c.ret === Infinity && c.next < view.from) return;
    if (c.impossible || c === view.selected) late.push(c);
    else drawCall(c);
  });
  late.forEach(drawCall);
}

// From what was complete to what contradicts it.
function drawContradiction(c) {
  if (!c.after || c.after.ret < view.from || c.after.call > view.to) return;
  const [a, b] = [callBox(c.after), callBox(c)];
  const [x0, y0, x1, y1] = [a.x + a.width, a.y + CALL.height, b.x, b.y + CALL.height / 2];
  pen.strokeStyle = pen.fillStyle = ink.bad;
  pen.lineWidth = 1.5;
  pen.strokeRect(a.x - 2, a.y - 2, a.width + 4, CALL.height + 4);
  pen.setLineDash([3, 3]);
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.bezierCurveTo(x0, (y0 + y1) / 2, x1 - 30, y1, x1 - 6, y1);
  pen.stroke();
  pen.setLineDash([]);
  arrowHead(x1 - 2, y1, 0);
  pen.font = '600 10' + UI.slice(2);
  const text = 'came first: #' + c.after.order + ' ' + callText(c.after);
  const width = pen.measureText(text).width + 8;
  const left = clamp(a.x - width - 4, GUTTER + 2, view.width - width);
  pen.fillStyle = ink['bad-soft'];
  pen.fillRect(left, a.y, width, CALL.height);
  pen.fillStyle = ink.bad;
  pen.fillText(text, left + 4, a.y + CALL.height / 2 + 0.5);
}

// A red line through everything at the moment of a finding, and a frame around whom it is about.
function drawFinding(f) {
  if (f.at < view.from || f.at > view.to) return;
  const x = Math.round(xOf(f.at)) + 0.5;
  line(x, place.top, x, place.bottom, ink.bad, 1.5);
  const lane = place.lanes[f.lane];
  if (!lane) return;
  pen.strokeStyle = ink.bad;
  pen.lineWidth = 2.5;
  pen.strokeRect(x - 7, lane.y + 2, 14, lane.height - 4);
  cross(x, lane.y + Math.min(lane.height - 9, REPLICA.disk + 6), 5, ink.bad);
}

// Where the sentence about a finding points.
function findingBox(f) {
  const lane = place.lanes[f.lane] || {y: place.top, height: CALL.height};
  return {x: xOf(f.at) - 2, width: 4, y: lane.y + REPLICA.bar};
}

function drawCall(c) {
  const {x, y, width} = callBox(c);
  const unmatched = view.matches && view.words.length > 0 && !view.matches.calls[c.i];
  pen.globalAlpha = unmatched ? 0.3 : 1;
  pen.fillStyle = callFill(c, x, width);
  pen.fillRect(x, y, width, CALL.height);
  pen.strokeStyle = c.impossible ? ink.bad : ink[c.outcome + '-edge'];
  pen.lineWidth = c.impossible ? 2.5 : 1;
  pen.setLineDash(c.outcome === 'info' || c.outcome === 'open' ? [4, 3] : []);
  if (width > 5 || c.impossible) outline(x, y, width, c.outcome !== 'open');
  else fillThin(c, x, y, width);
  pen.setLineDash([]);
  if (c === view.selected || view.words.length > 0 && !unmatched && view.matches) {
    pen.strokeStyle = ink.cursor;
    pen.lineWidth = 1.5;
    pen.strokeRect(x - 2, y - 2, width + 4, CALL.height + 4);
  }
  drawCallText(c, x, y, width);
  if (c.impossible) cross(x + width + 8, y + CALL.height / 2, 4.5, ink.bad);
  pen.globalAlpha = 1;
  targets.push({x0: x, x1: x + Math.max(4, width), y0: y, y1: y + CALL.height, thing: {call: c}});
}

function fillThin(c, x, y, width) {
  pen.fillStyle = ink[c.outcome + '-edge'];
  pen.fillRect(x, y, Math.min(width, 3), CALL.height);
}

function outline(x, y, width, closed) {
  pen.beginPath();
  pen.moveTo(x + width, y + 0.5);
  pen.lineTo(x + 0.5, y + 0.5);
  pen.lineTo(x + 0.5, y + CALL.height - 0.5);
  pen.lineTo(x + width, y + CALL.height - 0.5);
  if (closed) pen.closePath();
  pen.stroke();
}

function callFill(c, x, width) {
  if (c.impossible) return ink['impossible'];
  if (c.outcome === 'fail') return hatch(ink['fail-line'], ink['fail'], 6);
  if (c.outcome !== 'open') return ink['call-' + c.outcome];
  const fade = pen.createLinearGradient(x, 0, x + Math.max(60, width), 0);
  fade.addColorStop(0, ink['call-open']);
  fade.addColorStop(1, ink['call-open'] + '00');
  return fade;
}

function drawCallText(c, x, y, width) {
  const inside = x + width - 3 - Math.max(x, GUTTER) - 4;
  const beside = Math.min(xOf(c.next), view.width) - x - width - 5 - (c.impossible ? 14 : 0);
  const goesBeside = inside < 60 && beside > inside;
  let left = goesBeside ? x + width + (c.impossible ? 17 : 3) : Math.max(x, GUTTER) + 4;
  const right = left + (goesBeside ? beside : inside);
  if (right - left < 16) return;
  pen.font = '600 10' + UI.slice(2);
  if (c.order !== null) {
    const place = '#' + c.order;
    const size = pen.measureText(place).width;
    if (size < right - left) {
      pen.fillStyle = ink['order'];
      pen.fillText(place, left, y + CALL.height / 2 + 0.5);
      left += size + 5;
    }
  }
  pen.font = '10.5' + UI.slice(2);
  const mark = {ok: '', fail: '× ', info: '? ', open: '… '}[c.outcome];
  const full = mark + c.resource + ' ' + callText(c);
  const short = mark + callText(c);
  pen.fillStyle = c.impossible ? ink.bad : ink['call-ink'];
  const text = pen.measureText(full).width <= right - left ? full : fitText(short, right - left);
  pen.fillText(text, left, y + CALL.height / 2 + 0.5);
}

// The sentence beside what is impossible is text of the page, not of the picture: it can be read
// aloud, found and copied.
const NOTES_MAX = 3;

// One note for each call that nothing explains; for a finding if no call tells of it already.
function notesOf() {
  const calls = record.impossible.map((c) => ({
    id: 'call ' + c.i, from: c.call, to: Math.min(c.ret, record.duration), box: () => callBox(c), height: CALL.height,
    title: 'Impossible: ' + laneName(record, c.lane) + ' ' + c.resource + ' ' + callText(c), text: c.why,
  }));
  const told = (f) => record.impossible.some((c) => (c.lane === f.lane || f.lane < 0) && f.at >= c.call && f.at <= c.ret);
  const findings = record.findings.filter((f, i) => !told(f) && (i === 0 || f.lane !== record.findings[i - 1].lane));
  return calls.concat(findings.map((f) => ({
    id: 'finding ' + f.at + f.where, from: f.at, to: f.at, box: () => findingBox(f), height: REPLICA.barHeight,
    title: (f.where ? f.where + ': ' : '') + f.check, text: ((CHECK_WORDS[f.check] || [''])[0] + ' ' + f.sentence).trim(),
  })));
}

function drawExplanations() {
  const box = $('explanations');
  const shown = notes.filter((n) => n.from <= view.to && n.to >= view.from && !view.dismissed.has(n.id)).slice(0, NOTES_MAX);
  const known = new Map([...box.children].map((child) => [child.dataset.note, child]));
  for (const [id, child] of known) if (!shown.some((n) => n.id === id)) child.remove();
  const taken = [];
  for (const n of shown) {
    const note = known.get(n.id) || box.appendChild(explanation(n));
    const {x, y, width} = n.box();
    const below = y + n.height + 10;
    const fits = below + note.offsetHeight < view.height;
    const left = clamp(x + width / 2 - 40, GUTTER + 6, Math.max(GUTTER + 6, view.width - note.offsetWidth - 8));
    note.style.left = left + 'px';
    let top = fits ? below : Math.max(4, y - note.offsetHeight - 10);
    for (const t of taken) if (left < t.right && t.left < left + note.offsetWidth && top < t.bottom && t.top < top + note.offsetHeight) top = t.bottom + 8;
    taken.push({left, right: left + note.offsetWidth, top, bottom: top + note.offsetHeight});
    note.style.top = top + 'px';
    note.style.setProperty('--arrow', clamp(x + width / 2 - left, 12, note.offsetWidth - 12) + 'px');
    note.classList.toggle('above', !fits);
    if (view.bringNote && n === shown[0]) bringIntoSight(Math.min(y, note.offsetTop), Math.max(y + n.height, note.offsetTop + note.offsetHeight));
  }
  view.bringNote = false;
}

function bringIntoSight(top, bottom) {
  const stage = $('stage');
  if (top < stage.scrollTop || bottom > stage.scrollTop + stage.clientHeight) stage.scrollTop = (top + bottom - stage.clientHeight) / 2;
}

function explanation(n) {
  const close = element('button', {type: 'button', 'aria-label': 'Hide this explanation'}, '×');
  close.addEventListener('click', () => {
    view.dismissed.add(n.id);
    changed();
  });
  return element('div', {class: 'explanation', 'data-note': n.id, role: 'note'}, close, element('strong', {}, n.title), element('p', {}, n.text));
}
const notes = notesOf();
