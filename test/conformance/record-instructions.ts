/**
 * Finds the least `lua-records-exec-limit` under which the installed server of the line 5.1 answers each code of
 * `own/instructions.ts`, and which loops it answers under which limit, and writes it to `own/instructions.json`:
 *
 *     node test/conformance/record-instructions.ts
 */
import { writeFileSync } from 'node:fs';
import { findServers, type RunningPowerDns, type ServerBinary, startPowerDns } from '../../wire/rig/rig.ts';
import { askRaw } from './ask-raw.ts';
import { counted, type InstructionRecording, isWritten, limits, turned, turns } from './own/instructions.ts';

const TXT = 16;
const APEX = '@ 3600 IN SOA ns1 hostmaster 1 10800 3600 604800 60\n@ 3600 IN NS ns1.example.org.';
/** All of `counted` answer under it. */
const HIGHEST_LIMIT = 60;
/** Where LuaJIT starts to compile hangs on addresses, so several servers are asked. */
const STARTS = 3;

const { servers } = await findServers();
const binary = servers.find(({ line }) => line === '5.1');
if (binary === undefined) throw new Error('PowerDNS 5.1 is not installed');
const recording: InstructionRecording = {
  server: binary.version,
  leastLimit: await leastLimits(binary),
  answered: await answeredLoops(binary),
};
writeFileSync(new URL('./own/instructions.json', import.meta.url), `${JSON.stringify(recording, undefined, 1)}\n`);

async function leastLimits(binary: ServerBinary): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (let limit = HIGHEST_LIMIT; limit >= 1; limit--) {
    await withServer(binary, limit, counted, async (answers) => {
      for (const [i, code] of counted.entries()) {
        const isOpen = limit === HIGHEST_LIMIT || found[code] === limit + 1;
        if (isOpen && (await answers(i))) found[code] = limit;
      }
    });
  }
  return found;
}

async function answeredLoops(binary: ServerBinary): Promise<InstructionRecording['answered']> {
  const asked = Object.entries(turned).flatMap(([name, code]) =>
    turns.filter((count) => isWritten(name, count)).map((count) => ({ name, count, code: code(count) })),
  );
  const found: InstructionRecording['answered'] = {};
  for (const limit of limits) {
    const times = new Map<number, number>();
    for (let start = 0; start < STARTS; start++) {
      await withServer(
        binary,
        limit,
        asked.map(({ code }) => code),
        async (answers) => {
          for (const i of asked.keys()) if (await answers(i)) times.set(i, (times.get(i) ?? 0) + 1);
        },
      );
    }
    for (const [i, { name, count }] of asked.entries()) {
      found[name] ??= {};
      found[name][limit] ??= { always: [], sometimes: [] };
      const answered = times.get(i) ?? 0;
      if (answered === STARTS) found[name][limit].always.push(count);
      else if (answered > 0) found[name][limit].sometimes.push(count);
    }
    console.log(`limit ${limit} done`);
  }
  return found;
}

async function withServer(
  binary: ServerBinary,
  limit: number,
  codes: readonly string[],
  ask: (answers: (index: number) => Promise<boolean>) => Promise<void>,
): Promise<void> {
  const zone = [APEX, ...codes.map((code, i) => `c${i} 60 IN LUA TXT "${code}"`)].join('\n');
  const settings = { 'lua-records-exec-limit': `${limit}` };
  const server: RunningPowerDns = await startPowerDns({ binary, api: false, zones: { 'example.org': zone }, settings });
  try {
    await ask(async (index) => (await askRaw(server, `c${index}.example.org.`, TXT)).rcode === 'NOERROR');
  } finally {
    await server.stop();
  }
}
