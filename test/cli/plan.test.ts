import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { folderWith, run } from './run.ts';

const ZONE = `$ORIGIN acme.test.
@ 60 IN SOA ns1 hostmaster 1 3600 600 86400 60
api 30 IN LUA A "ifurlup('http://api.acme.test/', {{'192.0.2.1'},{'192.0.2.2'}}, {timeout=1})"
www 30 IN LUA A "ifurlup('http://api.acme.test/', {'192.0.2.1'})"
`;
const FLEET = `servers:
  - { name: ns1, vantage: fsn, pdns: "4.9", settings: { lua-health-checks-interval: 1 } }
  - { name: ns2, vantage: hel, pdns: "5.1" }
`;

const planJson = z.object({
  findings: z.array(z.object({ code: z.string(), severity: z.string(), message: z.string(), advice: z.string() })),
  servers: z.array(z.object({ name: z.string(), distinctChecks: z.number(), warmChecks: z.number() })),
  records: z.array(
    z.object({ name: z.string(), detection: z.object({ hangs: z.object({ latestSeconds: z.number() }) }) }),
  ),
  whatIf: z.object({
    changes: z.array(z.string()),
    plan: z.object({ total: z.object({ probesPerSecond: z.number() }) }),
  }),
  total: z.object({ probesPerSecond: z.number() }),
});

describe('plan', () => {
  it('says what stands out first, then shows servers, targets and records', async () => {
    const folder = await folderWith({ 'acme.test.zone': ZONE, 'fleet.yaml': FLEET });
    const { code, stdout, stderr } = await run(folder, 'plan', '--zone', 'acme.test.zone', '--fleet', 'fleet.yaml');
    expect([code, stderr]).toEqual([0, '']);
    const places = [
      '(PLAN_STANDBY_FORGOTTEN)',
      '(PLAN_DUPLICATE_CHECKS)',
      'ns1 ',
      '192.0.2.1 ',
      'api.acme.test. A',
      'Assumed:',
    ];
    expect(places.map((text) => stdout.indexOf(text))).toEqual(
      places.map((text) => stdout.indexOf(text)).toSorted((a, b) => a - b),
    );
    expect(stdout.indexOf('(PLAN_STANDBY_FORGOTTEN)')).toBeGreaterThan(0);
  });

  it('tells programs the same, with units in its keys, and what a change would do', async () => {
    const folder = await folderWith({ 'acme.test.zone': ZONE });
    const args = ['--zone', 'acme.test.zone', '--pdns', '4.9', '--format', 'json', '--what-if', 'interval=10'];
    const { code, stdout } = await run(folder, 'plan', ...args);
    expect(code).toBe(0);
    const plan = planJson.parse(JSON.parse(stdout));
    expect(plan.servers).toEqual([{ name: 'pdns', distinctChecks: 3, warmChecks: 2 }]);
    expect(plan.records.map(({ name }) => name)).toEqual(['api.acme.test.', 'www.acme.test.']);
    expect(plan.records[1]?.detection.hangs.latestSeconds).toBeCloseTo(6.99, 3);
    expect(plan.total.probesPerSecond).toBeCloseTo(2 * plan.whatIf.plan.total.probesPerSecond, 6);
  });

  it('takes targets as a fleet states them, and warns of what it states to no effect', async () => {
    const zone = `${ZONE}ext 30 IN LUA A "ifurlextup({{['192.0.2.3']='http://hc.acme.test/'},{['192.0.2.4']='http://192.0.2.9/'}})"\n`;
    const states = '"192.0.2.3": refuses, "192.0.2.9": hangs, "192.0.2.77": hangs';
    const fleet = `${FLEET}targets: { states: { ${states} } }\n`;
    const folder = await folderWith({ 'acme.test.zone': zone, 'fleet.yaml': fleet });
    const args = ['--zone', 'acme.test.zone', '--fleet', 'fleet.yaml', '--format', 'json', '--what-if', 'interval=10'];
    const { code, stdout, stderr } = await run(folder, 'plan', ...args);
    expect([code, stderr]).toEqual([
      0,
      'warning: targets.states names 192.0.2.77, which no check of these records goes by\n',
    ]);
    const { servers } = planJson.parse(JSON.parse(stdout));
    expect(servers.map(({ distinctChecks, warmChecks }) => [distinctChecks, warmChecks])).toEqual([
      [5, 4],
      [5, 4],
    ]);
  });

  it('draws a curve', async () => {
    const folder = await folderWith({ 'acme.test.zone': ZONE });
    const { code } = await run(folder, 'plan', '--zone', 'acme.test.zone', '--pdns', '4.9', '--curve', 'load.svg');
    expect(code).toBe(0);
    expect(await readFile(join(folder, 'load.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });

  it.each([
    [2, ['--what-if', 'interval=fast'], 'expected a whole number from 1 to 86400 (E_WHAT_IF)'],
    [2, ['--fleet', 'none.yaml'], 'none.yaml: the fleet cannot be read: there is no such file (E_FLEET_FILE)'],
    [3, ['--curve', 'no/load.svg'], 'no/load.svg: the picture cannot be written: there is no such file (E_OUTPUT)'],
  ])('ends with %i for %j', async (exitCode, args, expected) => {
    const folder = await folderWith({ 'acme.test.zone': ZONE });
    const { code, stderr } = await run(folder, 'plan', '--zone', 'acme.test.zone', '--pdns', '4.9', ...args);
    expect(code).toBe(exitCode);
    expect(stderr).toContain(expected);
  });

  it('needs LUA records', async () => {
    const folder = await folderWith({ 'acme.test.zone': ZONE.split('\n').slice(0, 2).join('\n') });
    const { code, stderr } = await run(folder, 'plan', '--zone', 'acme.test.zone');
    expect(code).toBe(2);
    expect(stderr).toContain('there are no LUA records in the zones that were read (acme.test.) (E_NO_LUA)');
  });
});
