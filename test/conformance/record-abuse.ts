/**
 * Gives the installed servers the code of `own/abuse.ts`, each a server of its own since a worker may be lost, and writes
 * what a client sees to `own/abuse.json`. Without an argument it asks for what is not recorded yet:
 *
 *     node test/conformance/record-abuse.ts [PART OF AN ID]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { presentRdata } from '../../simulator/answer/rdata.ts';
import { findServers, type ServerBinary, startPowerDns } from '../../wire/rig/rig.ts';
import { askRaw } from './ask-raw.ts';
import { type AbuseRecording, abuses } from './own/abuse.ts';

const OWNER = 'x.example.org.';
const TXT = 16;
const APEX = '@ 3600 IN SOA ns1 hostmaster 1 10800 3600 604800 60\n@ 3600 IN NS ns1.example.org.';

const file = new URL('./own/abuse.json', import.meta.url);
const recording: AbuseRecording = JSON.parse(readFileSync(file, 'utf8'));
const wanted = process.argv[2];

const { servers } = await findServers();
for (const [id, code] of Object.entries(abuses)) {
  if (wanted === undefined ? recording.outcomes[id] !== undefined : !id.includes(wanted)) continue;
  const seen: Record<string, string> = {};
  for (const server of servers) {
    recording.servers[server.line] = server.version;
    seen[server.line] = await outcome(server, code);
  }
  recording.outcomes[id] = seen;
  console.log(`${id}: ${Object.values(seen).join(' | ')}`);
  writeFileSync(file, `${JSON.stringify(recording, undefined, 2)}\n`);
}

/** `NOERROR "x"`, `SERVFAIL`, `DROPPED` where no answer comes in three seconds, `CRASH` where the server dies. */
async function outcome(binary: ServerBinary, code: string): Promise<string> {
  const zone = `${APEX}\n${OWNER} 60 IN LUA TXT "${code}"`;
  const server = await startPowerDns({ binary, api: false, zones: { 'example.org': zone } });
  try {
    const reply = await askRaw(server, OWNER, TXT);
    return [reply.rcode, ...reply.answers.map(({ rdata }) => presentRdata('TXT', rdata) ?? '?')].join(' ').slice(0, 80);
  } catch {
    await sleep(300);
    return server.alive() ? 'DROPPED' : 'CRASH';
  } finally {
    await server.stop();
  }
}
