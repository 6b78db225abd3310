/** `check`: one cross-check of a running server, for CI. Watches until every verdict is settled, prints, and exits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '../agent/agent.ts';
import { type AgentConfig, parseDuration, parseEndpoint, type SourceConfig } from '../agent/config.ts';
import type { CrossCheck } from '../agent/model.ts';
import { readOnce } from '../agent/read-once.ts';
import type { WatchedServer } from '../agent/server.ts';
import { crossCheckView, driftView, serverView } from '../agent/view.ts';
import { UserError } from '../input/errors.ts';
import { type CheckFlags, DEFAULT_QUERIES_PER_SECOND } from './check.ts';
import { geoFilesOf, sourceOf, subnetFlag, warnOf } from './option-values.ts';
import { printJson, printTable } from './print.ts';
import { version } from './version.ts';

export async function runCheck(flags: CheckFlags): Promise<void> {
  const config = await configOf(flags);
  const agent = new Agent({ config, version, onEvent: () => {} });
  await agent.start();
  try {
    const [server] = agent.servers;
    if (server === undefined) return;
    await watchUntilSettled(agent, server, waitMs(flags));
    if (server.content === undefined) throw server.sourceProblem ?? notRead(server);
    if (flags.format === 'json') printResult(agent, server);
    else printTables(agent, server);
    process.exitCode = agent.book.open().length > 0 || unsettled(server).length > 0 ? 1 : 0;
  } finally {
    await agent.stop();
  }
}

/** Reads the source once in advance: what is wrong with it is said at once, and before anything is probed. */
async function configOf(flags: CheckFlags): Promise<AgentConfig> {
  const address = parseEndpoint(flags.server);
  if (address === undefined) {
    throw new UserError('E_SERVER', `--server ${flags.server}: expected ADDRESS:PORT`, {
      hint: 'An IP address with its port, such as 127.0.0.1:53 or [::1]:53. Names are not looked up.',
    });
  }
  waitMs(flags);
  const queriesPerSecond = queriesPerSecondOf(flags);
  const subnets = [...new Set(flags.subnet ?? [])].map((text) => ({
    name: text,
    subnet: subnetFlag('--subnet', text),
  }));
  const source = sourceOf(flags);
  const reading = await readOnce(source);
  warnOf(reading.warnings);
  if (!reading.zones.some(({ records }) => records.some(({ kind }) => kind === 'lua'))) throw nothingToCheck(source);
  return {
    servers: [{ name: flags.server, address, profile: flags.pdns ?? 'auto', source }],
    clients: [{ name: 'plain' }, ...subnets],
    geoip: geoFilesOf(flags.geoip, source, reading),
    crossCheck: { interval: 1000, queriesPerSecond, timeout: 2000 },
    probes: { concurrency: 256 },
    sourceRefresh: 2000,
    listen: { address: '127.0.0.1', port: 0 },
  };
}

function nothingToCheck(source: SourceConfig): UserError {
  const hint = 'api' in source ? 'Does that server hold the zones that you mean?' : 'Is that the right file or folder?';
  return new UserError('E_NO_RECORDS', 'there is nothing to check: none of the zones that were read has a LUA record', {
    hint,
  });
}

function notRead({ source }: WatchedServer): UserError {
  return new UserError('E_SOURCE', `${source.description} could not be read in time`, {
    hint: 'Give it longer with --wait.',
  });
}

const MOST_QUERIES_PER_SECOND = 10_000;

function queriesPerSecondOf({ qps }: CheckFlags): number {
  if (qps === undefined) return DEFAULT_QUERIES_PER_SECOND;
  const count = Number(qps);
  if (count > 0 && count <= MOST_QUERIES_PER_SECOND) return count;
  throw new UserError('E_QPS', `--qps ${qps}: expected a number from 1 to ${MOST_QUERIES_PER_SECOND}`, {
    hint: 'Questions per second. A dnsdist in front may allow only so many from one address.',
  });
}

function waitMs({ wait }: CheckFlags): number | undefined {
  if (wait === undefined) return undefined;
  const milliseconds = parseDuration(wait);
  if (milliseconds !== undefined) return milliseconds;
  throw new UserError('E_DURATION', `--wait ${wait}: expected a duration with its unit`, {
    hint: 'Such as 500ms, 60s or 5m.',
  });
}

const LOOK_EVERY_MS = 200;
const LONGEST_WATCH_MS = 300_000;
const READ_TIMEOUT_MS = 30_000;
/** Answers that hold for so many sweeps hold: selectors draw anew every time. */
const ENOUGH_SWEEPS = 3;

/** Until every answer is a match or a drift, the longest bound has passed, or the source turns out unreadable. */
async function watchUntilSettled(agent: Agent, server: WatchedServer, limitMs: number | undefined): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    const { content } = server;
    const elapsedMs = performance.now() - startedMs;
    if (content === undefined) {
      if (server.sourceProblem !== undefined) throw server.sourceProblem;
      if (elapsedMs > (limitMs ?? READ_TIMEOUT_MS)) return;
      continue;
    }
    const bounds = content.crossChecks.map((each) => server.detectionBounds(each));
    const longestMs = Math.max(5000, ...bounds.map(({ beliefSeconds }) => beliefSeconds * 1000));
    if (elapsedMs > (limitMs ?? Math.min(longestMs, LONGEST_WATCH_MS))) return;
    if (
      server.sweeps >= ENOUGH_SWEEPS &&
      content.crossChecks.every((each) => isSettled(agent, server, each)) &&
      !server.hasSuspects
    )
      return;
    if (agent.book.open().some((drift) => drift.class === 'unreachable')) return;
  }
}

function isSettled(agent: Agent, server: WatchedServer, crossCheck: CrossCheck): boolean {
  const { watched, client, withheld } = crossCheck;
  if (withheld !== undefined) return true;
  const verdict = server.observation(crossCheck)?.judgement.verdict;
  const hasDrifted = agent.book
    .open()
    .some((drift) => drift.name === watched.owner && drift.type === watched.type && drift.client === client);
  return hasDrifted || verdict === 'match' || verdict === 'inconclusive';
}

/** Questions that have no answer yet, or one that is wrong unless the server has a reason that is not excluded yet. */
function unsettled(server: WatchedServer): readonly CrossCheck[] {
  return (server.content?.crossChecks ?? []).filter((each) => {
    if (each.withheld !== undefined) return false;
    const verdict = server.observation(each)?.judgement.verdict;
    return verdict === undefined || verdict === 'outside';
  });
}

function printResult(agent: Agent, server: WatchedServer): void {
  printJson({
    server: serverView(server),
    records: (server.content?.crossChecks ?? []).map((each) => crossCheckView(server, each)),
    drifts: agent.book.open().map((drift) => driftView(agent, drift)),
  });
}

function printTables(agent: Agent, server: WatchedServer): void {
  const view = serverView(server);
  const drifts = agent.book.open().map((each) => driftView(agent, each));
  const drifted = new Set(drifts.map(({ name, type, client }) => `${name} ${type} ${client}`));
  console.log(`${view.address}: PowerDNS ${view.profile ?? '?'}, ${view.source}\n`);
  const rows = (server.content?.crossChecks ?? []).map((each) => crossCheckView(server, each));
  printTable(
    ['name', 'type', 'client', 'verdict', 'answered', 'possible'],
    rows.map((row) => [
      row.name,
      row.type,
      row.client,
      drifted.has(`${row.name} ${row.type} ${row.client}`) ? 'drift' : row.verdict,
      row.observed ?? '-',
      shorten(row.admissible.join(' | ')) || '-',
    ]),
  );
  const findings = new Map(
    rows.flatMap((row) => row.warnings.map(({ code, message }) => [sentence(row, message), code])),
  );
  for (const [message, code] of findings) console.log(`\nwarning: ${message} (${code})`);
  for (const reason of new Set(rows.flatMap(unjudgedReason))) console.log(`\nnot judged: ${reason}`);
  for (const drift of drifts) {
    console.log(`\ndrift (${drift.class}): ${subjectOf(drift)}: ${drift.message}`);
    for (const { assumption, detail } of drift.diagnosis.filter(({ explains }) => explains)) {
      console.log(`  explained if ${assumption}: ${detail}`);
    }
  }
  console.log(`\n${verdictOn(server, drifts.length, rows.length)}`);
}

/** A record that is wrong has its warning. */
function unjudgedReason(row: ReturnType<typeof crossCheckView>): string[] {
  return row.verdict === 'inconclusive' && row.warnings.length === 0 ? [`${row.name} ${row.type}: ${row.reason}`] : [];
}

/** Some messages name their record themselves. */
function sentence({ name, type }: { name: string; type: string }, message: string): string {
  const subject = `${name} ${type}: `;
  return message.startsWith(subject) ? message : subject + message;
}

function subjectOf({
  server,
  name,
  type,
  client,
}: {
  server: string;
  name: string;
  type: string;
  client: string;
}): string {
  if (name === '') return `the server ${server}`;
  return client === '' ? `${name} ${type}` : `${name} ${type} for ${client}`;
}

function verdictOn(server: WatchedServer, drifts: number, questions: number): string {
  if (drifts > 0) return `${drifts} ${drifts === 1 ? 'drift' : 'drifts'}.`;
  const open = unsettled(server).length;
  if (open > 0) return `Not settled: ${open} of ${questions} answers ${open === 1 ? 'needs' : 'need'} a longer --wait.`;
  return 'No drift.';
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
