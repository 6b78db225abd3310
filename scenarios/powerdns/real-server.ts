/**
 * A server of a scenario as real processes: one for each time that it is started anew. All are made ready before the
 * scenario begins, so that a restart takes as long as it is written and not as long as this machine needs.
 */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GeoNetwork, writeDatabase } from '../../geoip/writer.ts';
import { control } from '../../wire/rig/control.ts';
import { type RunningPowerDns, type ServerBinary, startPowerDns } from '../../wire/rig/rig.ts';
import { aliasedNetworks } from './aliased-networks.ts';
import type { Aliases } from './aliases.ts';

export interface ProcessSetup {
  readonly binary: ServerBinary;
  readonly settings: Readonly<Record<string, string>>;
  /** `LD_PRELOAD` and the like. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface RealServerOptions {
  readonly name: string;
  readonly aliases: Aliases;
  /** What is done to the text of zones besides. */
  readonly rewrite: (text: string) => string;
  readonly zone: string;
  /** Zone file text, with the scenario's addresses. */
  readonly zoneText: string;
  /** Undefined: it knows no location. */
  readonly networks: readonly GeoNetwork[] | undefined;
  /** One a process, in their order. */
  readonly setups: readonly [ProcessSetup, ...ProcessSetup[]];
  /** Holds databases; one folder a server. */
  readonly folder: string;
}

/** A zone of ours beside that of the scenario: its only record tells the server's clock. */
const CLOCK_ZONE = 'clock.pdns-shadow.invalid.';
export const CLOCK_NAME = `now.${CLOCK_ZONE}`;
const CLOCK_TEXT = `$ORIGIN ${CLOCK_ZONE}
@ 0 IN SOA ns. hostmaster. 1 3600 600 604800 0
@ 0 IN NS ns.pdns-shadow.invalid.
now 0 IN LUA TXT "tostring(os.time())"
`;

export class RealServer {
  readonly name: string;
  readonly #options: RealServerOptions;
  readonly #processes: RunningPowerDns[] = [];
  readonly #ending: Promise<void>[] = [];
  #current = 0;
  #runs = true;

  private constructor(options: RealServerOptions) {
    this.name = options.name;
    this.#options = options;
  }

  static async start(options: RealServerOptions): Promise<RealServer> {
    const server = new RealServer(options);
    try {
      for (const setup of options.setups) server.#processes.push(await server.#startProcess(setup));
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Where it answers now; undefined while it is away. */
  get address(): { readonly address: string; readonly port: number } | undefined {
    return this.#runs ? this.#processes[this.#current] : undefined;
  }

  /** Nobody reaches it any more; its process ends meanwhile. */
  goAway(): void {
    this.#runs = false;
    const process = this.#processes[this.#current];
    if (process !== undefined) this.#ending.push(process.stop());
  }

  /** The next process takes over. */
  comeBack(): void {
    this.#current++;
    this.#runs = true;
  }

  /** In force when it resolves, now and in the processes to come. */
  async writeZone(text: string): Promise<void> {
    const { zone, aliases, rewrite } = this.#options;
    const moved = rewrite(aliases.toAliases(text));
    await Promise.all(this.#standing().map((process) => process.writeZone(zone, moved)));
  }

  async writeNetworks(networks: readonly GeoNetwork[]): Promise<void> {
    await this.#writeDatabase(networks);
    await Promise.all(this.#standing().map(({ configDir }) => control(configDir, 'reload')));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#ending, ...this.#processes.map((process) => process.stop())]);
  }

  #standing(): RunningPowerDns[] {
    return this.#processes.slice(this.#current + (this.#runs ? 0 : 1));
  }

  async #startProcess({ binary, settings, environment }: ProcessSetup): Promise<RunningPowerDns> {
    const { zone, zoneText, aliases, rewrite, networks } = this.#options;
    if (networks !== undefined) await this.#writeDatabase(networks);
    return startPowerDns({
      binary,
      api: false,
      zones: { [zone]: rewrite(aliases.toAliases(zoneText)), [CLOCK_ZONE]: CLOCK_TEXT },
      settings: { loglevel: '4', ...settings },
      ...(networks === undefined ? {} : { geoipFiles: [this.#database] }),
      environment,
    });
  }

  get #database(): string {
    return join(this.#options.folder, `${this.name}.mmdb`);
  }

  /** A server that looks at this moment sees the old database or the new one, never half of one. */
  async #writeDatabase(networks: readonly GeoNetwork[]): Promise<void> {
    const { aliases } = this.#options;
    await writeFile(`${this.#database}.new`, writeDatabase(aliasedNetworks(networks, aliases.aliasOf)));
    await rename(`${this.#database}.new`, this.#database);
  }
}
