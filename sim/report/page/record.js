// SPDX-License-Identifier: Apache-2.0
// The record of the run as the page uses it. Rows are written by record_json.cpp.

const FATES = ['arrived', 'swallowed', 'lost', 'corrupted', 'repeated', 'unread'];
const FATE_WORDS = {
  arrived: 'arrived',
  swallowed: 'swallowed by a partition or a machine without power',
  lost: 'lost on the way',
  corrupted: 'altered on the way; the receiver noticed and dropped it',
  repeated: 'arrived a second time',
  unread: 'nobody was there to read it',
};
const OUTCOMES = ['ok', 'fail', 'info', 'open'];
const OUTCOME_WORDS = {
  ok: 'ok',
  fail: 'failed: had no effect',
  info: 'no answer: may have had an effect',
  open: 'still open when the run ended',
};
const FAULT_WORDS = {
  halves: 'the network is cut into two groups',
  bridge: 'two groups can only talk through one replica',
  isolated: 'one replica reaches nobody and nobody reaches it',
  ring: 'each replica only reaches its two neighbours',
  chain: 'each replica only reaches its neighbours in a row',
  star: 'replicas only reach each other through one of them',
  'leader-sees-few': 'the leader only reaches some of the replicas',
  'clients-cut': 'no client reaches any replica',
  'half-open': 'connections are gone at one end, and the other end does not know',
  clogged: 'all that one replica sends and should hear is held back until the end',
  struck: 'a replica ends in the middle of something',
  'clock-jump': 'a clock leaps ahead',
  'clock-rate': 'a clock runs at another speed',
  'failed-write': 'a write to the disk fails',
  'full-disk': 'a disk has no more room',
  'isolated-leader': 'the leader reaches nobody and nobody reaches it',
  'one-way': 'one replica hears but is not heard, or the other way round',
  'client-cut': 'one client reaches no replica',
  killed: 'processes are killed and started again',
  'power-loss': 'machines lose power: what was not synced may be gone',
  blackout: 'all machines lose power at once',
  stopped: 'a replica is stopped in order and started again',
  paused: 'a process stands still while time goes on',
  lossy: 'messages get lost, repeated and reordered',
  corrupting: 'bits flip on the way',
  'slow-link': 'all that one replica sends and hears takes long',
  'slow-disk': 'disk work takes long',
  'failed-sync': 'a sync of the disk fails',
};
// What went wrong if a check fails, and what it promises.
const CHECK_WORDS = {
  'linearizability': ['A client got an answer that no order of the calls explains.',
    'Every call must look as if it had happened at one moment between its call and its return.'],
  'atomic read': ['A client read something older than what had been seen before.',
    'A read must be at least as new as everything that was complete before it was called.'],
  'sequential read': ['Within one session, a read went back in time.', 'Within a session, what is read never goes back in time.'],
  'session': ['A session did not see its own calls in their order.', 'Each command of a session takes effect once, in order, and its reads see it.'],
  'events': ['Events came to a client in the wrong order, twice, or never.', 'Events come as they were published, each once, without a gap.'],
  'counter': ['Increments of a counter were lost, or counted twice.', 'Each increment counts exactly once.'],
  'mutual exclusion': ['Two clients held one lock at the same time.', 'Two clients never hold the same lock at once.'],
  'fencing token': ['A lock was granted under a token that is not above the last one.', 'Fencing tokens only grow.'],
  'lock': ['A client lost its lock, or was refused it, for no reason.', 'Who holds a lock keeps it while its session lives.'],
  'election': ['A client lost its office, or was refused it, for no reason.', 'Who leads stays leader while its session lives.'],
  'election safety': ['Two replicas led in the same term.', 'A term has at most one leader.'],
  'one vote per term': ['A replica voted for two candidates in one term.', 'A replica votes once in each term.'],
  'terms never go back': ['A replica went back to an earlier term.', 'Terms only grow.'],
  'log matching': ['Two logs hold different entries under one term and index.', 'Two logs that agree at one place agree on everything before it.'],
  'leader completeness': ['A replica became leader without an entry that had been committed: what clients were promised is lost.',
    'A leader holds everything that was ever committed.'],
  'leader append-only': ['A leader changed its own log.', 'A leader never changes or removes entries of its own log.'],
  'each entry once, in order': ['A replica committed entries out of order.', 'Each replica commits every entry once, in order.'],
  'state machine safety': ['Two replicas committed different entries at the same place of the log.',
    'No two replicas apply different entries at the same place.'],
  'equal machines': ['Two replicas that applied the same entries are in different states.', 'Equal logs give equal states.'],
  'invariant': ['A replica is in a state that must never be.', 'What is always true of one replica on its own.'],
  'liveness': ['The cluster did not come to rest after all faults had ended.', 'Once nothing is wrong any more, every call ends and all replicas catch up.'],
  'progress': ['The cluster is busy for ever without time going on.', 'Whatever is done comes to an end.'],
  'recovery': ['A replica cannot start from what its disk holds.', 'What a replica wrote it can read again, after any crash.'],
};

function readRecord(text) {
  const raw = JSON.parse(text);
  const t = raw.texts;
  const record = {
    seed: raw.seed, hash: raw.hash, title: raw.title, command: raw.command, build: raw.build,
    plan: raw.plan, repro: raw.repro, valid: raw.valid, statistics: raw.statistics, texts: t,
    planted: raw.planted, reproSize: raw.reproSize, reproReport: raw.reproReport, leftOut: raw.leftOut.map(([what]) => what),
    duration: Math.max(raw.duration, 1),
    findings: raw.findings.map(([check, sentence, where, at]) => ({check, sentence, where, at})),
    lanes: raw.lanes.map(([name, replica], i) => ({name, replica: replica === 1, i})),
    roles: raw.roles.map(([lane, from, to, role, term]) => ({lane, from, to, role: t[role], term})),
    disk: raw.disk.map(([lane, from, to, what, label]) => ({lane, from, to, what: t[what], label: t[label]})),
    faults: joinFaults(raw.faults.map(([kind, from, to, lanes, label]) =>
      ({kind: t[kind], from, to, lanes: new Set(lanes), label: t[label]}))),
    clocks: raw.clocks.map(([lane, at, offset]) => ({lane, at, offset})),
    log: raw.log.map(([lane, at, kind, words]) => ({lane, at, kind, words})),
    entries: raw.entries.map(([index, term, words, committed, conflicting]) =>
      ({index, term, text: t[words], committed, conflicting: new Set(conflicting)})),
    calls: raw.calls.map(([lane, process, resource, f, args, result, call, ret, outcome, order, impossible, why, error]) => ({
      lane, process, resource: t[resource], f: t[f], args: t[args], result: t[result], call,
      ret: outcome === 3 ? Infinity : Math.max(call, ret), outcome: OUTCOMES[outcome], order,
      impossible: impossible === 1, why: t[why], error: t[error], row: 0, next: Infinity,
    })),
  };
  record.ended = record.duration;
  // A run ends at what was found: some room behind it, so that it is in sight.
  const room = clamp(record.duration / 40, 0.02 * SECOND, 0.4 * SECOND);
  if (record.findings.some((f) => f.at > record.duration - room)) record.duration += room;
  record.lanesReplica = record.lanes.filter((l) => l.replica);
  readMessages(raw.messages, record);
  sortRecord(record);
  return record;
}

// What hits several at one moment is one fault.
function joinFaults(faults) {
  const joined = new Map();
  for (const f of faults) {
    const key = [f.kind, f.from, f.to, f.label, f.lanes.size > 0].join('|');
    const known = joined.get(key);
    if (known) f.lanes.forEach((l) => known.lanes.add(l));
    else joined.set(key, f);
  }
  return [...joined.values()];
}

// 50,000 messages: columns of numbers instead of objects.
function readMessages(rows, record) {
  rows.sort((a, b) => a[2] - b[2]);
  const n = rows.length;
  const m = {
    length: n, from: new Uint16Array(n), to: new Uint16Array(n), sent: new Float64Array(n),
    arrived: new Float64Array(n), fate: new Uint8Array(n), label: new Uint32Array(n), counts: FATES.map(() => 0),
  };
  const latencies = rows.filter((r) => r[3] > r[2]).map((r) => r[3] - r[2]).sort((a, b) => a - b);
  const usual = latencies.length > 0 ? latencies[latencies.length >> 1] : 1e6;
  rows.forEach(([from, to, sent, arrived, fate, label], i) => {
    m.from[i] = from;
    m.to[i] = to;
    m.sent[i] = sent;
    m.arrived[i] = arrived > sent ? arrived : sent + usual;
    m.fate[i] = fate;
    m.label[i] = label;
    ++m.counts[fate];
  });
  m.index = new SpanIndex(n, (i) => m.sent[i], (i) => m.arrived[i]);
  record.messages = m;
}

function sortRecord(record) {
  const spans = (items, start, end) => {
    items.sort((a, b) => a[start] - b[start]);
    return new SpanIndex(items.length, (i) => items[i][start], (i) => items[i][end]);
  };
  for (const span of record.roles) span.to = Math.max(span.to, span.from);
  record.rolesOf = record.lanes.map((l) => record.roles.filter((r) => r.lane === l.i).sort((a, b) => a.from - b.from));
  record.rolesIndex = record.rolesOf.map((spansOf) => spans(spansOf, 'from', 'to'));
  record.diskIndex = spans(record.disk, 'from', 'to');
  record.faults.sort((a, b) => a.from - b.from);
  record.clocks.sort((a, b) => a.at - b.at);
  record.callsIndex = spans(record.calls, 'call', 'ret');
  record.calls.forEach((c, i) => { c.i = i; });
  record.log.sort((a, b) => a.at - b.at);
  record.entries.sort((a, b) => a.index - b.index || a.term - b.term);
  record.findings.sort((a, b) => a.at - b.at);
  // What the first finding names comes first.
  const named = (c) => record.findings.length > 0 && record.findings[0].sentence.includes(c.resource) ? 0 : 1;
  record.impossible = record.calls.filter((c) => c.impossible).sort((a, b) => named(a) - named(b) || a.ret - b.ret);
  for (const c of record.impossible) c.after = lastBefore(record, c);
  record.commits = record.lanes.map((l) => commitsOf(record, l.i));
  for (const f of record.findings) f.lane = record.lanes.findIndex((l) => l.name === f.where);
  record.moments = momentsOf(record);
}

// The last call in the order found that was complete before `c` was called: `c` must come after it.
function lastBefore(record, c) {
  return record.calls.reduce((best, o) => (o.resource === c.resource && o.order !== null && o.ret < c.call &&
    (best === null || o.order > best.order) ? o : best), null);
}

// What a lane had committed, over time: ascending times with the highest index so far.
function commitsOf(record, lane) {
  const points = record.entries.filter((e) => typeof e.committed[lane] === 'number')
    .map((e) => ({at: e.committed[lane], index: e.index})).sort((a, b) => a.at - b.at || a.index - b.index);
  let highest = 0;
  for (const p of points) p.index = highest = Math.max(highest, p.index);
  return points;
}

// Moments worth a stop when one steps from event to event.
function momentsOf(record) {
  const all = [];
  for (const c of record.calls) all.push(c.call, c.ret);
  for (const r of record.roles) all.push(r.from);
  for (const f of record.faults) all.push(f.from, f.to);
  for (const l of record.log) all.push(l.at);
  const inside = all.filter((at) => at <= record.duration).sort((a, b) => a - b);
  return Float64Array.from(inside.filter((at, i) => i === 0 || at !== inside[i - 1]));
}

function roleAt(record, lane, at) {
  const spans = record.rolesOf[lane];
  const i = lowerBound(spans.length, (k) => spans[k].from, at + 1) - 1;
  return i >= 0 && spans[i].to >= at ? spans[i] : null;
}

function commitAt(record, lane, at) {
  const points = record.commits[lane];
  const i = lowerBound(points.length, (k) => points[k].at, at + 1) - 1;
  return i >= 0 ? points[i].index : 0;
}

function callText(c) {
  const more = c.error === '' ? '' : ': ' + c.error;
  const result = c.outcome === 'ok' ? (c.result === '' ? '' : ' → ' + c.result)
    : c.outcome === 'fail' ? ' → failed' + more
      : c.outcome === 'info' ? ' → no answer' + more : ' → still open';
  return c.f + '(' + c.args + ')' + result;
}

function laneName(record, i) {
  return i < record.lanes.length ? record.lanes[i].name : 'world';
}
