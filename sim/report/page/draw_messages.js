// SPDX-License-Identifier: Apache-2.0
// Messages: arrows while there are few enough to follow, else how many there were.

const ARROWS_MAX = 2500;    // more are drawn as counts
const HEADS_MAX = 900;      // arrow heads
const LABELS_MAX = 60;      // texts beside arrows
const BUCKET = 3;           // pixels
let drawnArrows = [];       // for the pointer: [index, x0, y0, x1, y1]

function drawMessages() {
  const m = record.messages;
  const seen = [];
  const troubled = [];
  m.index.each(view.from, view.to, (i) => {
    const fate = m.fate[i];
    if (!view.show[FATES[fate]]) return;
    seen.push(i);
    if (fate !== 0) troubled.push(i);
  });
  drawnArrows = [];
  const few = seen.length <= ARROWS_MAX;
  $('detail').dataset.hint = '';
  if (!few) drawCounts(seen);
  const room = (view.width - GUTTER) / 4;
  const arrows = few ? seen : troubled.length <= room ? troubled : [];
  arrows.forEach(placeArrow);
  for (let fate = 0; fate < FATES.length; ++fate) drawFate(fate, arrows.length);
  canvas.dataset.arrows = arrows.length;
  canvas.dataset.messages = seen.length;
  canvas.dataset.density = few ? '0' : '1';
}

// Where an arrow leaves and meets the bar of a replica, or the line of a client.
function edge(lane, downwards, leaving) {
  const {y} = place.lanes[lane];
  if (!record.lanes[lane].replica) return y + 4;
  const bottom = downwards === leaving;
  return y + REPLICA.bar + (bottom ? REPLICA.barHeight : 0);
}

function placeArrow(i) {
  const m = record.messages;
  const downwards = place.lanes[m.to[i]].y > place.lanes[m.from[i]].y;
  const [x0, y0] = [xOf(m.sent[i]), edge(m.from[i], downwards, true)];
  const [x1, y1] = [xOf(m.arrived[i]), edge(m.to[i], downwards, false)];
  // What was dropped on the way ends on the way.
  const part = {1: 0.72, 2: 0.5}[m.fate[i]] || 1;
  drawnArrows.push([i, x0, y0, x0 + (x1 - x0) * part, y0 + (y1 - y0) * part]);
}

function drawFate(fate, count) {
  const name = FATES[fate];
  const dropped = fate !== 0 && fate !== 4;
  const own = drawnArrows.filter(([i]) => record.messages.fate[i] === fate);
  pen.strokeStyle = pen.fillStyle = ink['fate-' + name];
  pen.globalAlpha = dropped ? 0.95 : count > 1200 ? 0.3 : count > 400 ? 0.45 : 0.8;
  pen.lineWidth = dropped || fate === 4 ? 1.4 : 1;
  pen.setLineDash(dropped ? [5, 3] : []);
  pen.beginPath();
  for (const [, x0, y0, x1, y1] of own) {
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
  }
  pen.stroke();
  pen.setLineDash([]);
  if (dropped || count <= HEADS_MAX) own.forEach((arrow) => drawEnd(fate, arrow));
  pen.globalAlpha = 1;
}

function drawEnd(fate, [, x0, y0, x1, y1]) {
  if (x1 < GUTTER - 10 || x1 > view.width + 10) return;
  if (fate === 1 || fate === 2) {
    cross(x1, y1, fate === 1 ? 4 : 3, ink['fate-' + FATES[fate]]);
  } else if (fate === 3 || fate === 5) {
    pen.lineWidth = 1.5;
    pen.beginPath();
    if (fate === 5) pen.arc(x1, y1, 3.5, 0, 7);
    else pen.rect(x1 - 3, y1 - 3, 6, 6);
    pen.stroke();
  } else {
    arrowHead(x1, y1, Math.atan2(y1 - y0, x1 - x0));
    if (fate === 4) arrowHead(x1 - Math.cos(Math.atan2(y1 - y0, x1 - x0)) * 6, y1 - Math.sin(Math.atan2(y1 - y0, x1 - x0)) * 6, Math.atan2(y1 - y0, x1 - x0));
  }
}

function arrowHead(x, y, angle) {
  const size = 5.5;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x - size * Math.cos(angle - 0.4), y - size * Math.sin(angle - 0.4));
  pen.lineTo(x - size * Math.cos(angle + 0.4), y - size * Math.sin(angle + 0.4));
  pen.fill();
}

// What a message says, beside the end where there is room. On top of everything, and never on each other.
function labelArrows() {
  if (drawnArrows.length > LABELS_MAX || canvas.dataset.density === '1') return;
  const taken = [];
  pen.font = '10' + UI.slice(2);
  for (const [i, x0, y0, x1, y1] of drawnArrows) {
    const text = fitText(record.texts[record.messages.label[i]], 190);
    const size = pen.measureText(text).width + 6;
    const way = Math.sign(y1 - y0) || 1;
    const spots = [[x0, y0 + way * 9], [x1, y1 - way * 14], [(x0 + x1) / 2, (y0 + y1) / 2], [x0 - size - 8, y0 + way * 9]];
    const spot = spots.find(([x, y]) => x > GUTTER - size && x < view.width &&
      !taken.some((t) => x < t.x + t.size && t.x < x + size && Math.abs(y - t.y) < 13));
    if (!spot) continue;
    const [x, y] = [spot[0] + 4, spot[1]];
    taken.push({x, y, size});
    pen.fillStyle = ink.card;
    pen.globalAlpha = 0.88;
    pen.fillRect(x - 2, y - 6, size, 12);
    pen.globalAlpha = 1;
    pen.fillStyle = ink['fate-' + FATES[record.messages.fate[i]]];
    pen.fillText(text, x + 1, y + 0.5);
  }
}

// How many messages each lane sent, column by column, stacked by what became of them.
function drawCounts(seen) {
  const m = record.messages;
  const columns = Math.ceil((view.width - GUTTER) / BUCKET) + 1;
  const sums = record.lanes.map(() => FATES.map(() => new Uint32Array(columns)));
  const totals = record.lanes.map(() => new Uint32Array(columns));
  let most = 1;
  for (const i of seen) {
    const column = Math.floor((xOf(m.sent[i]) - GUTTER) / BUCKET);
    if (column < 0 || column >= columns) continue;
    ++sums[m.from[i]][m.fate[i]][column];
    most = Math.max(most, ++totals[m.from[i]][column]);
  }
  sums.forEach((fates, lane) => {
    const {y, height} = place.lanes[lane];
    const room = record.lanes[lane].replica ? height - REPLICA.disk - REPLICA.diskHeight - 3 : CALL.bottom;
    for (let c = 0; c < columns; ++c) {
      let base = y + height - 1;
      fates.forEach((sum, fate) => {
        if (sum[c] === 0) return;
        const size = Math.max(1, sum[c] / most * room);
        pen.fillStyle = ink['fate-' + FATES[fate]];
        pen.fillRect(GUTTER + c * BUCKET, base - size, BUCKET - 1, size);
        base -= size;
      });
    }
  });
  const text = plural(seen.length, 'message', 'messages') + ' in view, counted per lane; zoom in for arrows';
  $('detail').dataset.hint = text;
}

function arrowNear(x, y) {
  let best = null;
  let least = 5;
  for (const arrow of drawnArrows) {
    const [, x0, y0, x1, y1] = arrow;
    const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const part = length === 0 ? 0 : clamp(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1);
    const distance = Math.hypot(x - x0 - part * (x1 - x0), y - y0 - part * (y1 - y0));
    if (distance < least) [best, least] = [arrow, distance];
  }
  return best;
}
