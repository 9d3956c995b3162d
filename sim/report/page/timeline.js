// SPDX-License-Identifier: Apache-2.0
// Fills the page once, connects buttons and keys, and starts.

function fillSummary() {
  document.title = (record.valid ? 'Valid' : 'Violation') + ' – ' + (record.title || 'seed ' + record.seed);
  $('verdict').textContent = record.valid ? '✓ Valid' : '× Violation';
  $('verdict').className = record.valid ? 'valid' : 'invalid';
  $('title').textContent = record.title || 'Simulated run';
  $('title').append(element('small', {}, ' seed ' + record.seed));
  const lines = [element('p', {class: 'sentence'}, headline())];
  if (!record.valid) lines.push(...clues(), ...record.findings.slice(0, 2).map(findingLine));
  if (record.findings.length > 2) {
    const rest = record.findings.slice(2);
    lines.push(element('details', {}, element('summary', {}, plural(rest.length, 'more finding', 'more findings')), ...rest.map(findingLine)));
  }
  $('findings').replaceChildren(...lines);
  $('command').value = record.command;
  $('command').size = clamp(record.command.length + 1, 20, 90);
  $('state-columns').replaceChildren(element('col', {class: 'entry'}), element('col', {}), ...record.lanesReplica.map(() => element('col', {class: 'node'})));
  $('figures').replaceChildren(...figures().map(([name, value]) => element('li', {}, element('b', {}, value), ' ' + name)));
  fillAbout();
}

// What the run is about, for somebody who reads nothing else.
function headline() {
  const f = record.findings[0];
  if (record.valid) return 'Every check passed: what clients saw can be explained, and no property of Raft was broken.';
  if (!f) return 'Something is wrong.';
  const [broken] = CHECK_WORDS[f.check] || [''];
  return broken || 'The check “' + f.check + '” failed.';
}

function findingLine(f) {
  const [, promise] = CHECK_WORDS[f.check] || [];
  return element('p', {class: 'finding'}, element('b', {}, f.check), ' broken' + (f.where ? ' at ' + f.where : '') + ', ', jump(f.at), ': ',
    f.sentence, promise ? element('em', {}, ' What is promised: ' + promise) : null);
}

function jump(at, words) {
  return element('button', {type: 'button', 'data-at': at, class: 'jump', title: showTime(at)}, words || showTime(at, 3));
}

// Where to look: the call, the last faults before it, and the small run that shows the same.
function clues() {
  const list = [];
  const row = (id, title, ...what) => list.push(element('p', {class: 'clue', id}, element('b', {}, title), ...what));
  if (record.planted) row('planted', 'Planted on purpose', record.planted);
  const c = record.impossible[0];
  if (c) row('what-client-saw', 'What a client saw', jump(c.ret < Infinity ? c.ret : c.call, laneName(record, c.lane) + ' ' + c.resource + ' ' + callText(c)), c.why);
  const at = c && c.ret < Infinity ? c.ret : violationTime();
  const before = record.faults.filter((f) => f.from <= at).slice(-4);
  row('faults-before', before.length === 0 ? 'No fault came before it' : 'Last faults before it',
    ...before.map((f) => jump(f.from, f.kind + ' ' + whoIsHit(record, f) + ', ' + showDuration(at - f.from) + ' before' +
      (f.to < at ? '' : ', still on'))));
  const leaders = record.lanesReplica.map((l) => roleAt(record, l.i, Math.min(at, record.ended))).filter((r) => r && r.role === 'leader');
  if (leaders.length > 0)
    row('leaders-then', leaders.length === 1 ? 'Leader at that moment' : 'Leaders at that moment',
      ...leaders.map((r) => jump(r.from, laneName(record, r.lane) + ', term ' + r.term + ', since ' + showTime(r.from, 3))));
  if (record.reproReport)
    row('small', 'Cut down', 'The same with ' + record.reproSize + ': ', element('a', {href: record.reproReport}, 'open the small run'), '.');
  else if (record.repro) row('small', 'This is the run cut down', record.reproSize + '; repro.json beside this file replays it.');
  return list;
}

function figures() {
  return [['virtual time', showDuration(record.duration)], ['messages', showCount(record.messages.length)],
    ['calls', showCount(record.calls.length)], ['faults', showCount(record.faults.length)],
    ...record.statistics.map(([name, value]) => [name, value])].slice(0, 9);
}

function fillAbout() {
  const rows = [['build', record.build], ['trace hash', record.hash], ['seed', record.seed], ['messages', showCount(record.messages.length)],
    ['calls', showCount(record.calls.length)], ['trace lines', showCount(record.log.length)], ['log entries', showCount(record.entries.length)],
    ...record.statistics];
  $('statistics').replaceChildren(element('tbody', {}, ...rows.map(([name, value]) =>
    element('tr', {}, element('th', {scope: 'row'}, name), element('td', {}, value)))));
  $('left-out').textContent = record.leftOut.length === 0 ? '' : 'Left out, to keep this page small: ' + record.leftOut.join('; ') + '.';
  $('plan').textContent = record.plan || 'No faults were planned.';
  $('repro').textContent = record.repro;
  $('repro-box').hidden = record.repro === '';
}

// The buttons that hide arrows are their legend as well.
function fillToggles() {
  const button = (name, sample, title, count) => {
    const made = element('button', {type: 'button', id: 'show-' + name, 'aria-pressed': 'true', title}, sample, name,
      count === null ? null : element('b', {}, showCount(count)));
    made.addEventListener('click', () => {
      view.show[name] = !view.show[name];
      made.setAttribute('aria-pressed', String(view.show[name]));
      changed();
    });
    return made;
  };
  const swatch = (kind) => element('span', {class: 'swatch ' + kind, 'aria-hidden': 'true'});
  $('toggles').replaceChildren(...FATES.map((f, i) => button(f, swatch('fate ' + f), 'Messages: ' + FATE_WORDS[f], record.messages.counts[i])));
  $('layers').replaceChildren(button('disk', swatch('disk'), 'What disks do', null), button('faults', swatch('faults'), 'Faults as bands', null),
    button('clocks', swatch('clocks'), 'How far clocks are from virtual time', null));
}

function fillLegends() {
  const item = (kind, words) => element('li', {}, element('span', {class: 'swatch ' + kind, 'aria-hidden': 'true'}), words);
  $('legend-roles').replaceChildren(item('role leader', 'leader'), item('role candidate', 'candidate: asks for votes'),
    item('role pre-candidate', 'pre-candidate: asks whether an election could be won'), item('role follower', 'follower'),
    item('role down', 'down'), item('role paused', 'paused: stands still'));
  $('legend-calls').replaceChildren(item('call ok', 'ok'), item('call fail', '× failed: had no effect'),
    item('call info', '? no answer: may have had an effect'), item('call open', '… still open when the run ended'), item('call impossible', 'impossible: no order explains it'));
  $('legend-disk').replaceChildren(item('disk-write', 'write'), item('disk-sync', 'sync'), item('disk-bad', 'failed, lost, torn'));
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  $('theme').textContent = name === 'dark' ? 'Light' : 'Dark';
  readColours();
  patterns.clear();
  changed();
}

function bindButtons() {
  const click = (id, act) => $(id).addEventListener('click', act);
  click('zoom-in', () => zoom(0.5));
  click('zoom-out', () => zoom(2));
  click('whole', () => showWindow(0, record.duration));
  click('violation', showViolation);
  $('violation').hidden = record.valid;
  click('event-back', () => stepEvent(-1));
  click('event-next', () => stepEvent(1));
  click('hit-back', () => jumpToHit(-1));
  click('hit-next', () => jumpToHit(1));
  click('entries-up', () => { view.entryShift -= 5; changed(); });
  click('entries-down', () => { view.entryShift += 5; changed(); });
  click('entries-conflict', nextConflict);
  $('entries-conflict').hidden = !record.entries.some((e) => e.conflicting.size > 0);
  click('tab-story', () => openTab('story'));
  click('tab-order', () => openTab('order'));
  click('theme', () => setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
  click('copy', copyCommand);
  for (const id of ['about', 'help']) click(id + '-button', () => toggleSection(id));
  $('resource').addEventListener('change', changed);
  $('slider').addEventListener('input', () => moveCursor(Number($('slider').value) / 1000 * record.duration));
  $('search').addEventListener('input', () => search($('search').value));
  $('overview').addEventListener('click', (event) => moveCursor(event.offsetX / $('overview').clientWidth * record.duration, true));
  document.addEventListener('click', (event) => {
    const place = event.target.closest('[data-at]');
    if (place) moveCursor(Number(place.dataset.at), true);
    const row = event.target.closest('tr[data-call]');
    if (row) selectCall(record.calls[Number(row.dataset.call)]);
  });
}

function selectCall(c) {
  view.selected = c;
  moveCursor(c.call, true);
}

function toggleSection(id) {
  const other = id === 'about' ? 'help' : 'about';
  $(other).hidden = true;
  $(other + '-button').setAttribute('aria-expanded', 'false');
  $(id).hidden = !$(id).hidden;
  $(id + '-button').setAttribute('aria-expanded', String(!$(id).hidden));
  changed();
}

function copyCommand() {
  $('command').select();
  const done = () => { $('copy').textContent = 'Copied'; };
  if (navigator.clipboard) navigator.clipboard.writeText(record.command).then(done, () => document.execCommand('copy') && done());
  else if (document.execCommand('copy')) done();
}

const KEYS = {
  '+': () => zoom(0.5), '=': () => zoom(0.5), '-': () => zoom(2),
  '0': () => showWindow(0, record.duration), v: () => record.valid || showViolation(),
  n: () => stepEvent(1), p: () => stepEvent(-1), '/': () => $('search').focus(),
  Home: () => moveCursor(0), End: () => moveCursor(record.duration),
};

function bindKeys() {
  $('search').addEventListener('keydown', (event) => {
    if (event.key === 'Enter') jumpToHit(event.shiftKey ? -1 : 1);
    if (event.key === 'Escape') {
      $('search').value = '';
      search('');
      canvas.focus();
    }
  });
  document.addEventListener('keydown', (event) => {
    const inText = event.target.matches('input:not([type=range]), select, textarea');
    if (inText || event.ctrlKey || event.metaKey || event.altKey) return;
    const span = view.to - view.from;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const step = span / (event.shiftKey ? 8 : 100);
      moveCursor(view.cursor + (event.key === 'ArrowLeft' ? -step : step));
    } else if (KEYS[event.key]) {
      KEYS[event.key]();
    } else {
      return;
    }
    event.preventDefault();
  });
}

function start() {
  fillSummary();
  fillToggles();
  fillLegends();
  fillStory();
  fillResources();
  bindButtons();
  bindKeys();
  bindPointer();
  search('');
  watchers.push(drawPicture, drawOverview, drawPanel, () => { document.body.dataset.ready = '1'; });
  setTheme(window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  new ResizeObserver(changed).observe($('stage'));
  if (record.valid) moveCursor(0);
  else showViolation();
}

start();
