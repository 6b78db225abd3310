import { describe, expect, it } from 'vitest';
import { folderWith, run, start } from './run.ts';
import { zoneText } from './zone.ts';

describe('the command line', () => {
  it('says what there is when it is called with nothing', async () => {
    const { code, stderr, stdout } = await run(await folderWith({}));
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatchInlineSnapshot(`
      "which command? (E_USAGE)
        There are predict, check, agent, serve, plan, geoip and scenario; see pdns-shadow --help.
      "
    `);
  });

  it('knows the command that was meant', async () => {
    const { code, stderr } = await run(await folderWith({}), 'predikt', 'api.acme.test');
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "there is no command 'predikt' (E_USAGE)
        Did you mean predict?
      "
    `);
  });

  it('knows the flag that was meant', async () => {
    const folder = await folderWith({ 'acme.test.zone': zoneText });
    const { code, stderr } = await run(
      folder,
      'predict',
      'api.acme.test',
      '--zone',
      'acme.test.zone',
      '--dwon',
      '127.0.2.1',
    );
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "predict has no flag --dwon (E_USAGE)
        Did you mean --down?
      "
    `);
  });

  it('lists the release lines when asked for another', async () => {
    const folder = await folderWith({ 'acme.test.zone': zoneText });
    const { code, stderr } = await run(folder, 'predict', 'api.acme.test', '--zone', 'acme.test.zone', '--pdns', '6.0');
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "--pdns 6.0: expected 4.7, 4.8, 4.9, 5.0 or 5.1 (E_USAGE)
      "
    `);
  });

  it('prints version, commit, Node and profiles', async () => {
    const { code, stdout } = await run(await folderWith({}), '--version');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^\d+\.\d+\.\d+\S* \(commit \w+, node v24\.\d+\.\d+, profiles 4\.7, 4\.8, 4\.9, 5\.0, 5\.1\)\n$/,
    );
  });

  it('ends quietly when its reader has seen enough', async () => {
    const folder = await folderWith({ 'acme.test.zone': zoneText });
    const child = start(folder, ['predict', 'api.acme.test', '--zone', 'acme.test.zone', '--format', 'json']);
    child.stdout?.destroy();
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(said).toBe('');
    expect(code).toBe(0);
  });
});

describe('--help', () => {
  it.each([
    [[]],
    [['predict']],
    [['check']],
    [['agent']],
    [['serve']],
    [['plan']],
    [['geoip']],
    [['geoip', 'lookup']],
    [['geoip', 'build']],
    [['scenario', 'run']],
    [['scenario', 'import']],
  ])('of %j says what every flag does and shows a call', async (command) => {
    const { code, stdout, stderr } = await run(await folderWith({}), ...command, '--help');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
    const flags = stdout.split('\n').filter((line) => /^ +(-h, )?--/.test(line));
    for (const flag of flags) expect(flag).toMatch(/--[a-z-]+ {2,}[A-Z]/);
    if (command[0] !== undefined && command.join(' ') !== 'geoip')
      expect(stdout).toContain(`pdns-shadow ${command.join(' ')} `);
  });

  it('of predict says what --up, --down and --unknown mean for the others', async () => {
    const { stdout } = await run(await folderWith({}), 'predict', '--help');
    expect(stdout).toMatchInlineSnapshot(`
      "pdns-shadow predict <name> [type]

      The exact distribution of answers to a question

      Positionals:
        name  Name to ask for                                                                    [string] [required]
        type  Record type; default: what the LUA record at the name yields, else A                          [string]

      Where the zones are (one of):
            --zone          Zone file (repeatable)                                                           [array]
            --config-dir    Folder of pdns.conf; zones, settings and GeoIP files come from there            [string]
            --api           URL of PowerDNS's REST API, such as http://127.0.0.1:8081                       [string]
            --api-key-file  File that holds the API's key                                                   [string]

      What is up (default: everything):
            --up       A target that is up (repeatable). With --up alone, all others are down                [array]
            --down     A target that is down (repeatable); all others are up                                 [array]
            --unknown  A target that the server has never probed (repeatable); all others are up             [array]
            --probe    Probe the targets once, from here, as PowerDNS would; those stated above are not probed
                                                                                          [boolean] [default: false]

      Who asks:
            --subnet       The client's network as its resolver sends it (ECS); default: none is sent       [string]
            --from         Address that the server sees the question come from; default: 127.0.0.1          [string]
            --all-clients  Everybody: the answer to every network of the GeoIP databases, each client asking itself
                                                                                          [boolean] [default: false]
            --prefixes     With --all-clients: every prefix and its answer, a line each, in place of the summary
                                                                                          [boolean] [default: false]

      Options:
            --version  Show version number                                                                 [boolean]
        -h, --help     Show help                                                                           [boolean]
            --pdns     Release line; default: that of the server whose API is read, else 5.1
                                                               [string] [choices: "4.7", "4.8", "4.9", "5.0", "5.1"]
            --geoip    MMDB files, written as in geoip-database-files                                       [string]
            --format   For people or for programs               [string] [choices: "text", "json"] [default: "text"]
            --explain  Say why, step by step, and what would change the answer (JSON always does)
                                                                                          [boolean] [default: false]

      Examples:
        pdns-shadow predict api.acme.test --zone acme.test.zone
        pdns-shadow predict api.acme.test --zone acme.test.zone --down 192.0.2.1 --explain
        pdns-shadow predict api.acme.test --config-dir /etc/powerdns --subnet 198.51.100.0/24
        pdns-shadow predict api.acme.test --zone acme.test.zone --geoip GeoLite2-City.mmdb --all-clients
        pdns-shadow predict api.acme.test AAAA --api http://127.0.0.1:8081 --api-key-file key --probe

      A target is named by its address (192.0.2.1), with its port (192.0.2.1:443), or by the URL of its check.
      A check of ifurlextup also goes by the host of its URL, and by each address that the record maps to it.
      Answers that no packet carries: CRASH (the server dies), DROPPED (no answer ever comes), OPAQUE (cannot be
      foretold).
      With --all-clients the server sees every client by its own full address: no ECS, no resolver in between.
      Prefixes are the fewest that tell all answers apart; --format json has them behind the answers, one a line.
      "
    `);
  });
});
