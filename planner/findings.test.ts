import { describe, expect, test } from 'vitest';
import { PROFILES } from '../simulator/profile/index.ts';
import { inputFor, planFor, type SmallFleet } from './fixtures/plans.ts';
import { makePlan } from './make-plan.ts';

const URL = "'http://svc.test/'";
const plain = `www A ifurlup(${URL},{'192.0.2.1','192.0.2.2'})`;

const finding = (code: string, records: readonly string[], small?: SmallFleet) =>
  planFor(records, small).findings.find((each) => each.code === code);

describe('a plan says', () => {
  test('who shares a target and spells options differently', () => {
    const records = [plain, `api A ifurlup(${URL},{'192.0.2.1'},{timeout=1})`];
    expect(finding('PLAN_DUPLICATE_CHECKS', records)?.message).toBe(
      '1 target of http://svc.test/ has two checks each, since www.example.org and api.example.org ask with different options ' +
        '(timeout: 1 and not set). PowerDNS keeps a check of its own for each spelling.',
    );
    expect(finding('PLAN_DUPLICATE_CHECKS', [plain])).toBeUndefined();
  });

  test('who probes a target how often from how many servers', () => {
    const records = Array.from({ length: 40 }, (_, i) => `n${i} A ifurlup('http://n${i}.test/',{'192.0.2.1'})`);
    const busy = finding('PLAN_TARGET_BUSY', records, { line: '4.9', interval: 1, servers: 3 });
    expect(busy?.message).toContain(
      'n0.example.org, n1.example.org, n2.example.org and 37 more probe 192.0.2.1 120 times a second from 3 servers',
    );
    expect(busy?.advice).toContain('lua-health-checks-interval=60');
  });

  test('how many threads a round starts', () => {
    const list = Array.from({ length: 240 }, (_, i) => `n${i} A ifportup(${i + 1},{'192.0.2.1'})`);
    expect(finding('PLAN_BURST', list)?.message).toContain('starts 240 threads at once');
    expect(finding('PLAN_BURST', [plain])).toBeUndefined();
  });

  test('what one target that hangs does to all others', () => {
    const small = { line: '4.9', interval: 1 } as const;
    expect(finding('PLAN_HANG_STRETCHES_ALL', [plain], small)?.message).toContain(
      'all 2 checks are then probed every 2 s on average, not every 1 s',
    );
    expect(finding('PLAN_HANG_STRETCHES_ALL', [plain], { line: '4.9' })).toBeUndefined();
    expect(finding('PLAN_HANG_MISSES_ROUNDS', [plain])?.message).toContain('probed every 10 s, not every 5 s');
  });

  test('that a server answers no LUA records at all', () => {
    const off = { settings: [['enable-lua-records', 'no']] } as const;
    expect(finding('PLAN_LUA_OFF', [plain], off)?.message).toContain('ns1 probes nothing');
    expect(finding('PLAN_LUA_OFF', [plain])).toBeUndefined();
  });

  test('that a timeout of half a second is none', () => {
    const http = finding('PLAN_TIMEOUT_ENDLESS', [`www A ifurlup(${URL},{'192.0.2.1'},{timeout='0.5'})`]);
    expect(http?.message).toContain('stops all 1 checks');
    expect(finding('PLAN_TIMEOUT_BLIND', ["www A ifportup(1,{'192.0.2.1'},{timeout=0})"])).toBeDefined();
  });

  test('which options do nothing on this line', () => {
    const records = [`www A ifurlup(${URL},{'192.0.2.1'},{interval=7,minimumFailures=3})`];
    const codes = (line: '4.9' | '5.1') => planFor(records, { line }).findings.map(({ code }) => code);
    expect(codes('4.9').filter((code) => code === 'PLAN_OPTION_IGNORED')).toHaveLength(2);
    expect(codes('5.1')).not.toContain('PLAN_OPTION_IGNORED');
    expect(finding('PLAN_INTERVAL_INEFFECTIVE', records)?.message).toContain(
      'interval=7 of www.example.org comes to 10 s',
    );
  });

  test('which standbys are forgotten, and that another record can keep them', () => {
    const ordered = `www A ifurlup(${URL},{{'192.0.2.1'},{'192.0.2.2'}})`;
    const { records } = planFor([ordered]);
    expect(records[0]?.standbyChecks).toBe(1);
    expect(records[0]?.detection?.mixedSeconds).toBeGreaterThan(0);
    expect(finding('PLAN_STANDBY_FORGOTTEN', [ordered])?.severity).toBe('wrong');
    expect(finding('PLAN_STANDBY_FORGOTTEN', [ordered, `warm A ifurlup(${URL},{'192.0.2.2'})`])).toBeUndefined();
  });

  test('once for each option that lines ignore, with all of those lines and their servers', () => {
    const records = [`www A ifurlup(${URL},{'192.0.2.1'},{interval=7})`];
    const { fleet, surveys } = inputFor(records, { servers: 4 });
    const lines = ['4.9', '4.7', '5.1', '4.9'] as const;
    const servers = fleet.servers.map((server, i) => ({ ...server, profile: PROFILES[lines[i] ?? '5.1'] }));
    const slow = servers.map((server, i) =>
      i === 3 ? { ...server, settings: { ...server.settings, checkIntervalSeconds: 30 } } : server,
    );
    const { findings } = makePlan({ fleet: { ...fleet, servers: slow }, surveys });
    expect(findings.filter(({ code }) => code === 'PLAN_OPTION_IGNORED').map(({ message }) => message)).toEqual([
      'interval of www.example.org does nothing on PowerDNS 4.9 (ns1 and ns4) and 4.7 (ns2): it came with 5.0.',
    ]);
  });

  test('no longer which standbys are forgotten once the primary is stated to be down: they are asked for then', () => {
    const ordered = `www A ifurlup(${URL},{{'192.0.2.1'},{'192.0.2.2'},{'192.0.2.3'}})`;
    const states = (...down: readonly string[]) => ({
      targets: { states: new Map(down.map((name) => [name, 'refuses'] as const)) },
    });
    expect(finding('PLAN_STANDBY_FORGOTTEN', [ordered], states('192.0.2.1'))?.message).toContain(
      '1 check of standby sets of www.example.org is forgotten after 3600 s in which targets are as stated, since nobody asks. When what is up then fails,',
    );
    expect(finding('PLAN_STANDBY_FORGOTTEN', [ordered], states('192.0.2.1', '192.0.2.2'))).toBeUndefined();
  });

  test('whether the agent may ask as often as it would, and gets through', () => {
    const crossCheck = { intervalSeconds: 5, queriesPerSecond: 1, clients: 10 };
    expect(finding('PLAN_CROSS_CHECK_SLOW', [plain], { crossCheck })?.advice).toContain('interval: 10s');
    expect(
      finding('PLAN_FRONT_LIMIT', [plain], { front: 1, crossCheck: { ...crossCheck, queriesPerSecond: 50 } }),
    ).toBeDefined();
    expect(finding('PLAN_CROSS_CHECK_SLOW', [plain])).toBeUndefined();
  });

  test('the worst first', () => {
    const order = ['wrong', 'costly', 'note'];
    const { findings } = planFor([plain, `api A ifurlup(${URL},{{'192.0.2.1'},{'192.0.2.3'}},{timeout=9})`], {
      interval: 1,
    });
    const places = findings.map(({ severity }) => order.indexOf(severity));
    expect(places).toEqual(places.toSorted());
    expect(places.length).toBeGreaterThan(3);
  });
});
