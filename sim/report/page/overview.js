// SPDX-License-Identifier: Apache-2.0
// The whole run in one strip above the slider: leaders, faults, what was found, and the window.

function drawOverview() {
  const target = $('overview');
  const [width, height] = [target.clientWidth, 34];
  const brush = fitCanvas(target, width, height);
  const x = (at) => at / record.duration * width;
  brush.fillStyle = ink.stripe;
  brush.fillRect(0, 0, width, height);
  for (const f of record.faults) {
    brush.fillStyle = faultColour(f.kind);
    brush.globalAlpha = 0.45;
    brush.fillRect(x(f.from), 2, Math.max(1, x(f.to) - x(f.from)), 9);
  }
  brush.globalAlpha = 1;
  record.lanesReplica.forEach((l, row) => {
    const each = Math.max(2, Math.min(4, 20 / record.lanesReplica.length));
    for (const s of record.rolesOf[l.i]) {
      brush.fillStyle = s.role === 'down' ? ink['down-line'] : s.role === 'paused' ? ink['paused-line'] : ink[s.role] || ink.follower;
      brush.fillRect(x(s.from), 13 + row * each, Math.max(0.5, x(s.to) - x(s.from)), each - 0.5);
    }
  });
  brush.fillStyle = ink.bad;
  for (const at of [...record.findings.map((f) => f.at), ...record.impossible.map((c) => c.call)])
    brush.fillRect(x(at) - 1, 0, 2.5, height);
  const [left, right] = [x(view.from), Math.max(x(view.to), x(view.from) + 3)];
  brush.fillStyle = ink.shade;
  brush.fillRect(0, 0, left, height);
  brush.fillRect(right, 0, width - right, height);
  brush.strokeStyle = ink.ink;
  brush.lineWidth = 1.5;
  brush.strokeRect(left, 0.75, right - left, height - 1.5);
  brush.fillStyle = ink.cursor;
  brush.fillRect(x(view.cursor) - 0.75, 0, 1.5, height);
  const slider = $('slider');
  slider.value = view.cursor / record.duration * 1000;
  slider.setAttribute('aria-valuetext', showTime(view.cursor));
}
