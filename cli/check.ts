/** `check`: one cross-check of a running server, for CI. Watches until every verdict is settled, prints, and exits. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import { Agent } from '../agent/agent.ts';
import { type AgentConfig, parseDuration, parseEndpoint } from '../agent/config.ts';
import type { CrossCheck } from '../agent/model.ts';
import type { WatchedServer } from '../agent/server.ts';
import { crossCheckView, driftView, serverView } from '../agent/view.ts';
import { UserError } from '../geoip/errors.ts';
import { modelOptions, sourceOf, subnetFlag, zoneOptions } from './options.ts';
import { printJson, printTable } from './print.ts';
import { version } from './version.ts';

const options = {
  ...zoneOptions,
  ...modelOptions,
  server: { type: 'string', requiresArg: true, demandOption: true, describe: 'ADDRESS:PORT of the running server' },
  subnet: { type: 'string', array: true, requiresArg: true, default: [] as string[], describe: 'Ask as a client of this network too (repeatable)' },
  wait: { type: 'string', requiresArg: true, describe: 'Longest time to watch, such as 60s; default: what the verdicts need' },
  qps: { type: 'number', default: 50, describe: 'Questions per second, at most' },
} as const satisfies Record<string, Options>;

type Flags = InferredOptionTypes<typeof options>;

export const checkCommand: CommandModule<unknown, Flags> = {
  command: 'check',
  describe: 'Ask a running server every LUA record and judge its answers',
  builder: (argv) =>
    argv.options(options).example('$0 check --server 127.0.0.1:53 --config-dir /etc/powerdns', '') as unknown as Argv<Flags>,
  handler: runCheck,
};

async function runCheck(flags: Flags): Promise<void> {
  const agent = new Agent({ config: configOf(flags), version, onEvent: () => {} });
  await agent.start();
  const [server] = agent.servers;
  if (server === undefined) return;
  try {
    await watchUntilSettled(server, waitMs(flags));
    if (flags.format === 'json') printResult(agent, server);
    else printTables(agent, server);
    const hasDrift = agent.book.open().length > 0;
    if (server.content === undefined) throw server.sourceProblem ?? new UserError('E_SOURCE', 'nothing was read');
    process.exitCode = hasDrift ? 1 : 0;
  } finally {
    await agent.stop();
  }
}

function configOf(flags: Flags): AgentConfig {
  const address = parseEndpoint(flags.server);
  if (address === undefined) {
    throw new UserError('E_SERVER', `--server ${flags.server}: expected ADDRESS:PORT`, { hint: 'Such as 127.0.0.1:53 or [::1]:53.' });
  }
  const subnets = flags.subnet.map((text) => ({ name: text, subnet: subnetFlag('--subnet', text) }));
  return {
    servers: [{ name: flags.server, address, profile: flags.pdns ?? 'auto', source: sourceOf(flags) }],
    clients: [{ name: 'plain' }, ...subnets],
    geoip: flags.geoip,
    crossCheck: { interval: 1000, queriesPerSecond: flags.qps, timeout: 2000 },
    probes: { concurrency: 256 },
    sourceRefresh: 2000,
    listen: { address: '127.0.0.1', port: 0 },
  };
}

function waitMs({ wait }: Flags): number | undefined {
  if (wait === undefined) return undefined;
  const milliseconds = parseDuration(wait);
  if (milliseconds === undefined) throw new UserError('E_DURATION', `--wait ${wait}: expected a duration such as 60s`);
  return milliseconds;
}

/** Until every answer is a match or a drift, the longest bound has passed, or the source turns out unreadable. */
async function watchUntilSettled(server: WatchedServer, limitMs: number | undefined): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    await sleep(200);
    const { content } = server;
    const elapsedMs = performance.now() - startedMs;
    if (content === undefined) {
      if (server.sourceProblem !== undefined) throw server.sourceProblem;
      if (elapsedMs > (limitMs ?? 30_000)) return;
      continue;
    }
    const bounds = content.crossChecks.map((each) => server.detectionBounds(each));
    const longestMs = Math.max(5000, ...bounds.map(({ beliefSeconds }) => beliefSeconds * 1000));
    if (elapsedMs > (limitMs ?? Math.min(longestMs, 300_000))) return;
    if (server.sweeps >= 3 && content.crossChecks.every((each) => isSettled(server, each)) && !server.hasSuspects) return;
    if (server.isUp === false && server.sweeps >= 2) return;
  }
}

function isSettled(server: WatchedServer, crossCheck: CrossCheck): boolean {
  if (crossCheck.withheld !== undefined) return true;
  const verdict = server.observation(crossCheck)?.judgement.verdict;
  return verdict === 'match' || verdict === 'inconclusive';
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
  console.log(`${view.address}: PowerDNS ${view.profile ?? '?'}, ${view.source}\n`);
  const rows = (server.content?.crossChecks ?? []).map((each) => crossCheckView(server, each));
  printTable(
    ['name', 'type', 'client', 'verdict', 'answered', 'possible'],
    rows.map((row) => [row.name, row.type, row.client, row.verdict, row.observed ?? '-', shorten(row.admissible.join(' | '))]),
  );
  const findings = new Map(rows.flatMap((row) => row.warnings.map(({ code, message }) => [`${row.name} ${row.type}: ${message}`, code])));
  for (const [message, code] of findings) console.log(`\nwarning: ${message} (${code})`);
  for (const drift of agent.book.open().map((each) => driftView(agent, each))) {
    console.log(`\ndrift (${drift.class}): ${drift.name} ${drift.type} for ${drift.client || 'everybody'}: ${drift.message}`);
    for (const { assumption, detail } of drift.diagnosis.filter(({ explains }) => explains)) {
      console.log(`  explained if ${assumption}: ${detail}`);
    }
  }
  const open = agent.book.open().length;
  console.log(`\n${open === 0 ? 'No drift.' : `${open} drift${open === 1 ? '' : 's'}.`}`);
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
