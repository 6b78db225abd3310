/** Colours of targets are those of Okabe and Ito, which the colour-blind tell apart. */
export const MAP_STYLE = `
:root { color-scheme: light dark; --text: light-dark(#1c2024, #e6e8ea); --soft: light-dark(#565e66, #a3abb3);
  --line: light-dark(#dfe3e6, #30363c); --ground: light-dark(#ffffff, #14171a); --panel: light-dark(#f6f7f8, #1b1f23);
  --sea: light-dark(#f3f6f9, #191d22); --land: light-dark(#dde2e6, #2c333a); --bad: light-dark(#a33a00, #ff9a5c);
  --c0: #0072b2; --c1: #e69f00; --c2: #009e73; --c3: #cc79a7; --c4: #56b4e9; --c5: #d55e00; --c6: light-dark(#b8a900, #f0e442); --c7: #8a6fd1;
  --rest: light-dark(#6b747c, #98a1a9); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 100rem; padding: 1.25rem; background: var(--ground); color: var(--text); font: 0.95rem/1.45 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.3rem; } h2 { margin: 1.5rem 0 0.25rem; font-size: 1.1rem; }
.soft { color: var(--soft); } header p { margin: 0.2rem 0 0.8rem; }
.choices { display: flex; flex-wrap: wrap; gap: 0.6rem 1.2rem; align-items: center; margin-bottom: 0.8rem; }
select, button { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 0.3rem 0.6rem; }
button { cursor: pointer; } button[aria-pressed='true'] { background: var(--text); color: var(--ground); border-color: var(--text); }
#states { display: flex; flex-wrap: wrap; gap: 0.3rem; }
main { display: grid; grid-template-columns: minmax(0, 1fr) 19rem; gap: 1.25rem; align-items: start; }
figure { margin: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--ground); }
svg { display: block; width: 100%; height: auto; }
.sea { fill: var(--sea); } .land { fill: var(--land); } .graticule { fill: none; stroke: var(--line); stroke-width: 0.5; }
.cell { stroke: none; } .cell:hover { stroke: var(--text); stroke-width: 1.2; }
.cell.mixed { fill-opacity: 0.6; } #legend .badge.mixed { background: var(--rest); opacity: 0.6; }
.pin circle { stroke: var(--ground); stroke-width: 2; } .pin text { font: 700 11px system-ui, sans-serif; text-anchor: middle; dominant-baseline: central; fill: #fff; pointer-events: none; }
.pin.down circle { fill: var(--ground); stroke: var(--bad); stroke-width: 2.5; } .pin.down text { fill: var(--bad); }
.pin .dark { fill: #14171a; }
figcaption { padding: 0.4rem 0.8rem; min-height: 2.2em; border-top: 1px solid var(--line); background: var(--panel); font-size: 0.9rem; }
#legend { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
#legend li { display: grid; grid-template-columns: 1.6rem 1fr max-content; gap: 0.5rem; align-items: center; padding: 0.4rem 0.7rem; border-top: 1px solid var(--line); }
#legend li:first-child { border-top: 0; } #legend .name { overflow-wrap: anywhere; } #legend .share { font-variant-numeric: tabular-nums; }
#legend .badge { display: inline-grid; place-items: center; width: 1.45rem; height: 1.45rem; border-radius: 50%; color: #fff; font-weight: 700; font-size: 0.75rem; }
#legend .badge.dark { color: #14171a; }
#legend .isdown { color: var(--bad); }
#figures { display: grid; grid-template-columns: 1fr max-content; gap: 0.2rem 0.8rem; margin: 0.9rem 0 0; padding: 0 0.7rem; }
#figures dt { color: var(--soft); } #figures dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.findings { margin: 0; padding-left: 1.2rem; } .findings li { margin: 0.35rem 0; } .wrong::marker { color: var(--bad); }
.wrong { font-weight: 600; } .wrong .soft { font-weight: 400; }
:focus-visible { outline: 2px solid var(--c0); outline-offset: 1px; }
@media (max-width: 60rem) { main { grid-template-columns: 1fr; } }
`;
