/** Records that PowerDNS loads and cannot read, strings without quotes, and zones without SOA: asked of servers and of the evaluator. */
import { expect, onTestFinished, test } from 'vitest';
import { predict } from '../../simulator/answer/predict.ts';
import { UP } from '../../simulator/health/status.ts';
import { ask } from '../../wire/rig/ask.ts';
import { startPowerDns } from '../../wire/rig/rig.ts';
import { describeForEachServer } from './for-each-server.ts';
import { modelBeside } from './model-beside.ts';

const APEX = `@ 60 IN SOA ns1 root 1 3600 600 86400 60
@ 60 IN NS ns1
`;

const ZONES: Readonly<Record<string, string>> = {
  'bad.test': `${APEX}a 60 IN LUA A "'1.1.1.1'"
rr 60 IN A 1.2.3
sub.rr 60 IN A 1.1.1.2
*.rr 60 IN A 1.1.1.3
mx 60 IN MX 10
mx 60 IN A 1.1.1.4
l1 60 IN LUA TXT 'single'
l2 60 IN LUA A single
l3 60 IN LUA TXT 'two words'
l4 60 IN LUA TXT "'1'" ..'x'
l5 60 IN LUA TXT
l6 60 IN LUA NOPE "1"
l7 60 IN LUA "1"
t1 60 IN TXT hello
t2 60 IN TXT it's
t3 60 IN TXT two  words
t4 60 IN TXT "a" b-c
t5 60 IN TXT "a" b
t6 60 IN TXT (two words)
t7 60 IN TXT a;b
six 60 IN AAAA 1.2.3.4
srv 60 IN SRV 1 2 x y
ds 60 IN DS 1 2
*.w 60 IN A 9
x.w 60 IN A 1.1.1.9
w 60 IN TXT "there"
both 60 IN A 1.1.1.7
both 60 IN AAAA zz
extra 60 IN A 1.2.3.4 5
hx 60 IN TLSA 1 1 1 zz
op 60 IN TYPE65000 abc
`,
  'apex.test': `${APEX}@ 60 IN MX 10
a 60 IN A 1.1.1.1
`,
  'badsoa.test': `@ 60 IN SOA ns1 root 1 2 3
@ 60 IN NS ns1
a 60 IN A 1.1.1.1
`,
  'nosoa.test': `@ 60 IN NS ns1
a 60 IN LUA A "'1.1.1.1'"
b 60 IN A 1.1.1.1
`,
  'outer.test': `${APEX}*.x 60 IN A 2.2.2.2
`,
  'x.outer.test': `@ 60 IN NS ns1
a 60 IN A 1.1.1.1
`,
};

const QUESTIONS = [
  ...['a', 'rr', 'sub.rr', 'zz.rr', 'mx', 'below.mx', 'l2', 'both', 'extra', 'q.w', 'x.w', 'nope'].map(
    (n) => `${n}.bad A`,
  ),
  ...['l1', 'l3', 'l4', 'l5', 'l6', 'l7', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 'w'].map((n) => `${n}.bad TXT`),
  ...['rr.bad AAAA', 'mx.bad MX', 'six.bad AAAA', 'srv.bad SRV', 'ds.bad DS', 'both.bad AAAA', 'hx.bad TLSA'],
  ...['bad SOA', 'apex SOA', 'apex MX', 'apex A', 'a.apex A', 'nope.apex A', 'badsoa SOA', 'a.badsoa A'],
  ...['nosoa SOA', 'nosoa NS', 'a.nosoa A', 'b.nosoa A', 'a.x.outer A', 'x.outer A', 'op.bad TYPE65000'],
].map((text) => {
  const [name = '', type = ''] = text.split(' ');
  return { name: `${name}.test.`, type };
});

describeForEachServer('records that cannot be read', (binary) => {
  test('are answered as the evaluator says', async () => {
    const server = await startPowerDns({
      binary,
      zones: ZONES,
      settings: { 'cache-ttl': '0', 'query-cache-ttl': '0' },
    });
    onTestFinished(() => server.stop());
    const model = modelBeside(binary, ZONES);
    for (const { name, type } of QUESTIONS) {
      const { rcode, answers } = await ask(server, name, type as Parameters<typeof ask>[2]);
      const seen = { rcode, data: answers.map(({ data }) => data) };
      const question = { name, type, client: model.localAddress };
      const [predicted] = predict(question, model, () => UP).outcomes;
      const said = {
        rcode: predicted?.outcome.rcode,
        data: predicted?.outcome.answers.map(({ rdata }) => (type === 'TXT' ? textOf(rdata) : rdata)),
      };
      expect({ name, type, ...(isCompared(type) ? said : { rcode: said.rcode }) }).toEqual({
        name,
        type,
        ...(isCompared(type) ? seen : { rcode: seen.rcode }),
      });
    }
  });
});

/** Of other types the response code says it all. */
function isCompared(type: string): boolean {
  return type === 'A' || type === 'TXT';
}

/** The strings of a text, one behind the other. */
function textOf(rdata: string): string {
  return [...rdata.matchAll(/"((?:\\.|[^"\\])*)"/g)].map(([, text = '']) => text).join('');
}
