import { describe, expect, test } from 'vitest';
import { inputFor } from './fixtures/plans.ts';
import { makePlan } from './make-plan.ts';
import { parseWhatIf, withWhatIfs } from './what-if.ts';

const records = ["www A ifurlup('http://svc.test/',{'192.0.2.1','192.0.2.2'})"];

function planWith(...changes: string[]) {
  return makePlan(withWhatIfs(inputFor(records, { line: '5.1', servers: 2 }), changes.map(parseWhatIf)));
}

describe('what if', () => {
  const now = planWith();

  test('the interval were another', () => {
    const then = planWith('interval=10');
    expect(then.total.probesPerSecond).toBeCloseTo(now.total.probesPerSecond / 2, 2);
    expect(then.records[0]?.detection?.refuses.latestSeconds).toBeCloseTo(20, 3);
  });

  test('there were more servers', () => {
    const then = planWith('servers=5');
    expect(then.servers.map(({ name }) => name)).toEqual(['ns1', 'ns2', 'ns1-2', 'ns2-2', 'ns1-3']);
    expect(then.total.probesPerSecond / now.total.probesPerSecond).toBeCloseTo(2.5, 6);
  });

  test('there were another region, with servers and targets of its own', () => {
    const then = planWith('regions=3');
    expect(then.servers.map(({ vantage }) => vantage)).toEqual(['place1', 'place2', 'place1-3']);
    expect(then.servers[0]?.distinctChecks).toBe(3);
    expect(planWith('regions=1').servers[0]?.distinctChecks).toBe(1);
  });

  test('targets of a further region are as well as any, whatever is stated of the ones that they are like', () => {
    const states = new Map([['hc.test', 'refuses'] as const]);
    const input = inputFor(["www A ifurlextup({{['192.0.2.1']='http://hc.test/'}})"], { targets: { states } });
    const then = makePlan(withWhatIfs(input, [parseWhatIf('regions=2')]));
    expect(then.targets.map(({ target }) => target).toSorted()).toEqual(['hc.test', 'hc.test-2']);
    expect(new Set(then.targets.map(({ bytesPerDay }) => bytesPerDay)).size).toBe(2);
  });

  test('servers whose names begin alike are not taken for each other, nor is a name given twice', () => {
    const input = inputFor(records, { line: '5.1', servers: 2 });
    const [first, second] = input.fleet.servers;
    if (first === undefined || second === undefined) throw new Error('there are two servers');
    const more = inputFor([...records, "api A ifportup(443,{'192.0.2.7'})"]);
    const mixed = {
      fleet: {
        ...input.fleet,
        servers: [
          { ...first, name: 'ns' },
          { ...second, name: 'ns-3' },
        ],
      },
      surveys: [input.surveys[0] ?? [], more.surveys[0] ?? []],
    };
    const then = makePlan(withWhatIfs(mixed, [parseWhatIf('regions=3')]));
    expect(then.servers.map(({ name, distinctChecks }) => [name, distinctChecks])).toEqual([
      ['ns', 3],
      ['ns-3', 5],
      ['ns-4', 3],
    ]);
  });

  test('records had other options and another TTL', () => {
    const then = planWith('minimumFailures=3', 'timeout=1', 'ttl=5');
    const [before, after] = [now, then].map(({ records: [record] }) => record);
    expect(after?.detection?.hangs.latestSeconds).toBeGreaterThan((before?.detection?.hangs.latestSeconds ?? 0) + 15);
    expect([before?.ttlSeconds, after?.ttlSeconds]).toEqual([30, 5]);
  });

  test.each([
    ['intervall=3', 'Did you mean interval?'],
    ['interval', 'expected a whole number from 1'],
    ['servers=0', 'expected a whole number from 1 to 1000'],
    ['timeout=1.5', 'expected a whole number'],
  ])('%s is refused', (text, expected) => {
    expect(() => parseWhatIf(text)).toThrowError(expect.objectContaining({ code: 'E_WHAT_IF' }));
    try {
      parseWhatIf(text);
    } catch (error) {
      expect(
        String(
          error instanceof Error && 'describe' in error && typeof error.describe === 'function'
            ? error.describe()
            : error,
        ),
      ).toContain(expected);
    }
  });
});
