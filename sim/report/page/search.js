// SPDX-License-Identifier: Apache-2.0
// Search in trace lines and calls. All words must occur, in any field; each text of the run is looked at once.

function search(query) {
  view.words = query.toLowerCase().split(/\s+/).filter((w) => w !== '');
  view.hits = [];
  view.hit = -1;
  view.matches = null;
  if (view.words.length > 0) findMatches();
  showHits();
  changed();
}

function findMatches() {
  const tests = view.words.map((word) => {
    const texts = Uint8Array.from(record.texts, (text) => (text.toLowerCase().includes(word) ? 1 : 0));
    const lanes = record.lanes.map((l) => l.name.toLowerCase() === word);
    return {word, texts, lanes};
  });
  const lines = [];
  record.log.forEach((l, i) => {
    if (tests.every((t) => t.texts[l.words] || t.texts[l.kind] || t.lanes[l.lane])) lines.push(i);
  });
  const calls = record.calls.map((c) => {
    const words = [laneName(record, c.lane), c.resource, callText(c), c.why, OUTCOME_WORDS[c.outcome], c.outcome,
      'process ' + c.process, c.order === null ? '' : '#' + c.order, c.impossible ? 'impossible' : ''].join(' ').toLowerCase();
    return view.words.every((w) => words.includes(w));
  });
  view.matches = {lines, calls};
  view.hits = lines.map((i) => ({at: record.log[i].at}));
  record.calls.forEach((c) => {
    if (calls[c.i]) view.hits.push({at: c.call, call: c});
  });
  view.hits.sort((a, b) => a.at - b.at);
}

function showHits() {
  const n = view.hits.length;
  $('hits').textContent = view.words.length === 0 ? '' : n === 0 ? 'no hits'
    : view.hit < 0 ? plural(n, 'hit', 'hits') : showCount(view.hit + 1) + ' of ' + showCount(n);
  $('hit-next').disabled = $('hit-back').disabled = n === 0;
}

// Calls come before lines of the same word: whoever searches "impossible" wants the call.
function jumpToHit(direction) {
  const n = view.hits.length;
  if (n === 0) return;
  if (view.hit < 0) {
    const here = view.hits.findIndex((h) => h.call && h.call.impossible);
    const next = view.hits.findIndex((h) => h.at >= view.cursor);
    view.hit = here >= 0 ? here : next >= 0 ? next : 0;
  } else {
    view.hit = (view.hit + direction + n) % n;
  }
  const hit = view.hits[view.hit];
  view.selected = hit.call || null;
  moveCursor(hit.at, true);
  showHits();
}
