// SPDX-License-Identifier: Apache-2.0
// What was the case at the moment of the cursor: state and logs, the story, the order of calls, the trace.

const ENTRY_ROWS = 9;
const ROLE_SHORT = {leader: 'leader', candidate: 'cand.', 'pre-candidate': 'pre-c.', follower: 'follow', down: 'down', paused: 'paused'};

function drawPanel() {
  $('cursor-time').textContent = showTime(view.cursor);
  drawState();
  markStory();
  if (!$('order').hidden) drawOrder();
  drawTrace();
}

function drawState() {
  const lanes = record.lanesReplica;
  const roles = lanes.map((l) => roleAt(record, l.i, view.cursor));
  const commits = lanes.map((l) => commitAt(record, l.i, view.cursor));
  const row = (title, cells) => element('tr', {}, element('th', {scope: 'row', colspan: 2}, title), ...cells);
  $('state').tHead.replaceChildren(
    element('tr', {}, element('th', {colspan: 2}, ''), ...lanes.map((l) => element('th', {scope: 'col'}, l.name))),
    row('role', roles.map((r) => element('td', {class: 'role ' + (r ? r.role : 'unknown'), title: r ? r.role : ''},
      r ? ROLE_SHORT[r.role] || r.role : '–'))),
    row('term', roles.map((r) => element('td', {}, r && r.role !== 'down' ? String(r.term) : '–'))),
    row('committed up to', commits.map((c, i) => element('td',
      {class: roles[i] && roles[i].role === 'down' ? 'faint' : ''}, c > 0 ? String(c) : '–'))));
  $('state').tBodies[0].replaceChildren(...entriesShown(commits).map((e) => entryRow(e, lanes)));
}

// Entries around the highest commit, or where the buttons led.
function entriesShown(commits) {
  const highest = Math.max(0, ...commits);
  const at = lowerBound(record.entries.length, (k) => record.entries[k].index, highest) + view.entryShift;
  const first = clamp(at - 5, 0, Math.max(0, record.entries.length - ENTRY_ROWS));
  view.entryFirst = first;
  return record.entries.slice(first, first + ENTRY_ROWS);
}

function entryRow(e, lanes) {
  const cells = lanes.map((l) => {
    const at = e.committed[l.i];
    if (e.conflicting.has(l.i))
      return element('td', {class: 'conflict', title: l.name + ' has something else at ' + e.index}, '≠');
    if (typeof at === 'number' && at <= view.cursor)
      return element('td', {class: 'committed', title: 'committed since ' + showTime(at)}, '●');
    return element('td', {class: 'pending', title: typeof at === 'number' ? 'commits at ' + showTime(at) : 'never committed'}, '○');
  });
  return element('tr', {class: e.conflicting.size > 0 ? 'differs' : ''},
    element('th', {scope: 'row', title: 'index ' + e.index + ', term ' + e.term}, e.index + '/' + e.term),
    element('td', {class: 'text', title: e.text}, e.text), ...cells);
}

function nextConflict() {
  const after = view.entryFirst + 5;
  const n = record.entries.length;
  for (let k = 1; k <= n; ++k) {
    const i = (after + k) % n;
    if (record.entries[i].conflicting.size === 0) continue;
    view.entryShift += i - after;
    changed();
    return;
  }
}

// --- What happened -----------------------------------------------------------------------------

function fillStory() {
  const items = record.story.map((s, i) => element('li', {class: s.kind},
    element('button', {type: 'button', 'data-at': s.at, 'data-story': i},
      element('time', {}, showTime(s.at, 3)), element('span', {}, s.text))));
  if (items.length === 0) items.push(element('li', {class: 'none'}, 'Nothing out of the ordinary.'));
  $('story').replaceChildren(...items);
}

let markedStory = -1;
function markStory() {
  const now = lowerBound(record.story.length, (k) => record.story[k].at, view.cursor + 1) - 1;
  const list = $('story');
  if (now === markedStory || now >= list.children.length) return;
  if (markedStory >= 0) list.children[markedStory].classList.remove('now');
  markedStory = now;
  if (now < 0) return;
  const item = list.children[now];
  item.classList.add('now');
  list.scrollTop = item.offsetTop - list.clientHeight * 0.55;
}

// --- The order that explains the calls ---------------------------------------------------------

function fillResources() {
  const counts = new Map();
  for (const c of record.calls) counts.set(c.resource, (counts.get(c.resource) || 0) + 1);
  const names = [...counts.keys()].sort();
  $('resource').replaceChildren(...names.map((name) => element('option', {value: name}, name)));
  const impossible = record.impossible[0];
  const busiest = names.reduce((best, name) => (best === null || counts.get(name) > counts.get(best) ? name : best), null);
  if (names.length > 0) $('resource').value = impossible ? impossible.resource : busiest;
}

function drawOrder() {
  const mine = record.calls.filter((c) => c.resource === $('resource').value);
  const placed = mine.filter((c) => c.order !== null).sort((a, b) => a.order - b.order);
  const upTo = placed.reduce((n, c, i) => (c.call <= view.cursor ? i + 1 : n), 0);
  const near = placed.slice(Math.max(0, upTo - 10), upTo + 6);
  const rows = near.map((c) => orderRow(c, c.call <= view.cursor));
  for (const c of mine.filter((o) => o.impossible)) {
    const after = near.findIndex((o) => o.call > c.ret);
    if (near.length === 0 || c.call >= near[0].call && (after >= 0 || upTo === placed.length || near[near.length - 1].ret >= c.call))
      rows.splice(after < 0 ? rows.length : after, 0, orderRow(c, true));
  }
  const lead = element('p', {}, 'Each answer is explained if the calls happen one at a time, in this order:');
  $('order').replaceChildren(lead, rows.length > 0 ? element('table', {}, element('tbody', {}, ...rows))
    : element('p', {}, 'No order was recorded for this resource.'));
  const bad = $('order').querySelector('.impossible') || $('order').querySelector('.ahead');
  if (bad) $('order').scrollTop = bad.offsetTop + bad.offsetHeight + 30 - $('order').clientHeight;
}

function orderRow(c, reached) {
  const when = showTime(c.call, 3) + ' – ' + (c.ret < Infinity ? showTime(c.ret, 3) : 'never');
  return element('tr', {class: c.impossible ? 'impossible' : reached ? '' : 'ahead', 'data-call': c.i, title: when},
    element('th', {scope: 'row'}, c.impossible ? 'fits nowhere' : '#' + c.order),
    element('td', {}, laneName(record, c.lane)),
    element('td', {}, callText(c), c.impossible ? element('em', {}, c.why) : null));
}

function openTab(name) {
  for (const tab of ['story', 'order']) {
    $(tab).hidden = tab !== name;
    $('tab-' + tab).setAttribute('aria-selected', String(tab === name));
  }
  $('resource').hidden = name !== 'order';
  changed();
}

// --- Trace -------------------------------------------------------------------------------------

const TRACE_BEFORE = 60;
const TRACE_AFTER = 30;
let shownTrace = '';

function drawTrace() {
  const wanted = view.matches && view.words.length > 0 ? view.matches.lines : null;
  const length = wanted ? wanted.length : record.log.length;
  const lineAt = (k) => (wanted ? wanted[k] : k);
  const now = lowerBound(length, (k) => record.log[lineAt(k)].at, view.cursor + 1);
  const [first, last] = [Math.max(0, now - TRACE_BEFORE), Math.min(length, now + TRACE_AFTER)];
  const key = [first, last, now, view.words.join(' '), length].join('|');
  if (key === shownTrace) return;
  shownTrace = key;
  $('trace-note').textContent = wanted ? plural(length, 'line matches', 'lines match') : plural(length, 'line', 'lines');
  if (record.leftOut.some((what) => what.endsWith('trace'))) $('trace-note').textContent += ', the last ones';
  const rows = [];
  for (let k = first; k < last; ++k) {
    const l = record.log[lineAt(k)];
    const text = record.texts[l.words];
    const kind = record.texts[l.kind];
    rows.push(element('button', {type: 'button', 'data-at': l.at, class: (k < now ? 'past' : 'ahead') + (k === now - 1 ? ' now' : ''), title: text},
      element('time', {}, (l.at / SECOND).toFixed(6)), element('b', {}, laneName(record, l.lane)), element('i', {}, kind),
      element('span', {}, text)));
  }
  if (rows.length === 0) rows.push(element('p', {class: 'none'}, wanted ? 'No line of the trace matches.' : 'The trace is empty.'));
  $('trace').replaceChildren(...rows);
  const mark = $('trace').querySelector('.now');
  $('trace').scrollTop = mark ? mark.offsetTop - $('trace').clientHeight * 0.45 : 0;
}
