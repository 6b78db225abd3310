import fc from 'fast-check';
import { expect, test } from 'vitest';
import { axisOf, ticksOf, xOf } from './axis.ts';
import { type Bar, foldedBars, foldedTicks, LEAST_BAR_PIXELS } from './marks.ts';

const bar = (from: number, to: number, text: string): Bar => ({
  kind: 'bar',
  from,
  to,
  layers: [{ colour: 'up', share: 1 }],
  text,
  title: text,
});

test('bars that can be told apart stay as they are', () => {
  const bars = [bar(0, 40, 'up'), bar(40, 60, 'down'), bar(60, 100, 'up')];
  expect(foldedBars(bars, axisOf(100))).toEqual(bars);
});

test('narrow bars beside each other become one that says what it stands for', () => {
  const axis = { endsAtSeconds: 100, width: 100, pixelsPerSecond: 1 };
  const bars = [bar(0, 40, 'up'), bar(40, 41, 'down'), bar(41, 42, 'up'), bar(42, 43, 'down'), bar(43, 100, 'up')];
  const folded = foldedBars(bars, axis);
  expect(folded.map(({ from, to }) => [from, to])).toEqual([
    [0, 40],
    [40, 43],
    [43, 100],
  ]);
  expect(folded[1]?.title).toBe('40 s to 43 s: 3 changes (down, up)');
});

test('folding leaves no gap and loses no time, and there are no more bars than there is room for', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 99_999 }), { maxLength: 400 });
  fc.assert(
    fc.property(cuts, (moments) => {
      const times = [0, ...moments.toSorted((a, b) => a - b), 100_000];
      const bars = times.slice(1).map((to, i) => bar(times[i] ?? 0, to, `${i % 3}`));
      const axis = { endsAtSeconds: 100_000, width: 100, pixelsPerSecond: 0.001 };
      const folded = foldedBars(bars, axis);
      expect(folded[0]?.from).toBe(0);
      expect(folded.at(-1)?.to).toBe(100_000);
      for (const [i, { from }] of folded.slice(1).entries()) expect(from).toBe(folded[i]?.to);
      expect(folded.length).toBeLessThanOrEqual((2 * axis.width) / LEAST_BAR_PIXELS + 1);
    }),
  );
});

test('probes at one place of the picture are one tick a result, with their number', () => {
  const probes = [0, 0.1, 0.2, 50].map((at, i) => ({ at, up: i !== 1, count: 1, reason: i === 1 ? '503' : '200' }));
  const ticks = foldedTicks(probes, { endsAtSeconds: 100, width: 100, pixelsPerSecond: 1 });
  expect(ticks.map(({ at, up, title }) => [at, up, title])).toEqual([
    [0, true, '0 s to 0.2 s: 2 probes, the last up: 200'],
    [0.1, false, '0.1 s: down: 503'],
    [50, true, '50 s: up: 200'],
  ]);
});

test('what happens after the end, or before the start, stays in the picture', () => {
  const axis = axisOf(60);
  expect([xOf(axis, -1), xOf(axis, 60), xOf(axis, 61)]).toEqual([0, axis.width, axis.width]);
});

test.each([
  [0.5, '0 s', '0.1 s', '0.5 s'],
  [60, '0 s', '5 s', '60 s'],
  [311, '0 s', '30 s', '300 s'],
  [3600, '0', '5 min', '1 h'],
  [86_400, '0', '1 h', '24 h'],
  [7 * 86_400, '0', '6 h', '168 h'],
  [400 * 86_400, '0', '312 h', '9360 h'],
])('%d seconds have labels from %s over %s to %s, that do not touch', (endsAtSeconds, ...labels) => {
  const axis = axisOf(endsAtSeconds);
  const ticks = ticksOf(axis);
  expect([ticks[0]?.label, ticks[1]?.label, ticks.at(-1)?.label]).toEqual(labels);
  for (const [i, { seconds }] of ticks.slice(1).entries()) {
    expect(xOf(axis, seconds) - xOf(axis, ticks[i]?.seconds ?? 0)).toBeGreaterThan(45);
  }
});
