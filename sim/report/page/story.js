// SPDX-License-Identifier: Apache-2.0
// The run told as a list of sentences: faults, leaders, what disks lost, and what clients saw of it.

const STORY_MAX = 2000;  // the last sentences: what was found is at the end

function storyOf(record) {
  const told = [];
  const tell = (at, kind, text) => told.push({at, kind, text});
  for (const f of record.faults) tellFault(record, f, tell);
  for (const spans of record.rolesOf) spans.forEach((s, i) => tellRole(record, s, spans[i - 1], tell));
  for (const d of record.disk) {
    if (d.what !== 'write' && d.what !== 'sync')
      tell(d.from, 'disk', 'Disk of ' + laneName(record, d.lane) + ': ' + d.what + (d.label ? ', ' + d.label : '') + '.');
  }
  for (const e of record.entries) tellConflict(record, e, tell);
  for (const c of record.impossible) tellImpossible(record, c, tell);
  for (const f of record.findings)
    tell(f.at, 'finding', 'The check “' + f.check + '” fails' + (f.where ? ' at ' + f.where : '') + ': ' + f.sentence);
  return told.sort((a, b) => a.at - b.at).slice(-STORY_MAX);
}

function whoIsHit(record, f) {
  return f.lanes.size > 0 ? [...f.lanes].map((l) => laneName(record, l)).join(', ') : 'everybody';
}

function tellFault(record, f, tell) {
  const who = whoIsHit(record, f);
  const words = FAULT_WORDS[f.kind];
  const label = f.label && f.label !== f.kind ? ' (' + f.label + ')' : '';
  tell(f.from, 'fault', 'Fault ' + f.kind + ', ' + who + ': ' + (words ? words + '.' : 'begins.') + label);
  if (f.to > f.from && f.to < record.duration) tell(f.to, 'end', 'Fault ' + f.kind + ' ends, ' + who + '.');
}

function tellRole(record, s, before, tell) {
  const name = laneName(record, s.lane);
  const was = before ? before.role : '';
  if (s.role === 'leader') tell(s.from, 'leader', name + ' becomes leader of term ' + s.term + '.');
  else if (s.role === 'down') tell(s.from, 'down', name + ' goes down.');
  else if (s.role === 'paused') tell(s.from, 'down', name + ' stands still.');
  else if (was === 'down') tell(s.from, 'up', name + ' is up again.');
  else if (was === 'paused') tell(s.from, 'up', name + ' moves again.');
  else if (was === 'leader') tell(s.from, 'leader', name + ' is no longer leader: ' + s.role + ' in term ' + s.term + '.');
  else if (s.role === 'candidate' && was !== 'candidate')
    tell(s.from, 'vote', name + ' asks for votes in term ' + s.term + '.');
}

function tellConflict(record, e, tell) {
  if (e.conflicting.size === 0) return;
  const times = e.committed.filter((at) => typeof at === 'number');
  if (times.length === 0) return;
  const who = [...e.conflicting].map((l) => laneName(record, l)).join(', ');
  tell(Math.min(...times), 'entry', 'Entry ' + e.index + ' of term ' + e.term + ' (' + e.text + ') is committed; ' + who +
    ' has something else there.');
}

// The last calls on the same resource that were complete before it: what it should have seen.
function tellImpossible(record, c, tell) {
  record.calls.filter((o) => o.resource === c.resource && o.outcome === 'ok' && o.ret < c.call && !o.impossible)
    .sort((a, b) => b.ret - a.ret).slice(0, 3)
    .forEach((o) => tell(o.ret, 'call', laneName(record, o.lane) + ' is answered: ' + o.resource + ' ' + callText(o) + '.'));
  tell(c.call, 'call', laneName(record, c.lane) + ' calls ' + c.resource + ' ' + c.f + '(' + c.args + ').');
  if (c.ret < Infinity)
    tell(c.ret, 'impossible', laneName(record, c.lane) + ' is answered: ' + c.resource + ' ' + callText(c) +
      '. Impossible: ' + c.why);
}
