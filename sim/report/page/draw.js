// SPDX-License-Identifier: Apache-2.0
// The canvas: background, axis, faults, clocks, cursor. Lanes and messages have files of their own.

const canvas = $('canvas');
const pen = canvas.getContext('2d');
let ink = {};       // colours of the style sheet, by name
let place = layout(0);
let targets = [];   // what the pointer can hit: {x0, x1, y0, y1, thing}
const UI = '11px system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif';
const BOLD = '600 ' + UI;

function readColours() {
  const style = getComputedStyle(document.documentElement);
  ink = new Proxy({}, {
    get: (known, name) => known[name] || (known[name] = style.getPropertyValue('--' + name).trim()),
  });
}

function fitCanvas(target, width, height) {
  const scale = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (target.width !== w || target.height !== h) {
    target.width = w;
    target.height = h;
    target.style.height = height + 'px';
  }
  const context = target.getContext('2d');
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

function drawPicture() {
  view.width = $('stage').clientWidth;
  if (!drag || !drag.moved) place = layout($('stage').clientHeight);  // lanes hold still under the hand
  view.height = Math.max(place.height, $('stage').clientHeight);
  fitCanvas(canvas, view.width, view.height);
  targets = [];
  pen.textBaseline = 'middle';
  pen.save();
  pen.beginPath();
  pen.rect(GUTTER, 0, view.width - GUTTER, view.height);
  pen.clip();
  drawGrid();
  if (view.show.faults) drawFaults();
  drawMessages();
  drawReplicas();
  drawCalls();
  labelArrows();
  record.impossible.forEach(drawContradiction);
  record.findings.forEach(drawFinding);
  if (place.clocks) drawClocks();
  drawCursor();
  pen.restore();
  drawNames();
  drawExplanations();
}

function drawGrid() {
  const step = tickStep((view.to - view.from) / Math.max(2, (view.width - GUTTER) / 110));
  const digits = clamp(Math.ceil(-Math.log10(step / SECOND) - 1e-9), 0, 9);
  pen.font = UI;
  pen.textAlign = 'left';
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    const x = Math.round(xOf(at)) + 0.5;
    line(x, AXIS - 6, x, view.height, ink.grid);
    const text = showTime(at, digits);
    const flag = cursorFlag();
    if (flag && x + 4 + pen.measureText(text).width > flag.left && x < flag.left + flag.width) continue;
    pen.fillStyle = ink.soft;
    pen.fillText(text, x + 4, AXIS / 2);
  }
  place.lanes.forEach(({y, height}, i) => {
    if (i % 2 === 1) {
      pen.fillStyle = ink.stripe;
      pen.fillRect(GUTTER, y, view.width - GUTTER, height);
    }
  });
}

function tickStep(least) {
  const power = Math.pow(10, Math.floor(Math.log10(least)));
  return [1, 2, 5, 10].map((k) => k * power).find((s) => s >= least) || 10 * power;
}

function line(x0, y0, x1, y1, colour, width = 1) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}

// As much of `text` as fits, or nothing.
function fitText(text, width) {
  if (width < 8) return '';
  if (pen.measureText(text).width <= width) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pen.measureText(text.slice(0, middle) + '…').width <= width) low = middle;
    else high = middle - 1;
  }
  return low < 2 ? '' : text.slice(0, low) + '…';
}

function faultColour(kind) {
  if (/power|blackout|killed|stopped|struck/.test(kind)) return ink['fault-crash'];
  if (/disk|sync|write/.test(kind)) return ink['fault-disk'];
  if (/paused|clock|jump|drift|skew/.test(kind)) return ink['fault-time'];
  if (/loss|lossy|corrupt|slow|repeat|clogged/.test(kind)) return ink['fault-link'];
  return ink['fault-cut'];
}

function drawFaults() {
  for (const f of record.faults) {
    if (f.to < view.from || f.from > view.to) continue;
    const [x0, x1] = [Math.max(xOf(f.from), GUTTER - 2), Math.min(xOf(f.to), view.width + 2)];
    const colour = faultColour(f.kind);
    pen.fillStyle = colour;
    pen.globalAlpha = 0.13;
    place.lanes.forEach(({y, height}, i) => {
      if (f.lanes.size === 0 || f.lanes.has(i)) pen.fillRect(x0, y, Math.max(1, x1 - x0), height);
    });
    pen.globalAlpha = 0.55;
    place.lanes.forEach(({y, height}, i) => {
      if (f.lanes.size > 0 && !f.lanes.has(i)) return;
      line(x0 + 0.5, y, x0 + 0.5, y + height, colour);
      line(x1 - 0.5, y, x1 - 0.5, y + height, colour);
    });
    pen.globalAlpha = 1;
    drawFaultLabel(f, x0, Math.max(3, x1 - x0), colour);
  }
}

function drawFaultLabel(f, x, width, colour) {
  const y = place.faults + f.row * FAULT_ROW;
  pen.fillStyle = colour;
  pen.beginPath();
  pen.roundRect(x, y + 1, width, FAULT_ROW - 3, 3);
  pen.fill();
  pen.font = BOLD;
  pen.fillStyle = ink['fault-ink'];
  const who = [...f.lanes].map((l) => laneName(record, l)).join(' ');
  const named = f.kind + (who && f.lanes.size < record.lanes.length ? ' ' + who : '');
  const text = ['fault: ' + named, named, f.kind].find((t) => pen.measureText(t).width <= width - 8) || fitText(f.kind, width - 6);
  pen.fillText(text, Math.max(x, GUTTER) + 5, y + FAULT_ROW / 2);
  targets.push({x0: x, x1: x + width, y0: y, y1: y + FAULT_ROW, thing: {fault: f}});
}

function drawClocks() {
  const {y, height} = place.clocks;
  const most = record.clocks.reduce((m, c) => Math.max(m, Math.abs(c.offset)), 1);
  const level = (offset) => y + height / 2 - offset / most * (height / 2 - 7);
  line(GUTTER, y + 0.5, view.width, y + 0.5, ink.line);
  line(GUTTER, level(0), view.width, level(0), ink.grid);
  const dashes = [[], [5, 3], [2, 2], [8, 3, 2, 3], [1, 3]];
  const labels = [];
  record.lanes.forEach((l) => {
    const points = record.clocks.filter((c) => c.lane === l.i);
    if (points.length === 0) return;
    pen.setLineDash(dashes[l.i % dashes.length]);
    pen.strokeStyle = ink['clock-' + l.i % 6];
    pen.lineWidth = 1.5;
    pen.beginPath();
    points.forEach((p, i) => {
      const x = xOf(p.at);
      if (i === 0) pen.moveTo(x, level(p.offset));
      else pen.lineTo(x, level(p.offset));
    });
    const last = points[points.length - 1];
    pen.lineTo(Math.max(xOf(last.at), xOf(record.duration)), level(last.offset));
    pen.stroke();
    labels.push({name: l.name, y: level(clockAt(points, timeOf(GUTTER + 20))), colour: ink['clock-' + l.i % 6]});
  });
  pen.setLineDash([]);
  pen.font = BOLD;
  let x = GUTTER + 6;
  for (const label of labels) {
    pen.fillStyle = ink.card;
    const width = pen.measureText(label.name).width;
    pen.fillRect(x - 2, label.y - 6, width + 4, 12);
    pen.fillStyle = label.colour;
    pen.fillText(label.name, x, label.y);
    x += width + 10;
  }
}

function clockAt(points, at) {
  const i = lowerBound(points.length, (k) => points[k].at, at + 1) - 1;
  if (i < 0) return points[0].offset;
  if (i + 1 >= points.length) return points[i].offset;
  const [a, b] = [points[i], points[i + 1]];
  return a.offset + (b.offset - a.offset) * (at - a.at) / Math.max(1, b.at - a.at);
}

function cursorFlag() {
  if (view.cursor < view.from || view.cursor > view.to) return null;
  const x = Math.round(xOf(view.cursor)) + 0.5;
  const width = 96;
  return {x, width, left: clamp(x - width / 2, GUTTER, view.width - width), text: showTime(view.cursor)};
}

function drawCursor() {
  if (!cursorFlag()) return;
  const {x, left, width, text} = cursorFlag();
  line(x, AXIS - 2, x, view.height, ink.cursor, 1.5);
  pen.font = BOLD;
  pen.fillStyle = ink.cursor;
  pen.beginPath();
  pen.roundRect(left, 3, width, AXIS - 6, 4);
  pen.fill();
  pen.fillStyle = ink['cursor-ink'];
  pen.textAlign = 'center';
  pen.fillText(text, left + width / 2, AXIS / 2);
  pen.textAlign = 'left';
}

// The names stay where they are, whatever is scrolled in time.
function drawNames() {
  pen.fillStyle = ink.card;
  pen.fillRect(0, 0, GUTTER, view.height);
  line(GUTTER - 0.5, 0, GUTTER - 0.5, view.height, ink.line);
  pen.textAlign = 'left';
  const put = (text, y, font, colour) => {
    pen.font = font;
    pen.fillStyle = colour;
    pen.fillText(text, 10, y);
  };
  if (place.top > AXIS) put('faults', place.faults + FAULT_ROW / 2, UI, ink.soft);
  record.lanes.forEach((l, i) => {
    const {y} = place.lanes[i];
    line(0, y - 0.5, view.width, y - 0.5, ink.line);
    put(l.name, y + REPLICA.bar + REPLICA.barHeight / 2, '600 13' + UI.slice(2), ink.ink);
    if (l.replica && view.show.disk) put('disk', y + REPLICA.disk + REPLICA.diskHeight / 2 + 1, '10' + UI.slice(2), ink.soft);
    if (!l.replica) put('calls', y + REPLICA.bar + REPLICA.barHeight / 2 + 16, '10' + UI.slice(2), ink.soft);
  });
  line(0, place.bottom - 0.5, view.width, place.bottom - 0.5, ink.line);
  if (place.clocks) {
    const most = record.clocks.reduce((m, c) => Math.max(m, Math.abs(c.offset)), 1);
    put('clocks', place.clocks.y + 12, UI, ink.soft);
    put('± ' + showDuration(most), place.clocks.y + 28, '10' + UI.slice(2), ink.soft);
  }
}
