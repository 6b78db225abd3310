import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { folderWith, run } from './run.ts';
import { wrongRecords, zoneText } from './zone.ts';

const files = { 'acme.test.zone': zoneText };

const Outcomes = z.array(
  z.strictObject({
    rcode: z.string(),
    answers: z.array(z.string()),
    ttlSeconds: z.number().nullable(),
    probability: z.number(),
    probabilityExact: z.string(),
    confidence: z.strictObject({ level: z.number(), from: z.number(), to: z.number() }).optional(),
  }),
);

const Checks = z.array(
  z.strictObject({
    id: z.string(),
    kind: z.enum(['http', 'tcp']),
    target: z.string(),
    url: z.string(),
    options: z.record(z.string(), z.unknown()),
    status: z.enum(['up', 'down', 'unknown']),
    weight: z.number().optional(),
  }),
);

const Warnings = z.array(z.strictObject({ code: z.string(), message: z.string() }));

const Prediction = z.strictObject({
  name: z.string(),
  type: z.string(),
  profile: z.string(),
  exact: z.boolean(),
  sampleSize: z.number().optional(),
  client: z.strictObject({ address: z.string(), ecs: z.string().optional() }),
  outcomes: Outcomes,
  ecsScope: z.number().nullable(),
  checks: Checks,
  warnings: Warnings,
  because: z.array(z.strictObject({ step: z.string(), detail: z.record(z.string(), z.unknown()) })),
  changes: z.array(
    z.strictObject({
      kind: z.enum(['status', 'clientNetwork', 'geoip']),
      change: z.string(),
      check: z.string().optional(),
      status: z.string().optional(),
      outcomes: Outcomes,
    }),
  ),
});

const Clients = z.strictObject({
  name: z.string(),
  type: z.string(),
  profile: z.string(),
  exact: z.boolean(),
  clients: z.string(),
  geoip: z.array(z.string()),
  answers: z.array(
    z.strictObject({
      groups: z.array(z.strictObject({ share: z.number(), shareExact: z.string(), outcomes: Outcomes })),
      networks: z.number(),
      ipv4Addresses: z.number(),
      prefixes: z.number(),
    }),
  ),
  checks: Checks,
  warnings: Warnings,
  prefixes: z.array(
    z.union([
      z.strictObject({ prefix: z.string(), answer: z.number() }),
      z.strictObject({ prefix: z.string(), as: z.string() }),
    ]),
  ),
});

async function predictJson(text: string, ...args: string[]) {
  const folder = await folderWith({ 'acme.test.zone': text });
  const { code, stdout, stderr } = await run(folder, 'predict', ...args, '--zone=acme.test.zone', '--format=json');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return Prediction.parse(JSON.parse(stdout));
}

const shares = ({ outcomes }: z.output<typeof Prediction>) =>
  Object.fromEntries(outcomes.map(({ answers, probabilityExact }) => [answers.join(' '), probabilityExact]));

describe('predict for people', () => {
  it('lists answers with their exact probability, and what the targets were taken to be', async () => {
    const { code, stdout } = await run(await folderWith(files), 'predict', 'api.acme.test', '--zone', 'acme.test.zone');
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "api.acme.test. A on PowerDNS 5.1

      probability   answer     TTL
      1/2 (50.0 %)  127.0.2.1  30
      1/2 (50.0 %)  127.0.2.2  30

      target       taken as  check
      127.0.2.1:1  up        TCP
      127.0.2.2:1  up        TCP
      "
    `);
  });

  it('says why, step by step', async () => {
    const folder = await folderWith(files);
    const { stdout } = await run(
      folder,
      'predict',
      'web.acme.test',
      '--zone',
      'acme.test.zone',
      '--down',
      '127.0.2.10',
      '--explain',
    );
    expect(stdout).toMatchInlineSnapshot(`
      "web.acme.test. A on PowerDNS 5.1

      probability   answer      TTL
      1/2 (50.0 %)  127.0.2.20  30
      1/2 (50.0 %)  127.0.2.21  30

      target      taken as  check
      127.0.2.10  down      http://web.acme.test:1/
      127.0.2.20  up        http://web.acme.test:1/
      127.0.2.21  up        http://web.acme.test:1/

      Because
        - set 2 of 2 has 2 of 2 up: 127.0.2.20, 127.0.2.21
        - the random selector draws one of 2

      What would change the answer
        - if 127.0.2.10 is up: 127.0.2.10
        - if 127.0.2.20 is down: 127.0.2.21
        - if 127.0.2.21 is down: 127.0.2.20
      "
    `);
  });

  it('says what makes no difference, and gives long lists lines of their own', async () => {
    const folder = await folderWith({
      'acme.test.zone': `${zoneText}geo 30 IN LUA A "ifportup(1, {'127.0.2.1', '127.0.2.2'}, {selector='pickclosest'})"\n`,
      'networks.yaml': `- { network: 198.51.100.0/24, lat: 50, lon: 8 }
- { network: 127.0.2.1, lat: 52, lon: 5 }
- { network: 127.0.2.2, lat: 59, lon: 18 }\n`,
    });
    await run(folder, 'geoip', 'build', 'networks.yaml', 'networks.mmdb');
    const args = ['geo.acme.test', '--zone', 'acme.test.zone', '--geoip', 'networks.mmdb', '--explain'];
    const { stdout } = await run(folder, 'predict', ...args, '--subnet', '198.51.100.0/24');
    expect(stdout.slice(stdout.indexOf('Because'))).toMatchInlineSnapshot(`
      "Because
        - set 1 of 1 has 2 of 2 up: 127.0.2.1, 127.0.2.2
        - closest is 127.0.2.1
            127.0.2.1: 3.606° as PowerDNS measures, 306 km
            127.0.2.2: 13.454° as PowerDNS measures, 1188 km

      What would change the answer
        - if 127.0.2.1:1 is down: 127.0.2.2
        - if GeoIP is not loaded: 127.0.2.1 (1/2) or 127.0.2.2 (1/2)
        - no difference: 127.0.2.2:1 is down, the client's network is ignored
      "
    `);
  });

  // One draw that matters, and so many that do not that they cannot be walked.
  const many = `many 30 IN LUA A "pickrandom({'127.0.2.1','127.0.2.1','127.0.2.1','127.0.2.2'})"
many 30 IN LUA A "pickrandomsample(5,{${Array.from({ length: 40 }, () => "'127.0.2.3'").join()}})"\n`;

  it('samples where there are too many ways to draw, and says so', async () => {
    const folder = await folderWith({ 'acme.test.zone': zoneText + many });
    const { stdout } = await run(folder, 'predict', 'many.acme.test', '--zone', 'acme.test.zone');
    expect(stdout).toMatchInlineSnapshot(`
      "many.acme.test. A on PowerDNS 5.1

      probability               answer               TTL
      75.2 % (74.4 % … 76.0 %)  127.0.2.1 127.0.2.3  30
      24.8 % (24.0 % … 25.6 %)  127.0.2.2 127.0.2.3  30

      There are too many ways to draw to walk them all: these are shares in 20000 draws. In brackets is where the true
      probability lies (confidence 99 %). Answers rarer than 0.033 % may be missing.
      "
    `);
  });

  it('states a confidence for each outcome of a sample', async () => {
    const prediction = await predictJson(zoneText + many, 'many.acme.test');
    expect(prediction).toMatchObject({ exact: false, sampleSize: 20_000 });
    for (const [i, truth] of [0.75, 0.25].entries()) {
      const { from = 1, to = 0 } = prediction.outcomes[i]?.confidence ?? {};
      expect(from).toBeLessThan(truth);
      expect(to).toBeGreaterThan(truth);
    }
  });

  it('takes flags in any place and both spellings, and a name behind a list', async () => {
    const folder = await folderWith(files);
    const before = await run(
      folder,
      'predict',
      '--zone',
      'acme.test.zone',
      '--down=127.0.2.1',
      'api.acme.test',
      '--pdns=5.0',
    );
    const after = await run(
      folder,
      'predict',
      'API.acme.test.',
      'a',
      '--pdns',
      '5.0',
      '--zone=acme.test.zone',
      '--down',
      '127.0.2.1',
    );
    expect(before.stdout).toContain('on PowerDNS 5.0');
    expect(after.stdout.toLowerCase()).toBe(before.stdout.toLowerCase());
  });

  it('says that the name is in no zone, or which one was meant', async () => {
    const folder = await folderWith(files);
    const outside = await run(folder, 'predict', 'api.other.test', '--zone', 'acme.test.zone');
    expect(outside.stdout).toContain('REFUSED');
    expect(outside.stdout).toContain('api.other.test. is in none of the zones that were read (acme.test.).');
    const slip = await run(folder, 'predict', 'apii.acme.test', '--zone', 'acme.test.zone');
    expect(slip.stdout).toContain('NXDOMAIN');
    expect(slip.stdout).toContain('Did you mean api.acme.test.?');
  });

  it('names the record whose code is wrong', async () => {
    const folder = await folderWith({ 'acme.test.zone': zoneText + wrongRecords });
    const { code, stdout } = await run(folder, 'predict', 'syntax.acme.test', '--zone', 'acme.test.zone');
    expect(code).toBe(0);
    expect(stdout).toContain('SERVFAIL');
    expect(stdout).toMatch(
      /warning: syntax\.acme\.test\. A: .*unexpected symbol near '\)' \(E_LUA_ERROR\)\n {2}the record is at acme\.test\.zone:14:1/,
    );
  });

  it.each([
    ['NONSENSE', 'E_TYPE'],
    ['TYPE70000', 'E_TYPE'],
  ])('refuses the record type %s', async (type, code) => {
    const ended = await run(await folderWith(files), 'predict', 'api.acme.test', type, '--zone', 'acme.test.zone');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(code);
  });

  it.each([
    [['a..b'], "the name 'a..b' has an empty label (E_NAME_SYNTAX)"],
    [['api.acme.test', '--from', '127.1'], '--from 127.1: not an IP address (E_ADDRESS)'],
    [['api.acme.test', '--subnet', '10.0.0.0/33'], '--subnet 10.0.0.0/33: an address has 32 bits (E_SUBNET)'],
    [['api.acme.test', '--subnet', 'eu'], '--subnet eu: not a network (E_SUBNET)'],
    [['api.acme.test', '--up', '::1', '--down', '0:0::1'], '::1 is stated --up and --down (E_TARGET_TWICE)'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await run(await folderWith(files), 'predict', ...args, '--zone', 'acme.test.zone');
    expect(code).toBe(2);
    expect(stderr.split('\n')[0]).toBe(message);
    expect(stderr.split('\n')[1]).toMatch(/^ {2}[A-Z]/);
  });
});

describe('predict for programs', () => {
  it('has the shape of the interface, and probabilities that sum to one', async () => {
    const prediction = await predictJson(zoneText, 'api.acme.test', '--subnet', '198.51.100.7/24');
    expect(prediction).toMatchObject({
      name: 'api.acme.test.',
      type: 'A',
      profile: '5.1',
      exact: true,
      client: { address: '127.0.0.1', ecs: '198.51.100.0/24' },
      ecsScope: 24,
      warnings: [],
    });
    expect(prediction.outcomes.reduce((sum, { probability }) => sum + probability, 0)).toBe(1);
    for (const { step } of prediction.because) expect(step).toMatch(/^\S.* .*\S$/);
  });

  it('has everything up where nothing is stated', async () => {
    expect(shares(await predictJson(zoneText, 'api.acme.test'))).toEqual({ '127.0.2.1': '1/2', '127.0.2.2': '1/2' });
  });

  it('has all others down where only targets that are up are stated', async () => {
    const prediction = await predictJson(zoneText, 'api.acme.test', '--up', '127.0.2.2');
    expect(prediction.checks.map(({ status }) => status)).toEqual(['down', 'up']);
    expect(shares(prediction)).toEqual({ '127.0.2.2': '1' });
  });

  it('has all others up where one is stated down, by address or address and port', async () => {
    for (const target of ['127.0.2.1', '127.0.2.1:1']) {
      expect(shares(await predictJson(zoneText, 'api.acme.test', '--down', target))).toEqual({ '127.0.2.2': '1' });
    }
  });

  it('knows a target by the URL of its check, and an IPv6 address in any spelling', async () => {
    const url = await predictJson(zoneText, 'web.acme.test', '--down', 'http://web.acme.test:1/');
    expect(url.checks.map(({ status }) => status)).toEqual(['down', 'down', 'down']);
    const six = await predictJson(zoneText, 'six.acme.test', '--down', '0:0::1');
    expect(six.checks).toMatchObject([{ target: '[::1]:1', status: 'down' }]);
    expect(six.warnings).toEqual([]);
  });

  it('has a standby that was never probed', async () => {
    const prediction = await predictJson(
      zoneText,
      'web.acme.test',
      '--down',
      '127.0.2.10',
      '--unknown',
      '127.0.2.20',
      '--up',
      '127.0.2.21',
    );
    expect(prediction.checks.map(({ target, status }) => [target, status])).toEqual([
      ['127.0.2.10', 'down'],
      ['127.0.2.20', 'unknown'],
      ['127.0.2.21', 'up'],
    ]);
    expect(shares(prediction)).toEqual({ '127.0.2.21': '1' });
  });

  describe('of ifurlextup, whose checks know no address', () => {
    const text = `${zoneText}ext 30 IN LUA A "ifurlextup({{['127.0.2.1']='http://127.0.2.9:1/',['127.0.2.2']='http://hc.test/'},{['127.0.2.3']='http://hc.test/'}})"\n`;

    it.each([
      ['an address that is mapped to the URL', '127.0.2.1', '127.0.2.2'],
      ['the address in the URL', '127.0.2.9', '127.0.2.2'],
      ['the name in the URL', 'hc.test', '127.0.2.1'],
      ['another address with the same URL, since both share the check', '127.0.2.3', '127.0.2.1'],
    ])('takes a target as down by %s', async (_, down, left) => {
      const prediction = await predictJson(text, 'ext.acme.test', '--down', down);
      expect([shares(prediction), prediction.warnings]).toEqual([{ [left]: '1' }, []]);
    });

    it('warns of what really matches nothing, and of two things that are said of one check', async () => {
      const { warnings } = await predictJson(text, 'ext.acme.test', '--down', '192.0.2.77');
      expect(warnings).toEqual([
        {
          code: 'E_TARGET_UNUSED',
          message: 'ext.acme.test. A checks no target 192.0.2.77. It checks http://127.0.2.9:1/, http://hc.test/.',
        },
      ]);
      const both = await predictJson(text, 'ext.acme.test', '--down', '127.0.2.3', '--up', '127.0.2.2');
      expect(both.warnings).toEqual([
        {
          code: 'E_TARGET_CONTRADICTED',
          message:
            '127.0.2.3 is stated down, 127.0.2.2 is stated up, but one check speaks for both (http://hc.test/): it is taken as down.',
        },
      ]);
    });

    it('does not probe those that are stated', async () => {
      const { port, connections } = await listenAnywhere();
      const zone = `${zoneText}ext 30 IN LUA A "ifurlextup({{['127.0.2.1']='http://127.0.0.1:${port}/'},{['127.0.2.2']='http://127.0.0.1:${port}/'}})"\n`;
      await predictJson(zone, 'ext.acme.test', '--probe', '--up', '127.0.2.2');
      expect(connections()).toBe(0);
    });
  });

  it('warns of a target that the record does not check', async () => {
    const { warnings } = await predictJson(zoneText, 'api.acme.test', '--down', '127.0.2.11');
    expect(warnings).toEqual([
      { code: 'E_TARGET_UNUSED', message: 'api.acme.test. A checks no target 127.0.2.11. Did you mean 127.0.2.1?' },
    ]);
    const none = await predictJson(zoneText, 'any.acme.test', '--down', '127.0.2.1');
    expect(none.warnings[0]?.message).toBe('any.acme.test. A checks no target 127.0.2.1. It checks nothing.');
  });

  it('probes the targets once where it is told to, and leaves those alone that are stated', async () => {
    const target = await listenAnywhere();
    const { port, connections } = target;
    const text = `${zoneText}probed 30 IN LUA A "ifportup(${port}, {'127.0.0.1', '127.0.2.9'})"\n`;
    const probed = await predictJson(text, 'probed.acme.test', '--probe');
    expect(shares(probed)).toEqual({ '127.0.0.1': '1' });
    await expect.poll(connections).toBe(1);
    const stated = await predictJson(text, 'probed.acme.test', '--probe', '--down', '127.0.0.1', '--up', '127.0.2.9');
    expect(shares(stated)).toEqual({ '127.0.2.9': '1' });
    expect(connections()).toBe(1);
  });

  it('does not probe a standby whose primary is up, nor other records', async () => {
    const [primary, standby] = [await listenAnywhere(), await listenAnywhere()];
    const text = `${zoneText}hot 30 IN LUA A "ifurlup('http://a.test/', {{'127.0.0.1:${primary.port}'}})"
sets 30 IN LUA A ";local up = ifportup(${primary.port}, {'127.0.0.1'}) return up[1] or ifportup(${standby.port}, {'127.0.0.1'})"
other 30 IN LUA A "ifportup(${standby.port}, {'127.0.0.1'})"\n`;
    await predictJson(text, 'sets.acme.test', '--probe');
    await expect.poll(primary.connections).toBe(1);
    expect(standby.connections()).toBe(0);
  });

  it('asks from an address, and for a network', async () => {
    const plain = await predictJson(zoneText, 'who.acme.test', '--from', '127.0.0.77');
    expect(plain.outcomes[0]?.answers).toEqual(['"127.0.0.77"']);
    const network = await predictJson(zoneText, 'who.acme.test', '--from', '127.0.0.77', '--subnet', '198.51.100.0/24');
    expect(network.outcomes[0]?.answers).toEqual(['"198.51.100.0"']);
  });

  it.each([
    ['loop', 'DROPPED', 'E_LUA_ENDLESS'],
    ['host', 'OPAQUE', 'E_LUA_OPAQUE'],
    ['syntax', 'SERVFAIL', 'E_LUA_ERROR'],
    ['first', 'NOERROR', 'E_SELECTOR_UNKNOWN'],
  ])('says what is wrong with the record %s, and ends', async (name, rcode, code) => {
    const prediction = await predictJson(zoneText + wrongRecords, `${name}.acme.test`);
    expect(prediction.outcomes[0]?.rcode).toBe(rcode);
    expect(prediction.warnings.map((warning) => warning.code)).toEqual([code]);
  });
});

describe('--all-clients', () => {
  const text = `${zoneText}geo 30 IN LUA A "netmask({'10.1.0.0/16'}) and '127.0.2.9' or country('NL') and '127.0.2.1' or pickhashed({'127.0.2.2','127.0.2.3'})"\n`;
  const networks = '- { network: 10.0.0.0/8, country: NL }\n- { network: 2001:db8::/32, country: NL }\n';

  async function ask(...args: string[]) {
    const folder = await folderWith({ 'acme.test.zone': text, 'networks.yaml': networks });
    await run(folder, 'geoip', 'build', 'networks.yaml', 'networks.mmdb');
    return run(folder, 'predict', ...args, '--zone', 'acme.test.zone', '--all-clients');
  }

  it('shows how the world is shared out', async () => {
    const { code, stdout } = await ask('geo.acme.test', '--geoip', 'networks.mmdb');
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "geo.acme.test. A on PowerDNS 5.1, asked by every client itself

      networks  IPv4 addresses  prefixes  answer
      0.0 %     99.6 %          140       by hash: 1/2 of clients 127.0.2.2, 1/2 of clients 127.0.2.3
      90.0 %    0.39 %          10        127.0.2.1
      10.0 %    0.002 %         1         127.0.2.9

      Shares of networks are of 10 in networks.mmdb, cut where the record cuts them.

      By hash: the hash of its address puts a client into one group for good; that is no draw. The shares are nominal,
      those of very many clients: of a few, or a single address, all may be in one group.
      "
    `);
  });

  it('lists every prefix for programs, in one object', async () => {
    const { stdout, stderr } = await ask('geo.acme.test', '--geoip', 'networks.mmdb', '--format=json');
    expect(stderr).toBe('');
    const map = Clients.parse(JSON.parse(stdout));
    const answerOf = (prefix: string) => {
      const entry = map.prefixes.find((each) => each.prefix === prefix);
      const groups = entry !== undefined && 'answer' in entry ? map.answers[entry.answer]?.groups : [];
      return groups?.map(({ shareExact, outcomes }) => [shareExact, outcomes[0]?.answers.join()]);
    };
    expect(answerOf('10.1.0.0/16')).toEqual([['1', '127.0.2.9']]);
    expect(answerOf('2001:db8::/32')).toEqual([['1', '127.0.2.1']]);
    expect(answerOf('64.0.0.0/2')).toEqual([
      ['1/2', '127.0.2.2'],
      ['1/2', '127.0.2.3'],
    ]);
    expect(map.answers.reduce((sum, { ipv4Addresses }) => sum + ipv4Addresses, 0)).toBe(2 ** 32);
  });

  it('lists every prefix for people and pipes, a line each', async () => {
    const { stdout } = await ask('geo.acme.test', '--geoip', 'networks.mmdb', '--prefixes');
    expect(stdout.split('\n')).toContain('10.1.0.0/16\t127.0.2.9');
    expect(stdout.split('\n')).toContain('64.0.0.0/2\tby hash: 1/2 of clients 127.0.2.2, 1/2 of clients 127.0.2.3');
  });

  it('knows whom a check of ifurlextup speaks for, whichever client asks for it first', async () => {
    const zone = `${files['acme.test.zone']}ext 30 IN LUA A ";if netmask({'10.0.0.0/8'}) then return ifurlextup({{['127.0.2.1']='http://hc.test/'},{['127.0.2.2']='http://hc.test/'},{['127.0.2.3']='http://other.test/'}}) end return '127.0.2.5'"\n`;
    const folder = await folderWith({ 'acme.test.zone': zone });
    const args = ['--zone', 'acme.test.zone', '--all-clients', '--prefixes', '--down', '127.0.2.2'];
    const { stdout, stderr } = await run(folder, 'predict', 'ext.acme.test', ...args);
    expect(stdout.split('\n')).toContain('10.0.0.0/8\t127.0.2.3');
    expect(stderr).not.toContain('E_TARGET');
  });

  it('without GeoIP says what that means', async () => {
    const { stdout } = await ask('geo.acme.test', '--down', '127.0.2.77');
    expect(stdout).toContain('No GeoIP database is loaded, so every client is nowhere');
    expect(stdout).toContain('127.0.2.9');
    expect(stdout).toContain('checks no target 127.0.2.77');
  });

  it.each([
    [['--subnet', '10.0.0.0/8'], '--all-clients asks for everybody, --subnet for one client (E_USAGE)'],
    [['--from', '10.0.0.1'], '--all-clients asks for everybody, --from for one client (E_USAGE)'],
    [['--prefixes', '--format=json'], '--prefixes is text (E_USAGE)'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await ask('geo.acme.test', ...args);
    expect(code).toBe(2);
    expect(stderr.split('\n')[0]).toBe(message);
  });
});

describe('--geoip', () => {
  it('that is left out is missed where the code looks at it, and nowhere else', async () => {
    const text = `${zoneText}geo 30 IN LUA A "country('DE') and '127.0.2.1' or '127.0.2.2'"\n`;
    const folder = await folderWith({ 'acme.test.zone': text });
    const [geo, any] = await Promise.all(
      ['geo', 'any'].map((name) => run(folder, 'predict', `${name}.acme.test`, '--zone', 'acme.test.zone')),
    );
    expect(geo?.stdout).toContain('warning: No GeoIP database is loaded, so every client is nowhere');
    expect(any?.stdout).not.toContain('GeoIP');
  });

  it.each([
    ['missing.mmdb', 'missing.mmdb: cannot read the GeoIP database', 'E_GEOIP_MISSING'],
    ['corrupt.mmdb', 'corrupt.mmdb: not a usable MaxMind DB', 'E_GEOIP_CORRUPT'],
    ['GeoIP.dat', 'GeoIP.dat is a legacy GeoIP database', 'E_GEOIP_UNSUPPORTED'],
    ['database', 'database: PowerDNS knows no GeoIP driver', 'E_GEOIP_DRIVER'],
  ])('refuses %s', async (file, message, code) => {
    const folder = await folderWith({ ...files, 'corrupt.mmdb': 'no database at all', database: '' });
    const ended = await run(folder, 'predict', 'api.acme.test', '--zone', 'acme.test.zone', '--geoip', file);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).toContain(`(${code})\n  `);
    expect(ended.stdout).toBe('');
  });

  it('puts clients where the database has them', async () => {
    const folder = await folderWith({
      'acme.test.zone': `${zoneText}where 30 IN LUA TXT "countryCode()"\n`,
      'networks.yaml': '- { network: 198.51.100.0/24, country: NL }\n',
    });
    const built = await run(folder, 'geoip', 'build', 'networks.yaml', 'networks.mmdb');
    expect(built).toEqual({ code: 0, stdout: 'networks.mmdb: 1 networks\n', stderr: '' });
    const args = ['where.acme.test', '--zone', 'acme.test.zone', '--geoip', 'networks.mmdb', '--format', 'json'];
    const { stdout } = await run(folder, 'predict', ...args, '--subnet', '198.51.100.0/24');
    expect(Prediction.parse(JSON.parse(stdout)).outcomes[0]?.answers).toEqual(['"nl"']);
    const looked = await run(folder, 'geoip', 'lookup', '198.51.100.9', '--geoip', 'networks.mmdb', '--format=json');
    expect(JSON.parse(looked.stdout)).toMatchObject([{ address: '198.51.100.9', country: 'nl' }]);
  });

  it('says where the YAML of a database is wrong, or that it cannot be written', async () => {
    const folder = await folderWith({
      'networks.yaml': '- { network: 198.51.100.0/24, contry: NL }\n',
      'good.yaml': '- { network: 198.51.100.0/24, country: NL }\n',
      'empty.yaml': '',
      'old.mmdb': 'as it was',
    });
    const empty = await run(folder, 'geoip', 'build', 'empty.yaml', 'old.mmdb');
    expect(empty.code).toBe(2);
    expect(empty.stderr).toMatch(/^empty\.yaml: there are no networks in the list \(E_GEOIP_EMPTY\)\n {2}Write/);
    expect(await readFile(join(folder, 'old.mmdb'), 'utf8')).toBe('as it was');
    const wrong = await run(folder, 'geoip', 'build', 'networks.yaml', 'out.mmdb');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/^networks\.yaml:1:\d+: .*contry/);
    const output = await run(folder, 'geoip', 'build', 'good.yaml', 'no-such-folder/out.mmdb');
    expect(output.code).toBe(3);
    expect(output.stderr).toBe(
      'no-such-folder/out.mmdb: the database cannot be written: there is no such file (E_OUTPUT)\n',
    );
  });
});

async function listenAnywhere(): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).end();
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return { port: address !== null && typeof address === 'object' ? address.port : 0, connections: () => connections };
}
