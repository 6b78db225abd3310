/** Draws the record and state that are chosen. */
export const MAP_SCRIPT = `
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const by = (id) => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOST = ['var(--rest)', '#fde0a5', '#fbc26b', '#f79f45', '#ec7a3c', '#d9553b', '#bb3440', '#951f48', '#6b124b', '#430b44'];
// In ninths: where nobody has as many, clients of a place are spread.
const MAJORITY = 6;
let hasMixed = false;
const most = Math.max(1, ...data.cells.map((cell) => cell[2]));
let record = data.records[0];
let state = record.states[0];

function colourOf(name) {
  const place = record.order.indexOf(name);
  return place === -1 || place > 7 ? 'var(--rest)' : 'var(--c' + place + ')';
}
function letterOf(name) {
  const place = record.order.indexOf(name);
  return LETTERS[place] ?? '…';
}
function isBright(name) { return [1, 4, 6].includes(record.order.indexOf(name)); }
function make(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}
function km(value) { return value === null ? 'unknown' : value.toLocaleString('en') + ' km'; }

for (const each of data.records) {
  each.order = [...new Set(each.states.flatMap((one) => one.targets.map(({ name }) => name).concat(one.down)))];
  by('record').add(new Option(each.name, each.name));
}

function drawStates() {
  by('states').replaceChildren(...record.states.map((each) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = each.name;
    button.setAttribute('aria-pressed', String(each === state));
    button.addEventListener('click', () => { state = each; draw(); });
    return button;
  }));
}

function drawCells() {
  const cells = by('cells');
  cells.replaceChildren();
  hasMixed = false;
  const isLost = by('view').value === 'lost';
  data.cells.forEach(([x, y, clients, latitude, longitude], i) => {
    const letter = state.most[i];
    if (letter === '.' || letter === undefined) return;
    const target = state.targets[LETTERS.indexOf(letter)]?.name ?? '?';
    const share = Number(state.share[i]);
    const lost = Number(state.lost[i]);
    const isMixed = !isLost && share < MAJORITY;
    const fill = isLost ? LOST[lost] : isMixed ? 'var(--rest)' : colourOf(target);
    const radius = 0.9 + 5.6 * (clients / most) ** 0.28;
    hasMixed ||= isMixed;
    const mixed = isMixed ? ' mixed' : '';
    const cell = make('circle', { class: 'cell' + mixed, cx: x, cy: y, r: radius.toFixed(1), fill }, cells);
    cell.addEventListener('pointerenter', () => {
      const where = Math.abs(latitude) + '°' + (latitude < 0 ? 'S' : 'N') + ' ' + Math.abs(longitude) + '°' + (longitude < 0 ? 'W' : 'E');
      const farther = lost === 0 ? '' : ' · on average up to ' + km(lost * 500) + ' farther than need be';
      by('readout').textContent = where + ' · ' + Math.round(clients).toLocaleString('en') + ' ' + data.of.replace(/^of (the )?/, '') + ' · ' +
        (share === 9 ? 'all' : 'about ' + Math.round(share / 0.09) + ' %') + ' to ' + letterOf(target) + ' ' + target + farther;
    });
  });
}

function drawPins() {
  const pins = by('pins');
  pins.replaceChildren();
  const drawn = [];
  for (const each of record.states.flatMap((one) => one.targets)) {
    if (each.at === undefined || drawn.some(({ name }) => name === each.name)) continue;
    const near = drawn.filter(({ at }) => Math.hypot(at[0] - each.at[0], at[1] - each.at[1]) < 12).length;
    drawn.push(each);
    const isDown = state.down.includes(each.name);
    const pin = make('g', { class: 'pin' + (isDown ? ' down' : ''), transform: 'translate(' + (each.at[0] + 15 * near) + ' ' + each.at[1] + ')' }, pins);
    make('circle', isDown ? { r: 9 } : { r: 9, fill: colourOf(each.name) }, pin);
    const text = make('text', isBright(each.name) && !isDown ? { class: 'dark', y: 0.5 } : { y: 0.5 }, pin);
    text.textContent = letterOf(each.name);
    make('title', {}, pin).textContent = each.name + (isDown ? ', down' : '');
  }
}

function drawLegend() {
  const rows = record.order.map((name) => {
    const found = state.targets.find((each) => each.name === name);
    const isDown = state.down.includes(name);
    if (found === undefined && !isDown) return undefined;
    const item = document.createElement('li');
    const badge = document.createElement('span');
    badge.className = 'badge' + (isBright(name) ? ' dark' : '');
    badge.style.background = colourOf(name);
    badge.textContent = letterOf(name);
    const label = document.createElement('span');
    label.className = 'name';
    label.textContent = name;
    if (isDown) { const word = document.createElement('span'); word.className = 'isdown'; word.textContent = ' down'; label.append(word); }
    const share = document.createElement('span');
    share.className = 'share';
    share.textContent = found?.share ?? '0 %';
    item.append(badge, label, share);
    return item;
  });
  if (hasMixed) {
    const item = document.createElement('li');
    const badge = document.createElement('span');
    badge.className = 'badge mixed';
    const label = document.createElement('span');
    label.className = 'name';
    label.textContent = 'spread over several';
    item.append(badge, label);
    rows.push(item);
  }
  if (by('view').value === 'lost') {
    const item = document.createElement('li');
    item.style.gridTemplateColumns = '1fr';
    item.innerHTML = '<svg viewBox="0 0 200 34" style="width:100%">' + LOST.map((colour, i) => '<rect x="' + i * 20 + '" width="20" height="14" fill="' + colour + '"></rect>').join('') +
      '<text x="0" y="28" font-size="11" fill="currentColor">0</text><text x="100" y="28" font-size="11" text-anchor="middle" fill="currentColor">2,000 km too far</text><text x="200" y="28" font-size="11" text-anchor="end" fill="currentColor">4,000+</text></svg>';
    rows.unshift(item);
  }
  by('legend').replaceChildren(...rows.filter((row) => row !== undefined));
}

function drawFigures() {
  const figures = [
    ['Sent elsewhere than when all is up', state.moved],
    ['Median way', km(state.median)], ['… to the nearest that is up', km(state.bestMedian)],
    ['95 % go at most', km(state.p95)], ['… to the nearest that is up', km(state.bestP95)],
    ['Too far, by measuring degrees', state.tooFar],
  ];
  by('figures').replaceChildren(...figures.filter(([, value]) => value !== '').flatMap(([name, value]) => {
    const term = document.createElement('dt');
    const detail = document.createElement('dd');
    term.textContent = name;
    detail.textContent = value;
    return [term, detail];
  }));
}

function draw() { drawStates(); drawCells(); drawPins(); drawLegend(); drawFigures(); }
by('record').addEventListener('change', (event) => {
  record = data.records.find(({ name }) => name === event.target.value);
  state = record.states.find(({ name }) => name === state.name) ?? record.states[0];
  draw();
});
by('view').addEventListener('change', draw);
const [, wantedRecord, wantedState, wantedView] = (decodeURIComponent(location.hash).match(/^#([^|]*)[|]?([^|]*)[|]?(.*)$/) ?? []);
record = data.records.find(({ name }) => name === wantedRecord) ?? record;
state = record.states.find(({ name }) => name === wantedState) ?? record.states[0];
if (wantedView) by('view').value = wantedView;
by('record').value = record.name;
draw();
`;
