import { describe, expect, test } from 'vitest';
import { luaModule } from '../../wire/lua-module.ts';
import { seededUint32 } from '../chooser.ts';
import { MICROS_PER_SECOND } from '../clock.ts';
import { FSN, HEL, type SmallWorld, seconds, smallWorld } from './fixtures/small-world.ts';
import { contains } from './phase-region.ts';
import { explorePhases, timeIn } from './phases.ts';
import type { Phase } from './plan.ts';
import type { Witness } from './witness.ts';
import { runWorld } from './world.ts';

const planOf = smallWorld(luaModule());
const STANDBY = `ifurlup('https://api.acme.test/healthz', {{'${FSN}'},{'${HEL}'}}`;
const BLACKHOLE = { atSeconds: 60.25, address: FSN, behaviour: { tcp: 'blackhole' } } as const;

/** Random phases per world; all of them together are 10,000 and more where PHASES says so. */
const PHASES = Number(process.env.PHASES ?? 400);

const worlds: readonly (readonly [string, SmallWorld])[] = [
  [
    'a primary that vanishes on 5.1, down at its third failure',
    {
      line: '5.1',
      code: `${STANDBY}, {minimumFailures=3})`,
      latencyMicros: 5000,
      faults: [BLACKHOLE],
      endsSeconds: 120,
    },
  ],
  [
    'a primary that vanishes on 4.9 and comes back',
    {
      line: '4.9',
      code: `${STANDBY})`,
      latencyMicros: 5000,
      faults: [BLACKHOLE, { atSeconds: 101, address: FSN, behaviour: {} }],
      endsSeconds: 140,
    },
  ],
  [
    'a common divisor of intervals on 5.0',
    {
      line: '5.0',
      code: `${STANDBY}, {interval=7, timeout=1})`,
      latencyMicros: 300_000,
      faults: [BLACKHOLE, { atSeconds: 75, address: HEL, behaviour: { tcp: 'refuse' } }],
      endsSeconds: 100,
    },
  ],
  [
    'a standby that nobody has asked for in time on 5.1',
    {
      line: '5.1',
      code: `${STANDBY})`,
      expireDelaySeconds: 20,
      everySeconds: 0.3,
      latencyMicros: 1000,
      faults: [{ atSeconds: 50, address: FSN, behaviour: { tcp: 'refuse' } }],
      marksSeconds: [51, 55],
      endsSeconds: 70,
    },
  ],
  [
    'a body too slow for its timeout on 5.1',
    {
      line: '5.1',
      code: `${STANDBY}, {timeout=1})`,
      intervalSeconds: 2,
      latencyMicros: 700_000,
      faults: [{ atSeconds: 20.5, address: FSN, behaviour: { bodyDelay: 600_000 } }],
      endsSeconds: 40,
    },
  ],
];

describe.each(worlds)('all phases of %s', (_name, world) => {
  const plan = planOf(world);
  const offsets = seconds(world.intervalSeconds ?? 5);
  const run = (phase: Phase, witness?: Witness) =>
    runWorld(plan, { seed: 1, phases: new Map([['ns1', phase]]), ...(witness === undefined ? {} : { witness }) });
  const changes = (phase: Phase, witness?: Witness) => (run(phase, witness).answers[0] ?? []).map(({ at }) => at);
  const { cells, complete } = explorePhases(offsets, changes);

  test('are in one cell each, and nothing happens at another time than the cell says', () => {
    expect(complete).toBe(true);
    const next = seededUint32(7);
    for (let i = 0; i < PHASES; i++) {
      const phase = { offset: next() % offsets, fraction: next() % MICROS_PER_SECOND };
      const own = cells.filter(({ region }) => contains(region, phase));
      expect(own).toHaveLength(1);
      const [cell] = own;
      if (cell === undefined) return;
      const foretold = cell.result.map((at, change) => timeIn(cell, at, cell.moved?.result[change], phase.offset));
      expect(changes(phase)).toEqual(foretold);
    }
  });

  test('hold at the borders of the cells too', () => {
    for (const cell of cells.slice(0, 60)) {
      for (const offset of [cell.region.offset.least, cell.region.offset.most]) {
        const { least, most } = cell.region.sum;
        const fraction = Math.max(cell.region.fraction.least, least - offset);
        const phase = { offset, fraction };
        expect(contains(cell.region, phase)).toBe(fraction <= Math.min(cell.region.fraction.most, most - offset));
        const foretold = cell.result.map((at, change) => timeIn(cell, at, cell.moved?.result[change], offset));
        expect(changes(phase)).toEqual(foretold);
      }
    }
  });
});
