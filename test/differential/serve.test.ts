/** `serve` beside a real PowerDNS with the same configuration directory: the same questions, the same answers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningShadow, serveShadow } from '../../agent/serve.ts';
import { version } from '../../cli/version.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import { ask } from '../../wire/rig/ask.ts';
import { type RunningPowerDns, startPowerDns } from '../../wire/rig/rig.ts';
import { describeForEachServer } from '../powerdns/for-each-server.ts';

const ZONE = `$ORIGIN acme.test.
$TTL 30
@ IN SOA ns1 host 1 60 60 60 60
@ IN NS ns1
@ IN MX 10 mail
ns1 IN A 127.0.0.1
mail IN A 127.0.0.9
weighted IN LUA A "pickwhashed({{80,'127.0.0.2'},{20,'127.0.0.3'}})"
who IN LUA TXT "bestwho:toString()"
alias IN CNAME weighted
lua-alias IN LUA CNAME "'weighted.acme.test'"
nothing IN LUA A "{}"
broken IN LUA A "nonsense("
both IN A 127.0.0.4
both IN LUA A "'127.0.0.5'"
sub IN NS ns.sub
ns.sub IN A 127.0.0.8
x.ent IN A 127.0.0.7
*.wild IN LUA A "createForward()"
`;

const QUESTIONS = [
  ['weighted.acme.test', 'A'],
  ['WEIGHTED.acme.test', 'A'],
  ['weighted.acme.test', 'AAAA'],
  ['who.acme.test', 'TXT'],
  ['alias.acme.test', 'A'],
  ['lua-alias.acme.test', 'A'],
  ['lua-alias.acme.test', 'CNAME'],
  ['nothing.acme.test', 'A'],
  ['broken.acme.test', 'A'],
  ['both.acme.test', 'A'],
  ['no-such-name.acme.test', 'A'],
  ['ent.acme.test', 'A'],
  ['below.sub.acme.test', 'A'],
  ['1-2-3-4.wild.acme.test', 'A'],
  ['acme.test', 'SOA'],
  ['acme.test', 'MX'],
  ['acme.test', 'NS'],
  ['another.test', 'A'],
  ['pl+us.acme.test', 'A'],
] as const;

const WAYS = [
  ['over UDP', {}],
  ['with a client network', { ecs: '198.51.100.0/24' }],
  ['with an IPv6 network', { ecs: '2001:db8:aa::/56' }],
  ['over TCP', { tcp: true }],
] as const;

describeForEachServer('serve answers as the real server does', (binary) => {
  let real: RunningPowerDns;
  let shadow: RunningShadow;

  beforeAll(async () => {
    real = await startPowerDns({ binary, zones: { 'acme.test': ZONE } });
    shadow = await serveShadow({
      configDir: real.configDir,
      profile: PROFILES[binary.line],
      listen: { address: '127.0.0.1', port: 0 },
      version,
      onWarning: () => {},
    });
  });
  afterAll(async () => {
    await shadow?.close();
    await real?.stop();
  });

  describe.each(WAYS)('%s', (_way, options) => {
    test.each(QUESTIONS)('%s %s', async (name, type) => {
      const [ours, theirs] = await Promise.all([
        ask(shadow.endpoint, name, type, options),
        ask(real, name, type, options),
      ]);
      expect(comparable(ours)).toEqual(comparable(theirs));
    });
  });
});

/** Answers may come in any order. */
function comparable(answer: Awaited<ReturnType<typeof ask>>) {
  return { ...answer, answers: answer.answers.map((record) => JSON.stringify(record)).sort() };
}
