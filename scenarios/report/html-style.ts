/** Style and script of the page. Free of the characters that HTML and XML read differently: less-than and ampersand. */

/** Colours are those of Okabe and Ito, which the colour-blind tell apart. */
export const STYLE = `
:root { color-scheme: light dark; --text: light-dark(#1c2024, #e6e8ea); --soft: light-dark(#565e66, #a3abb3);
  --line: light-dark(#dfe3e6, #30363c); --ground: light-dark(#ffffff, #14171a); --panel: light-dark(#f6f7f8, #1b1f23);
  --good: light-dark(#00694d, #4fd1a8); --bad: light-dark(#a33a00, #ff9a5c); --warn: light-dark(#7a5200, #e7bf62);
  --bad-ground: light-dark(#fdf1ea, #2e1d13); --link: light-dark(#0b5f99, #7cc0f2); --quiet: light-dark(#c9ced3, #4a525a); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1.25rem; background: var(--ground); color: var(--text); font: 0.95rem/1.45 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { margin: 0 0 0.25rem; font-size: 1.3rem; }
h2 { margin: 2.5rem 0 0.25rem; font-size: 1.15rem; }
h3 { margin: 1.5rem 0 0.25rem; font-size: 1rem; }
p { margin: 0.25rem 0; }
a { color: var(--link); }
code { font-family: ui-monospace, "SFMono-Regular", "DejaVu Sans Mono", monospace; font-size: 0.875em; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.word { font-weight: 600; white-space: nowrap; }
.word.pass { color: var(--good); } .word.fail { color: var(--bad); } .word.skip { color: var(--warn); }
.table { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; margin: 0.5rem 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.35rem 0.7rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; background: var(--panel); color: var(--soft); font-weight: 600; white-space: nowrap; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.wide, th.wide { min-width: 12rem; }
tbody th { font-weight: 600; }
td.whole { white-space: nowrap; }
.failed { margin: 0.5rem 0; padding: 0.6rem 1rem; background: var(--bad-ground); border-left: 4px solid var(--bad); border-radius: 4px; }
.failed dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 0.8rem; margin: 0.3rem 0 0; }
.failed dt { color: var(--soft); } .failed dd { margin: 0; min-width: 0; }
.figure { margin: 0.75rem 0; border: 1px solid var(--line); border-radius: 6px; }
.scroll { display: flex; overflow-x: auto; padding: 0.25rem 0.75rem 0.25rem 0; }
.labels { position: sticky; left: 0; z-index: 1; flex: none; background: var(--ground); padding-left: 0; overflow: hidden; }
.plot { flex: none; }
.readout { margin: 0; padding: 0.35rem 0.75rem; min-height: 2.1em; border-top: 1px solid var(--line); background: var(--panel); color: var(--soft); font-size: 0.85rem; border-radius: 0 0 6px 6px; }
.key li { white-space: normal; }
.key { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; margin: 0.5rem 0; padding: 0; list-style: none; font-size: 0.85rem; color: var(--soft); }
.key svg { vertical-align: -3px; margin-right: 0.35rem; }
svg text { font: 12px system-ui, sans-serif; fill: var(--text); }
svg .label { transform: translateX(10px); } svg .group { transform: translateX(10px); font-weight: 600; fill: var(--soft); }
svg .axis { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--line); } .rule { stroke: var(--line); } .guide { stroke: var(--warn); stroke-dasharray: 2 3; opacity: 0.7; }
.cursor { stroke: var(--soft); pointer-events: none; }
.mark text { pointer-events: none; } .around { fill: transparent; } .mark:hover .bar, .mark:hover .window { stroke: var(--text); stroke-width: 1.5; }
.bar { stroke: var(--ground); stroke-width: 0.5; }
.c0 { fill: #0072b2; } .c1 { fill: #e69f00; } .c2 { fill: #56b4e9; } .c3 { fill: #cc79a7; } .c4 { fill: #f0e442; } .c5 { fill: #009e73; } .c6 { fill: #b08968; } .c7 { fill: #b9a6e8; }
.up { fill: light-dark(#8fd3bf, #00765a); } .down { fill: #d55e00; } .unknown, .nothing, .plainly { fill: var(--quiet); } .many { fill: url(#many); } .error { fill: light-dark(#7a1f4b, #8d2a5a); }
.fault { fill: light-dark(#f3dca9, #6b5217); }
.probe.up { fill: light-dark(#00795a, #4fd1a8); } .probe.down { fill: #d55e00; }
svg .on { fill: #14171a; } svg .on.c0, svg .on.error { fill: #ffffff; } svg .on.up, svg .on.unknown, svg .on.nothing, svg .on.plainly, svg .on.fault { fill: var(--text); }
svg .on.small { font-size: 10.5px; }
svg .on.several { fill: #14171a; stroke: #ffffff; stroke-width: 3px; paint-order: stroke; stroke-linejoin: round; }
svg .beside { stroke: var(--ground); stroke-width: 3px; paint-order: stroke; stroke-linejoin: round; }
.moment { fill: var(--warn); stroke: var(--ground); }
.window { fill: transparent; stroke-width: 1.5; } .window.pass { stroke: #009e73; } .window.fail { stroke: #d55e00; fill: var(--bad-ground); stroke-dasharray: 5 2; } .window.skip { stroke: var(--quiet); stroke-dasharray: 1 3; }
.failure { stroke: #d55e00; stroke-width: 2.5; } .halo { stroke: var(--ground); stroke-width: 6; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
@media (max-width: 40rem) { body { padding: 0.75rem; } .labels { width: 118px; } svg .label, svg .group { font-size: 10.5px; } }
@media print { .scroll { overflow: visible; } .readout { display: none; } }
`;

export const SCRIPT = `
'use strict';
for (const figure of document.querySelectorAll('.figure')) {
  const plot = figure.querySelector('.plot');
  const cursor = figure.querySelector('.cursor');
  const readout = figure.querySelector('.readout');
  plot.addEventListener('pointermove', (event) => {
    const x = event.clientX - plot.getBoundingClientRect().left;
    cursor.setAttribute('x1', x);
    cursor.setAttribute('x2', x);
    const title = event.target.closest('.mark')?.querySelector('title')?.textContent;
    readout.textContent = title ?? (x / Number(plot.dataset.scale)).toFixed(1) + ' s';
  });
  plot.addEventListener('pointerleave', () => {
    cursor.setAttribute('x1', -9);
    cursor.setAttribute('x2', -9);
    readout.textContent = readout.dataset.hint;
  });
}
`;
