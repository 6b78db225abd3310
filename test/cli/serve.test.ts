/** `serve`, started as `pdns_server` is. */
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { ask } from '../../wire/transport.ts';
import { folderWith, run, start } from './run.ts';

const CONFIG = {
  'pdns.conf': 'launch=bind\nbind-config=named.conf\nenable-lua-records=yes\n',
  'named.conf': 'zone "acme.test" { type native; file "acme.test.zone"; };\n',
  'acme.test.zone': [
    '$ORIGIN acme.test.',
    '@ 60 IN SOA ns1 host 1 60 60 60 60',
    '@ 60 IN NS ns1',
    'ns1 60 IN A 127.0.0.1',
    'www 30 IN LUA A "pickwhashed({{1,\'127.0.0.2\'}})"',
    'loop 30 IN LUA A "; while true do end"',
    '',
  ].join('\n'),
};

it('answers over DNS, takes flags of pdns_server, says what cannot be answered, and ends on SIGTERM', async () => {
  const folder = await folderWith(CONFIG);
  const flags = [
    'serve',
    '--config-dir=.',
    '--local-address=127.0.0.1',
    '--local-port',
    '0',
    '--loglevel=9',
    '--pdns=4.9',
  ];
  const child = start(folder, flags);
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [said] = await once(child.stdout?.setEncoding('utf8') ?? child, 'data');
  expect(said).toMatch(/^Listening on 127\.0\.0\.1:\d+ as PowerDNS 4\.9 with 1 zone\n$/);
  const port = Number(/:(\d+) as/.exec(String(said))?.[1]);

  const reply = await ask({ address: '127.0.0.1', port }, { name: 'www.acme.test.', type: 'A' }, { timeoutMs: 5000 });
  expect(reply).toMatchObject({ kind: 'answer', response: { rcode: 'NOERROR', authoritative: true } });
  expect(reply.kind === 'answer' ? reply.response.answers : []).toMatchObject([{ rdata: '127.0.0.2', ttlSeconds: 30 }]);

  const silence = await ask(
    { address: '127.0.0.1', port },
    { name: 'loop.acme.test.', type: 'A' },
    { timeoutMs: 1500 },
  );
  expect(silence.kind).toBe('failed');
  const again = await ask({ address: '127.0.0.1', port }, { name: 'www.acme.test.', type: 'A' }, { timeoutMs: 5000 });
  expect(again.kind).toBe('answer');
  expect(errors).toContain('E_LUA_ENDLESS');

  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});

it.each([
  ['launch=gsqlite3\napi=yes\napi-key=k\n', /pdnsutil list-zone/],
  ['launch=bind\n', /launch=bind and bind-config=named\.conf/],
])('does not start without zones, and says how it gets some: %j', async (conf, hint) => {
  const folder = await folderWith({ 'pdns.conf': conf });
  const { code, stdout, stderr } = await run(folder, 'serve', '--config-dir=.', '--local-address=127.0.0.1');
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^DIR\/pdns\.conf: there are no zones to answer from.*\(E_NO_ZONES\)\n/);
  expect(stderr.split('\n')[1]).toMatch(hint);
});

it('does not start where its only zone cannot be read, and says why', async () => {
  const folder = await folderWith({ ...CONFIG, 'acme.test.zone': 'nonsense\n' });
  const { code, stderr } = await run(folder, 'serve', '--config-dir=.', '--local-address=127.0.0.1');
  expect(code).toBe(2);
  expect(stderr).toMatch(/\(E_NO_ZONES\)[\s\S]*DIR\/acme\.test\.zone:1:\d+: .*\(E_ZONE_SYNTAX\)/);
});

it('says where it cannot listen', async () => {
  const folder = await folderWith(CONFIG);
  const { code, stderr } = await run(
    folder,
    'serve',
    '--config-dir',
    '.',
    '--local-address',
    'nowhere',
    '--local-port',
    '5300',
  );
  expect(code).toBe(2);
  expect(stderr).toMatchInlineSnapshot(`
    "--local-address nowhere --local-port 5300: not an address and a port (E_LISTEN)
      One address, such as --local-address 127.0.0.1 --local-port 5300.
    "
  `);
});
