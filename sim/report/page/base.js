// SPDX-License-Identifier: Apache-2.0
'use strict';

const $ = (id) => document.getElementById(id);
const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
const SECOND = 1e9;

// An element; texts of the run only ever become text nodes.
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((c) => c !== null && c !== undefined));
  return made;
}

function showTime(ns, digits = 6) {
  return (ns / SECOND).toFixed(digits) + ' s';
}

function showDuration(ns) {
  if (ns < 1e3) return Math.round(ns) + ' ns';
  if (ns < 1e6) return +(ns / 1e3).toPrecision(3) + ' µs';
  if (ns < 1e9) return +(ns / 1e6).toPrecision(3) + ' ms';
  return +(ns / 1e9).toPrecision(4) + ' s';
}

const showCount = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

function plural(n, one, many) {
  return showCount(n) + ' ' + (n === 1 ? one : many);
}

// First position in a sorted list whose value is not below `x`.
function lowerBound(length, valueAt, x) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Answers "which spans touch [from, to]?" for spans sorted by start, where a few may be very long:
// blocks whose longest span ends before the window are skipped.
class SpanIndex {
  constructor(length, startOf, endOf) {
    Object.assign(this, {length, startOf, endOf, ends: []});
    for (let i = 0; i < length; i += SpanIndex.block) {
      let end = -Infinity;
      for (let k = i; k < Math.min(length, i + SpanIndex.block); ++k) end = Math.max(end, endOf(k));
      this.ends.push(end);
    }
  }
  each(from, to, visit) {
    const stop = lowerBound(this.length, this.startOf, to + 1);
    for (let b = 0; b * SpanIndex.block < stop; ++b) {
      if (this.ends[b] < from) continue;
      const last = Math.min(stop, (b + 1) * SpanIndex.block);
      for (let i = b * SpanIndex.block; i < last; ++i) {
        if (this.endOf(i) >= from) visit(i);
      }
    }
  }
}
SpanIndex.block = 128;
