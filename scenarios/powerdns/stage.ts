/** Everything real that a run needs: targets on loopback and servers, opened before it, changed in it, closed after it. */
import { seededUint32 } from '../../simulator/chooser.ts';
import { MICROS_PER_MILLISECOND, type Micros } from '../../simulator/clock.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import type { WorldEvent } from '../../simulator/world/plan.ts';
import type { ServerBinary } from '../../wire/rig/rig.ts';
import type { Scenario, ScenarioServer } from '../scenario.ts';
import { Content, loadsGeo, type ScenarioWorld } from '../simulate/plan.ts';
import { startsOf } from '../simulate/server-state.ts';
import { type Aliases, aliasesIn } from './aliases.ts';
import { canVanish } from './cannot-run.ts';
import { checkedPorts, codeOf, portsInCode } from './checked-ports.ts';
import { type LoopbackNetwork, takeNetwork } from './loopback.ts';
import { canListenLow, raisedPort, raiseLowPorts } from './low-ports.ts';
import { PretendedTarget } from './pretended-target.ts';
import { type ProcessSetup, RealServer } from './real-server.ts';
import { processesOf } from './setups.ts';
import { zoneText } from './zone-text.ts';

export interface StageOptions {
  readonly line: ReleaseLine;
  readonly seed: number;
  readonly dilation: number;
  readonly binaries: ReadonlyMap<ReleaseLine, ServerBinary>;
  readonly environments: ReadonlyMap<ReleaseLine, Readonly<Record<string, string>>>;
  /** For files of servers. */
  readonly folder: string;
}

/** Something that happens at a moment. */
export interface Cue {
  readonly at: Micros;
  readonly act: () => Promise<void> | void;
  /** It takes servers time to take it over, in which they may answer either way. */
  readonly isContent?: boolean;
  /** Questions that a process has when it ends have no answer. */
  readonly endsProcess?: boolean;
}

/** A target as one server sees it. */
export interface StagedTarget {
  readonly server: ScenarioServer;
  /** Of the scenario. */
  readonly address: string;
  readonly vantage: string | undefined;
  readonly pretended: PretendedTarget;
}

export class Stage {
  readonly #scenario: Scenario;
  readonly #world: ScenarioWorld;
  readonly #options: StageOptions;
  readonly #loopback: LoopbackNetwork = takeNetwork();
  readonly askerAddress = `${this.#loopback.network}.${this.#loopback.block(1)}`;
  readonly aliases = new Map<string, Aliases>();
  readonly targets: StagedTarget[] = [];
  readonly servers = new Map<string, RealServer>();

  #listensLow = true;

  constructor(scenario: Scenario, world: ScenarioWorld, options: StageOptions) {
    this.#scenario = scenario;
    this.#world = world;
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#listensLow = await canListenLow(this.askerAddress);
    for (const server of this.#scenario.servers.values()) {
      const addresses = [...this.#scenario.targets.values()].map(({ address }) => address);
      const first = this.#loopback.block(addresses.length);
      const aliases = aliasesIn(this.#loopback.network, first, addresses);
      this.aliases.set(server.name, aliases);
      await this.#openTargets(server, aliases);
      this.servers.set(server.name, await this.#startServer(server, aliases));
    }
  }

  /** All that happens to targets and servers, in the order of time. */
  cues(): Cue[] {
    const { events } = this.#world.plan;
    return [
      ...events.map((event): Cue => ({ at: event.at, act: () => this.#happens(event) })),
      ...this.#contentCues(),
      ...[...this.#scenario.servers.values()].flatMap((server) => this.#processCues(server)),
    ].sort((a, b) => a.at - b.at);
  }

  async close(): Promise<void> {
    await Promise.all([...this.servers.values()].map((server) => server.stop()));
    await Promise.all(this.targets.map(({ pretended }) => pretended.close()));
    this.#loopback.release();
  }

  async #openTargets(server: ScenarioServer, aliases: Aliases): Promise<void> {
    const { seed, dilation } = this.#options;
    const written = checkedPorts(portsInCode(codeOf(this.#scenario, this.#world.zone)), canVanish(this.#scenario));
    const ports = this.#listensLow ? written : written.map((port) => ({ ...port, number: raisedPort(port.number) }));
    const next = seededUint32(seed);
    const draw = () => next() / 2 ** 32;
    for (const { address, vantage, resting } of this.#scenario.targets.values()) {
      const pretended = await PretendedTarget.open({
        alias: aliases.aliasOf.get(address) ?? '',
        ports,
        resting,
        draw,
        milliseconds: (time) => time / MICROS_PER_MILLISECOND / dilation,
      });
      this.targets.push({ server, address, vantage, pretended });
    }
  }

  #startServer(server: ScenarioServer, aliases: Aliases): Promise<RealServer> {
    const { binaries, environments, line, folder } = this.#options;
    const [first, ...later] = processesOf(this.#scenario, server, line, this.askerAddress).map(
      (planned): ProcessSetup => {
        const binary = binaries.get(planned.line);
        if (binary === undefined) throw new RangeError(`no PowerDNS ${planned.line} was looked for`);
        return { binary, settings: planned.settings, environment: environments.get(planned.line) ?? {} };
      },
    );
    if (first === undefined) throw new RangeError(`${server.name} has no process`);
    const { geo } = this.#scenario;
    const networks = geo?.kind === 'networks' && loadsGeo(server, this.#scenario) ? geo.networks : undefined;
    const { zone } = this.#world;
    const rewrite = this.#listensLow ? (text: string) => text : raiseLowPorts;
    const text = zoneText(zone);
    const options = { name: server.name, aliases, rewrite, zone: zone.name, zoneText: text, networks, folder };
    return RealServer.start({ ...options, setups: [first, ...later] });
  }

  async #happens(event: WorldEvent): Promise<void> {
    if (event.kind === 'behaviour') {
      const meant = this.targets.filter(({ address }) => address === event.address);
      await Promise.all(meant.map(({ pretended }) => pretended.become(event.behaviour)));
    }
    if (event.kind === 'reach') {
      const meant = this.targets.filter(({ server, vantage }) => server.vantage === event.from && vantage === event.to);
      await Promise.all(meant.map(({ pretended }) => pretended.setCut(!event.passes)));
    }
  }

  /** The zone, which changes in every server alike, and what each has read of the networks. */
  #contentCues(): Cue[] {
    const { timeline, servers } = this.#scenario;
    const content = new Content(this.#scenario, timeline, this.#world.zone);
    return [
      ...content.zones.slice(1).map(({ at, value }): Cue => {
        const text = zoneText(value);
        return { at, isContent: true, act: () => this.#everywhere((server) => server.writeZone(text)) };
      }),
      ...[...servers.values()].flatMap((server) => {
        const loaded = content.networksOf(startsOf(this.#scenario, server, timeline)).slice(1);
        return loaded.map(({ at, value }): Cue => {
          return { at, isContent: true, act: async () => this.servers.get(server.name)?.writeNetworks(value) };
        });
      }),
    ];
  }

  #processCues(server: ScenarioServer): Cue[] {
    const [, ...later] = processesOf(this.#scenario, server, this.#options.line, this.askerAddress);
    const real = this.servers.get(server.name);
    return later.flatMap(({ awayAt, from }): Cue[] => [
      { at: awayAt, endsProcess: true, act: () => real?.goAway() },
      { at: from, act: () => real?.comeBack() },
    ]);
  }

  async #everywhere(change: (server: RealServer) => Promise<void>): Promise<void> {
    await Promise.all([...this.servers.values()].map(change));
  }
}
