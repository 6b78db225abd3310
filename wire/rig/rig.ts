import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../input/errors.ts';
import { ask } from './ask.ts';
import { type Settings, withoutFinalDot, writeNamedConf, writePdnsConf, writeZoneFile } from './config-dir.ts';
import { control } from './control.ts';
import { freePort } from './ports.ts';
import { type ProcessExit, removeFolder, removeWithThisProcess, type ServerProcess, startProcess } from './process.ts';
import type { ServerBinary } from './server-binary.ts';
import { createDatabase, createZones } from './sqlite-zones.ts';

export type { ProcessExit } from './process.ts';
export type { ServerBinary } from './server-binary.ts';
export { type FoundServers, findServers, type MissingServer } from './servers.ts';

export interface StartOptions {
  readonly binary: ServerBinary;
  /** Zone file text by zone name. */
  readonly zones: Readonly<Record<string, string>>;
  /** Settings of `pdns.conf`. They win over the rig's own, except for addresses, ports, folders and backends. */
  readonly settings?: Settings;
  /** MaxMind databases, in the order in which PowerDNS asks them. Adds the geoip backend. */
  readonly geoipFiles?: readonly string[];
  /** Default true: the webserver with the REST API, on 127.0.0.1. */
  readonly api?: boolean;
  /**
   * Default `bind`: zone files. `gsqlite3`: a database, so that the REST API can change zones; LUA records too on 5.1, which
   * refuses that by default (`enable-lua-record-updates`).
   */
  readonly backend?: 'bind' | 'gsqlite3';
  /** Default `127.0.0.1`. */
  readonly address?: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface RunningPowerDns {
  readonly binary: ServerBinary;
  readonly address: string;
  readonly port: number;
  /** `http://127.0.0.1:8081`; empty without the API. */
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Holds `pdns.conf` and all that it names. */
  readonly configDir: string;
  readonly pid: number;
  /** The end of what the server has said since it first started, 256 KiB at most; `pdns.log` in `configDir` has all. */
  log(): string;
  alive(): boolean;
  /** Settles when the process that runs now ends, for whatever reason. */
  readonly exit: Promise<ProcessExit>;
  /** Ends the server and removes `configDir`. May be called again. */
  stop(): Promise<void>;
  /** Ends the process and starts another with the same files and ports; its checks and caches are gone. */
  restart(): Promise<void>;
  /**
   * Stops the process in its tracks (SIGSTOP): from the return of this call it answers nothing and probes nothing until
   * `resume`. Questions that arrive meanwhile wait in its sockets and are answered then.
   */
  pause(): void;
  resume(): void;
  /**
   * Replaces or adds a zone of the bind backend; when it resolves, the server answers from the new text. Goes through the
   * server's control socket (`bind-reload-now`, or `rediscover` and `purge` for a new zone), which works alike on 4.7, 4.9
   * and 5.1, empties the caches for the zone and, unlike `bind-check-interval`, sees two changes in one second.
   * Throws `E_RIG_ZONE` with the server's words where it rejects the text; it then goes on with the old one.
   */
  writeZone(zone: string, text: string): Promise<void>;
}

const startTimeoutMs = 15_000;
const retryEveryMs = 20;
const portAttempts = 5;
const logLimitCharacters = 256 * 1024;

/**
 * Starts a PowerDNS server on loopback in a folder of its own and resolves when it answers for the first zone. Caches and
 * health checks are left at PowerDNS's defaults; LUA records and ECS are on and `loglevel` is 6, at which transitions of
 * checks are logged. The server ends with this process at the latest.
 *
 * Throws `E_RIG_ZONE` where the server rejects a zone and `E_RIG_START`, with the end of the log, where it does not come up.
 */
export async function startPowerDns(options: StartOptions): Promise<RunningPowerDns> {
  const configDir = await mkdtemp(join(tmpdir(), 'pdns-rig-'));
  removeWithThisProcess(configDir);
  try {
    if (options.backend === 'gsqlite3') await fillDatabase(options, configDir);
    else await writeBindZones(configDir, zonesByName(options));
    return await startOnFreePorts(options, configDir);
  } catch (error) {
    removeFolder(configDir);
    throw error;
  }
}

/** What one start of a server needs to know, settled before its process begins. */
interface Plan {
  readonly options: StartOptions;
  readonly configDir: string;
  readonly address: string;
  readonly port: number;
  /** `undefined` without the API. */
  readonly apiPort: number | undefined;
  readonly apiKey: string;
}

/** A server whose process can be ended without its files. */
interface Started extends RunningPowerDns {
  end(): Promise<void>;
}

async function startOnFreePorts(options: StartOptions, configDir: string): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    const plan = await makePlan(options, configDir);
    try {
      return await startAsPlanned(plan);
    } catch (error) {
      if (!(error instanceof PortTaken) || attempt === portAttempts) throw error;
    }
  }
}

async function makePlan(options: StartOptions, configDir: string): Promise<Plan> {
  const address = options.address ?? '127.0.0.1';
  return {
    options,
    configDir,
    address,
    port: options.port ?? (await freePort(address)),
    apiPort: options.api === false ? undefined : await freePort('127.0.0.1'),
    apiKey: randomBytes(12).toString('hex'),
  };
}

async function startAsPlanned(plan: Plan): Promise<Started> {
  const { options, configDir, address, port, apiKey } = plan;
  const zones = zonesByName(options);
  const apiUrl = plan.apiPort === undefined ? '' : `http://127.0.0.1:${plan.apiPort}`;
  let log = '';
  await writePdnsConf(configDir, settingsOf(plan));

  const begin = async (): Promise<ServerProcess> => {
    let ofThisRun = '';
    const begun = await startProcess([...options.binary.command, `--config-dir=${configDir}`], {
      environment: options.environment ?? {},
      logFile: join(configDir, 'pdns.log'),
      hear: (text) => {
        log = `${log}${text}`.slice(-logLimitCharacters);
        ofThisRun = `${ofThisRun}${text}`.slice(-logLimitCharacters);
      },
    });
    try {
      await untilReady(begun, plan, apiUrl, () => ofThisRun);
      return begun;
    } catch (error) {
      await begun.end();
      throw error;
    }
  };
  let running = await begin();

  return {
    binary: options.binary,
    address,
    port,
    apiUrl,
    apiKey,
    configDir,
    get pid() {
      return running.pid;
    },
    get exit() {
      return running.exit;
    },
    log: () => log,
    alive: () => running.alive(),
    end: () => running.end(),
    stop: async () => {
      await running.end();
      removeFolder(configDir);
    },
    restart: async () => {
      await running.end();
      running = await begin();
    },
    pause: () => running.pause(),
    resume: () => running.resume(),
    writeZone: async (zone, text) => {
      if (options.backend === 'gsqlite3') {
        throw new UserError('E_RIG_BACKEND', `zone ${zone} lives in a database, not in a file`, {
          hint: 'change it through the REST API, or start the server with the bind backend',
        });
      }
      await changeBindZone(configDir, zones, withoutFinalDot(zone), text);
    },
  };
}

function zonesByName(options: StartOptions): Map<string, string> {
  return new Map(Object.entries(options.zones).map(([zone, text]) => [withoutFinalDot(zone), text]));
}

function settingsOf(plan: Plan): Settings {
  const { options, configDir } = plan;
  const geoip = options.geoipFiles ?? [];
  const backend = options.backend ?? 'bind';
  return {
    'disable-syslog': 'yes',
    'edns-subnet-processing': 'yes',
    'enable-lua-records': 'yes',
    loglevel: '6',
    'security-poll-suffix': '',
    'write-pid': 'no',
    ...(backend === 'gsqlite3' && options.binary.line === '5.1' ? { 'enable-lua-record-updates': 'yes' } : {}),
    ...options.settings,
    launch: geoip.length > 0 ? `${backend},geoip` : backend,
    ...(backend === 'bind'
      ? { 'bind-config': join(configDir, 'named.conf') }
      : { 'gsqlite3-database': join(configDir, 'zones.sqlite3') }),
    ...(geoip.length > 0 ? { 'geoip-database-files': geoip.join(' ') } : {}),
    daemon: 'no',
    guardian: 'no',
    'local-address': plan.address,
    'local-port': String(plan.port),
    'socket-dir': configDir,
    ...(plan.apiPort === undefined
      ? {}
      : {
          webserver: 'yes',
          'webserver-address': '127.0.0.1',
          'webserver-port': String(plan.apiPort),
          'webserver-allow-from': '127.0.0.0/8',
          api: 'yes',
          'api-key': plan.apiKey,
        }),
  };
}

/** Another process took a port between the moment it was found free and the moment the server wanted it. */
class PortTaken extends UserError {}

async function untilReady(server: ServerProcess, plan: Plan, apiUrl: string, log: () => string): Promise<void> {
  const deadlineMs = performance.now() + startTimeoutMs;
  while (!(saysReady(plan, log()) && (await answers(plan)) && (await apiAnswers(plan, apiUrl)))) {
    if (/address already in use|unable to bind/i.test(log()))
      throw new PortTaken('E_RIG_START', startFailure(plan, log()));
    if (!server.alive() || performance.now() > deadlineMs)
      throw new UserError('E_RIG_START', startFailure(plan, log()));
    await sleep(retryEveryMs);
  }
}

/** Without this a server that is about to fail would pass for ready where another one answers on its port. */
function saysReady(plan: Plan, log: string): boolean {
  const logsWarnings = Number(settingsOf(plan).loglevel) >= 4;
  return !logsWarnings || log.includes('ready to distribute questions');
}

/** Asks for the SOA of the first zone. Throws where the server has read the zones and does not like one. */
async function answers(plan: Plan): Promise<boolean> {
  const zones = Object.keys(plan.options.zones).map(withoutFinalDot);
  const reply = await ask(plan, zones[0] ?? '.', 'SOA', { timeoutMs: 500 }).catch(() => undefined);
  if (reply === undefined) return false;
  if (plan.options.backend !== 'gsqlite3') {
    const rejects = await control(plan.configDir, 'bind-list-rejects').catch(() => '');
    if (zones.some((zone) => rejects.includes(zone)))
      throw new UserError('E_RIG_ZONE', `PowerDNS rejects a zone: ${rejects}`);
  }
  return zones.length === 0 || reply.rcode === 'NOERROR';
}

async function apiAnswers(plan: Plan, apiUrl: string): Promise<boolean> {
  if (apiUrl === '') return true;
  try {
    const response = await fetch(`${apiUrl}/api/v1/servers/localhost`, {
      headers: { 'x-api-key': plan.apiKey },
      signal: AbortSignal.timeout(500),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function startFailure(plan: Plan, log: string): string {
  const server = `PowerDNS ${plan.options.binary.version} on ${plan.address} port ${plan.port}`;
  return `${server} does not come up. The end of its log:\n${log.slice(-2_000)}`;
}

async function writeBindZones(configDir: string, zones: ReadonlyMap<string, string>): Promise<void> {
  for (const [zone, text] of zones) await writeZoneFile(configDir, zone, text);
  await writeNamedConf(configDir, zones.keys());
}

/** Changes files and server together: where the server rejects the text, the files go back to what it still serves. */
async function changeBindZone(
  configDir: string,
  zones: Map<string, string>,
  zone: string,
  text: string,
): Promise<void> {
  const before = zones.get(zone);
  await writeZoneFile(configDir, zone, text);
  if (before === undefined) await announceZones(configDir, [...zones.keys(), zone], zone);
  const status = await control(configDir, `bind-reload-now ${zone}`);
  if (status.includes('parsed into memory')) {
    zones.set(zone, text);
    return;
  }
  if (before === undefined) {
    await announceZones(configDir, zones.keys(), zone);
  } else {
    await writeZoneFile(configDir, zone, before);
    await control(configDir, `bind-reload-now ${zone}`);
  }
  throw new UserError('E_RIG_ZONE', `PowerDNS rejects a zone: ${status}`);
}

async function announceZones(configDir: string, zones: Iterable<string>, changed: string): Promise<void> {
  await writeNamedConf(configDir, zones);
  await control(configDir, 'rediscover');
  // A client that asked before the zone was there has left a REFUSED in the packet cache.
  await control(configDir, `purge ${changed}$`);
}

/** Fills the database in a run of its own, so that the API need not be on, nor open to writing, in the run asked for. */
async function fillDatabase(options: StartOptions, configDir: string): Promise<void> {
  await createDatabase(join(configDir, 'zones.sqlite3'), options.binary.root);
  const filling = await startOnFreePorts({ binary: options.binary, backend: 'gsqlite3', zones: {} }, configDir);
  try {
    await createZones(filling, options.zones);
  } finally {
    await filling.end();
  }
}
