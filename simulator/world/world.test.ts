import { describe, expect, test } from 'vitest';
import { parsePrefix } from '../../geoip/address.ts';
import { luaModule } from '../../wire/lua-module.ts';
import type { Distribution } from '../answer/distribution.ts';
import { FSN, HEL, type SmallWorld, seconds, smallWorld } from './fixtures/small-world.ts';
import type { Since } from './history.ts';
import type { LeasePlan, WorldEvent, WorldPlan } from './plan.ts';
import { runWorld } from './world.ts';

const planOf = smallWorld(luaModule());
const STANDBY = `ifurlup('https://api.acme.test/healthz', {{'${FSN}'},{'${HEL}'}})`;

function worldOf(small: Partial<SmallWorld> = {}): WorldPlan {
  return planOf({ line: '5.1', code: STANDBY, faults: [], endsSeconds: 60, ...small });
}

function run(plan: WorldPlan) {
  return runWorld(plan, { seed: 1, phases: new Map(), keepsProbes: true });
}

/** `0 192.0.2.10`, `23.5 no answer`: from when on which answers are possible. */
function told(changes: readonly Since<Distribution>[] | undefined): string[] {
  return (changes ?? []).map(({ at, value }) => {
    const texts = value.outcomes.map(
      ({ outcome }) => outcome.answers.map(({ rdata }) => rdata).join(' ') || outcome.rcode,
    );
    return `${at / 1e6} ${texts.sort().join(' | ')}`;
  });
}

describe('a world', () => {
  test('is the same to the byte for the same seed, and another one for another seed', () => {
    const plan = worldOf({ code: `ifportup(443, {'${FSN}','${HEL}'})`, endsSeconds: 30 });
    const jittery = {
      ...plan,
      targets: plan.targets.map((target) => ({
        ...target,
        behaviour: { ...target.behaviour, latency: { base: 5000, jitter: 900_000 } },
      })),
    };
    const text = (seed: number) =>
      JSON.stringify(runWorld(jittery, { seed, phases: new Map(), keepsProbes: true }).probes);
    expect(text(3)).toBe(text(3));
    expect(text(3)).not.toBe(text(4));
  });

  test('fails over when the first probe fails, and back at the first that succeeds', () => {
    const faults = [
      { atSeconds: 12, address: FSN, behaviour: { tcp: 'refuse' } },
      { atSeconds: 33, address: FSN, behaviour: {} },
    ] as const;
    expect(told(run(worldOf({ faults })).answers[0])).toEqual([`0 ${FSN}`, `15 ${HEL}`, `35 ${FSN}`]);
  });

  test('asks of nobody what nobody is asked for', () => {
    const { asking: _, ...plan } = worldOf();
    expect(run({ ...plan, asking: [] }).probeCount).toBe(0);
  });
});

describe('a server', () => {
  const downAndUp: WorldEvent[] = [
    { at: seconds(20), kind: 'stop', server: 'ns1' },
    { at: seconds(23), kind: 'start', server: 'ns1', profile: undefined },
  ];

  test('that is down answers nothing, and knows nothing of its checks when it comes back', () => {
    const faults = [{ atSeconds: 1, address: FSN, behaviour: { tcp: 'refuse' } }] as const;
    const plan = worldOf({ line: '4.7', faults, everySeconds: 2 });
    const history = run({ ...plan, events: [...plan.events, ...downAndUp] });
    expect(told(history.answers[0])).toEqual([`0 ${FSN}`, `5 ${HEL}`, '20 DROPPED', `23 ${FSN} | ${HEL}`, `24 ${HEL}`]);
    expect(history.droppedCount).toBe(2);
  });

  test('whose front lets so many questions of a source through drops the others', () => {
    const plan = worldOf({ everySeconds: 0.25, endsSeconds: 9.9 });
    const servers = plan.servers.map((server) => ({ ...server, queriesPerSecondPerSource: 3 }));
    const { questionCount, droppedCount } = run({ ...plan, servers });
    expect([questionCount, droppedCount]).toEqual([40, 10]);
  });
});

describe('a resolver', () => {
  const subnet = parsePrefix('198.51.100.0/24') ?? { address: { family: 4, bytes: new Uint8Array(4) }, length: 0 };
  const asked = { kind: 'resolver', resolver: 'r1', name: 'api.example.org.', type: 'A', subnet } as const;

  test('hands out a dead address as long as its TTL says', () => {
    const faults = [{ atSeconds: 12, address: FSN, behaviour: { tcp: 'refuse' } }] as const;
    const plan = worldOf({ faults, endsSeconds: 90 });
    const resolvers = [
      { name: 'r1', address: subnet.address, ecs: false, servers: ['ns1'], leastTtlSeconds: 0, mostTtlSeconds: 3600 },
    ];
    const asking = [{ asked, starts: seconds(10), every: seconds(1), ends: plan.endsAt }, ...plan.asking];
    const history = run({ ...plan, resolvers, asking, watches: [{ asked }, ...plan.watches] });
    // Asked at 10 s, kept for 30 s; the server itself knows at 15 s.
    expect(told(history.answers[0])).toEqual([`0 ${FSN}`, `40 ${HEL}`]);
    expect(told(history.answers[1])).toEqual([`0 ${FSN}`, `15 ${HEL}`]);
  });
});

describe('a lease', () => {
  const lease: LeasePlan = { ttl: seconds(30), renew: seconds(10), holder: 'fsn', candidates: ['hel'] };
  const events = (...happens: readonly WorldEvent[]) =>
    run({ ...worldOf(), lease, events: happens, endsAt: seconds(120) });
  const shown = (history: ReturnType<typeof run>) =>
    history.lease.map(({ at, value }) => `${at / 1e6} ${value.holder ?? 'nobody'}: ${value.writers.join(' ')}`);

  test('that is renewed stays where it is', () => {
    expect(shown(events())).toEqual(['0 fsn: fsn']);
  });

  test('runs out while the witness is away, and is taken by the next when it is back', () => {
    const away = events(
      { at: seconds(12), kind: 'lease', change: 'witness goes' },
      { at: seconds(60), kind: 'lease', change: 'witness comes back' },
    );
    expect(shown(away)).toEqual(['0 fsn: fsn', '40 nobody: ', '60 hel: hel']);
  });

  test('that is stolen leaves two writers until the old one learns of it', () => {
    const stolen = events({ at: seconds(15), kind: 'lease', change: 'stolen', by: 'hel' });
    expect(shown(stolen)).toEqual(['0 fsn: fsn', '15 hel: fsn hel', '40 hel: hel']);
  });

  test('is held too long by a clock that was set back', () => {
    const setBack = events(
      { at: seconds(12), kind: 'lease', change: 'witness goes' },
      { at: seconds(20), kind: 'clock', of: 'fsn', step: seconds(-25), driftPerSecond: 0 },
      { at: seconds(41), kind: 'lease', change: 'witness comes back' },
    );
    expect(shown(setBack)).toEqual(['0 fsn: fsn', '40 nobody: fsn', '41 hel: fsn hel', '65 hel: hel']);
  });
});
