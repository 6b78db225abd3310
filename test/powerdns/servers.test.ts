import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findServers, rigServer } from '../../wire/rig/servers.ts';
import { absentLines } from './for-each-server.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'servers-test-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('PDNS_SERVER', () => {
  it('is offered under the line of its real version, with its modules', async () => {
    const program = await pretendServer('PowerDNS Authoritative Server 5.0.2 (C) PowerDNS.COM BV');
    const { servers } = await findServers({ PDNS_SERVER: program, PDNS_MODULE_DIR: '/opt/modules' });
    expect(servers.at(-1)).toMatchObject({
      origin: 'PDNS_SERVER',
      line: '5.0',
      version: '5.0.2',
      command: [program, '--module-dir=/opt/modules'],
    });
  });

  it('is not taken for a line that it is not', async () => {
    const program = await pretendServer('PowerDNS Authoritative Server 5.2.0 (C) PowerDNS.COM BV');
    const { servers, missing } = await findServers({ PDNS_SERVER: program });
    expect(servers.filter(({ origin }) => origin === 'PDNS_SERVER')).toEqual([]);
    expect(missing.at(-1)?.reason).toContain('ships 5.2.0, which this project has no profile for');
  });

  it('is missing with a reason where it is no PowerDNS server', async () => {
    const { missing } = await findServers({ PDNS_SERVER: await pretendServer('BIND 9.20') });
    expect(missing.at(-1)).toMatchObject({ line: 'PDNS_SERVER', reason: expect.stringContaining('BIND 9.20') });
  });

  it('is missing with a reason where there is no such program', async () => {
    const { missing } = await findServers({ PDNS_SERVER: join(folder, 'nothing') });
    expect(missing.at(-1)).toMatchObject({
      line: 'PDNS_SERVER',
      reason: expect.stringContaining('there is no program'),
    });
  });
});

describe('a Debian suite that has moved on', () => {
  const installation = { suite: 'forky', loader: 'ld.so', libraries: ['lib'], modules: 'pdns', program: 'pdns_server' };

  it('is used under its real line where the project knows it', () => {
    const found = rigServer({ ...installation, version: '5.0.9' }, folder);
    expect(found).toMatchObject({ kind: 'server', server: { line: '5.0', origin: 'rig' } });
  });

  it('is not used where the project does not know its line', () => {
    const reason = 'Debian forky now ships 5.2.0, which this project has no profile for';
    expect(rigServer({ ...installation, version: '5.2.0' }, folder)).toMatchObject({
      kind: 'reason',
      reason: expect.stringContaining(reason),
    });
  });
});

describe('the lines that a suite cannot run on', () => {
  const missing = [{ line: '4.7', reason: 'not installed' }];

  it('must run in CI where the rig could install them', () => {
    expect(absentLines({ servers: [], missing }, ['4.7'])).toEqual([
      { line: '4.7', reason: 'not installed', mustRun: true },
    ]);
  });

  it('may be absent where no Debian suite carries them', () => {
    expect(absentLines({ servers: [], missing }, ['4.8'])).toMatchObject([{ line: '4.8', mustRun: false }]);
  });

  it('include a PDNS_SERVER that does not run', () => {
    const broken = [{ line: 'PDNS_SERVER', reason: 'there is no program' }];
    expect(absentLines({ servers: [], missing: broken }, [])).toMatchObject([{ line: 'PDNS_SERVER', mustRun: true }]);
  });
});

async function pretendServer(said: string): Promise<string> {
  const program = join(folder, `pdns_server-${said.replaceAll(/\W/g, '-')}`);
  await writeFile(program, `#!/bin/sh\necho '${said}' >&2\n`);
  await chmod(program, 0o755);
  return program;
}
