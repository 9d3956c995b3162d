// SPDX-License-Identifier: Apache-2.0
// The pointer on the picture: drag, wheel, click, and what lies under it.

let drag = null;

function thingAt(x, y) {
  if (x < GUTTER) return null;
  for (let i = targets.length - 1; i >= 0; --i) {
    const t = targets[i];
    if (x >= t.x0 - 1 && x <= t.x1 + 1 && y >= t.y0 && y <= t.y1) return t.thing;
  }
  const arrow = arrowNear(x, y);
  return arrow ? {message: arrow[0]} : null;
}

function wordsFor(thing) {
  if (thing.call) {
    const c = thing.call;
    const took = c.ret < Infinity ? 'took ' + showDuration(c.ret - c.call) : 'still open';
    return [c.resource + ' ' + callText(c), laneName(record, c.lane) + ', process ' + c.process + ', called at ' + showTime(c.call) + ', ' + took + '. ' +
      OUTCOME_WORDS[c.outcome] + (c.order !== null ? '; place #' + c.order + ' in the order of ' + c.resource : '') + '.' +
      (c.impossible ? ' Impossible: ' + c.why : c.why ? ' ' + c.why : '')];
  }
  if (thing.role) {
    const r = thing.role;
    return [laneName(record, r.lane) + ': ' + r.role + (r.role === 'down' ? '' : ', term ' + r.term), showTime(r.from) + ' to ' + showTime(r.to)];
  }
  if (thing.disk) {
    const d = thing.disk;
    return ['Disk of ' + laneName(record, d.lane) + ': ' + d.what, (d.label ? d.label + ', ' : '') + showTime(d.from) +
      (d.to > d.from ? ', ' + showDuration(d.to - d.from) : '')];
  }
  if (thing.fault) {
    const f = thing.fault;
    const who = f.lanes.size > 0 ? [...f.lanes].map((l) => laneName(record, l)).join(', ') : 'everybody';
    return ['Fault ' + f.kind + ': ' + who, (FAULT_WORDS[f.kind] ? FAULT_WORDS[f.kind] + '. ' : '') + (f.label ? f.label + '. ' : '') +
      showTime(f.from) + ' to ' + showTime(f.to)];
  }
  const m = record.messages;
  const i = thing.message;
  return [laneName(record, m.from[i]) + ' → ' + laneName(record, m.to[i]) + ': ' + record.texts[m.label[i]],
    'sent ' + showTime(m.sent[i]) + ', ' + FATE_WORDS[FATES[m.fate[i]]] +
    (m.fate[i] === 0 || m.fate[i] === 4 ? ' after ' + showDuration(m.arrived[i] - m.sent[i]) : '')];
}

function showTip(thing, x, y) {
  const tip = $('tip');
  tip.hidden = thing === null;
  canvas.style.cursor = drag ? 'grabbing' : thing ? 'pointer' : 'crosshair';
  if (thing === null) return;
  const [title, words] = wordsFor(thing);
  tip.replaceChildren(element('strong', {}, title), element('span', {}, words));
  tip.style.left = clamp(x + 14, 4, view.width - tip.offsetWidth - 4) + 'px';
  const below = y + 18 - $('stage').scrollTop + tip.offsetHeight < $('stage').clientHeight;
  tip.style.top = (below ? y + 18 : y - tip.offsetHeight - 10) + 'px';
}

function positionOf(event) {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function bindPointer() {
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const [x, y] = positionOf(event);
    drag = {x, y, id: event.pointerId, from: view.from, to: view.to, scroll: $('stage').scrollTop, clientY: event.clientY, moved: false};
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    const [x, y] = positionOf(event);
    if (!drag) {
      showTip(thingAt(x, y), x, y);
      return;
    }
    drag.moved = drag.moved || Math.abs(x - drag.x) + Math.abs(event.clientY - drag.clientY) > 4;
    if (!drag.moved) return;
    const shift = (x - drag.x) / (view.width - GUTTER) * (drag.to - drag.from);
    $('stage').scrollTop = drag.scroll - (event.clientY - drag.clientY);
    showWindow(drag.from - shift, drag.to - shift);
    showTip(null);
  });
  canvas.addEventListener('pointerup', (event) => {
    if (drag && !drag.moved) clickPicture(...positionOf(event));
    drag = null;
  });
  canvas.addEventListener('pointercancel', () => { drag = null; });
  canvas.addEventListener('pointerleave', () => showTip(null));
  canvas.addEventListener('wheel', (event) => {
    const [x] = positionOf(event);
    if (x < GUTTER) return;  // over the names the wheel scrolls the lanes
    event.preventDefault();
    const span = view.to - view.from;
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey)
      showWindow(view.from + sideways / 800 * span, view.to + sideways / 800 * span);
    else zoom(Math.exp(clamp(event.deltaY, -200, 200) / 400), timeOf(x));
  }, {passive: false});
}

function clickPicture(x, y) {
  if (x < GUTTER) return;
  const thing = thingAt(x, y);
  view.selected = thing && thing.call ? thing.call : null;
  $('detail').textContent = thing ? wordsFor(thing).join(' · ') : '';
  moveCursor(timeOf(x));
}
