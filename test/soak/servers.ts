/** The servers of a soak: one that is right and is read, and two that go wrong in ways that only their answers show. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../input/errors.ts';
import { type RunningPowerDns, type ServerBinary, startPowerDns } from '../../wire/rig/rig.ts';
import { RIGHT, type Variant, ZONE, type ZoneOptions, zoneText } from './zone.ts';

export const SERVER_NAMES = ['ns1', 'ns2', 'ns3'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** `lua-health-checks-interval` of every server. */
export const INTERVAL_SECONDS = 1;

const START_ATTEMPTS = 5;
const RETRY_AFTER_MS = 300;

const SETTINGS = {
  'lua-health-checks-interval': String(INTERVAL_SECONDS),
  // Wrong content shall show at once: the rig's default is PowerDNS's, up to a minute.
  'query-cache-ttl': '1',
  'negquery-cache-ttl': '1',
  'cache-ttl': '1',
};

export class Servers {
  readonly #zone: ZoneOptions;
  readonly #running: ReadonlyMap<ServerName, RunningPowerDns>;
  /** How often a server died of a signal while it started. 5.1.5 does, now and then, when it is asked at once. */
  crashes = 0;

  private constructor(zone: ZoneOptions, running: ReadonlyMap<ServerName, RunningPowerDns>) {
    this.#zone = zone;
    this.#running = running;
  }

  static async start(binary: ServerBinary, zone: ZoneOptions, geoipFile: string): Promise<Servers> {
    const running = new Map<ServerName, RunningPowerDns>();
    for (const name of SERVER_NAMES) {
      const zones = { [ZONE]: zoneText(zone, RIGHT) };
      running.set(name, await startPowerDns({ binary, zones, settings: SETTINGS, geoipFiles: [geoipFile] }));
    }
    return new Servers(zone, running);
  }

  of(name: ServerName): RunningPowerDns {
    const server = this.#running.get(name);
    if (server === undefined) throw new RangeError(`no server ${name}`);
    return server;
  }

  async serve(name: ServerName, variant: Variant): Promise<void> {
    await this.of(name).writeZone(ZONE, zoneText(this.#zone, variant));
  }

  async end(name: ServerName): Promise<void> {
    const server = this.of(name);
    process.kill(server.pid, 'SIGTERM');
    await server.exit;
  }

  /** Restarts it with another `pdns.conf`; returns what puts the old one back. */
  async reconfigure(name: ServerName, change: (conf: string) => string): Promise<() => Promise<void>> {
    const server = this.of(name);
    const file = join(server.configDir, 'pdns.conf');
    const before = await readFile(file, 'utf8');
    await writeFile(file, change(before));
    await this.restart(name);
    return async () => {
      await writeFile(file, before);
      await this.restart(name);
    };
  }

  async restart(name: ServerName): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.of(name).restart();
      } catch (error) {
        // It crashed, somebody's question came from its port while that was free, or the machine was too busy.
        if (!(error instanceof UserError) || error.code !== 'E_RIG_START' || attempt === START_ATTEMPTS) throw error;
        const hasCrashed = error.message.includes('Got a signal');
        if (hasCrashed) this.crashes++;
        await sleep(RETRY_AFTER_MS);
      }
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((server) => server.stop()));
  }
}
