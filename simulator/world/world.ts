/**
 * A world runs: servers probe targets through a network in which faults happen, clients and resolvers ask. On one virtual
 * clock, from a plan, a seed and the phases of the servers: the same three give the same history to the byte.
 */

import { formatAddress } from '../../geoip/address.ts';
import type { Distribution } from '../answer/distribution.ts';
import { type Chooser, sampler, seededUint32 } from '../chooser.ts';
import type { Micros } from '../clock.ts';
import type { EndedProbe } from '../health/checker.ts';
import { VirtualClock } from '../virtual-clock.ts';
import type { History } from './history.ts';
import { WorldLease } from './lease.ts';
import { WorldNetwork } from './network.ts';
import {
  type Asked,
  type AskingPlan,
  NO_PHASE,
  type Phase,
  type ServerPlan,
  type WorldEvent,
  type WorldPlan,
} from './plan.ts';
import { Recorder } from './recorder.ts';
import { WorldResolver } from './resolver.ts';
import { WorldServer } from './server.ts';
import { WallClock } from './wall-clock.ts';
import type { Witness } from './witness.ts';

export interface RunOptions {
  /** Decides every draw: selectors of questions that are really asked, jitter, losses. */
  readonly seed: number;
  /** By server; those that are not named have none. */
  readonly phases: ReadonlyMap<string, Phase>;
  /** Keep every single probe. */
  readonly keepsProbes?: boolean;
  readonly witness?: Witness;
}

export function runWorld(plan: WorldPlan, options: RunOptions): History {
  return new World(plan, options).run();
}

class World {
  readonly #plan: WorldPlan;
  readonly #options: RunOptions;
  readonly #clock: VirtualClock;
  readonly #chooser: Chooser;
  readonly #network: WorldNetwork;
  readonly #servers = new Map<string, WorldServer>();
  readonly #resolvers = new Map<string, WorldResolver>();
  readonly #walls = new Map<string, WallClock>();
  readonly #lease: WorldLease | undefined;
  readonly #recorder: Recorder;
  /** Whose answers may have changed in this moment: those that hang on statuses, or all. */
  readonly #touched = new Map<string, 'statuses' | 'all'>();
  /** Watches whose answers hang on statuses, as far as is known. */
  readonly #isOfStatuses: boolean[] = [];

  constructor(plan: WorldPlan, options: RunOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#clock = new VirtualClock(0, options.witness);
    this.#chooser = sampler(seededUint32(options.seed));
    this.#network = new WorldNetwork(this.#clock, this.#chooser);
    this.#recorder = new Recorder(plan, options.keepsProbes ?? false);
    for (const { name, address, vantage, behaviour } of plan.targets)
      this.#network.add(name, address, vantage, behaviour);
    for (const server of plan.servers) this.#servers.set(server.name, this.#newServer(server));
    for (const resolver of plan.resolvers) {
      const servers = resolver.servers.flatMap((name) => this.#servers.get(name) ?? []);
      const touch = () => this.#touch(resolver.name, 'all');
      this.#resolvers.set(resolver.name, new WorldResolver(resolver, this.#clock, servers, touch));
    }
    if (plan.lease !== undefined) {
      const noted = () => this.#recorder.lease(this.#clock.now(), this.#lease?.state);
      this.#lease = new WorldLease(plan.lease, this.#clock, (vantage) => this.#wallOf(vantage), noted);
      noted();
    }
  }

  run(): History {
    const { events, asking, marks, endsAt } = this.#plan;
    for (const event of events) this.#clock.at(event.at, () => this.#happens(event));
    for (const mark of marks) this.#clock.atLast(mark, () => {});
    for (const each of asking) this.#startAsking(each);
    for (const name of [...this.#servers.keys(), ...this.#resolvers.keys()]) this.#touch(name, 'all');
    this.#settle();
    this.#clock.run(endsAt, () => this.#settle());
    for (const server of this.#servers.values()) server.stop();
    return this.#recorder.history();
  }

  #newServer(plan: ServerPlan): WorldServer {
    const { fraction } = this.#options.phases.get(plan.name) ?? NO_PHASE;
    const wall = new WallClock(this.#clock, fraction, this.#options.witness);
    this.#walls.set(plan.name, wall);
    return new WorldServer({
      plan,
      clock: this.#clock,
      wall,
      prober: this.#network.prober(plan.vantage),
      chooser: this.#chooser,
      onChange: (whose) => this.#touch(plan.name, whose),
      onProbe: (probe: EndedProbe) => this.#recorder.probe(plan.name, probe),
    });
  }

  #startAsking({ asked, starts, every, ends }: AskingPlan): void {
    const first = starts + this.#offsetOf(asked);
    const ask = (at: Micros) => {
      this.#ask(asked);
      if (at + every <= ends) this.#clock.at(at + every, () => ask(at + every));
    };
    this.#clock.at(first, () => ask(first));
  }

  /** A resolver's clients come in the phase of the first server that it asks. */
  #offsetOf(asked: Asked): Micros {
    const server = asked.kind === 'server' ? asked.server : this.#resolvers.get(asked.resolver)?.plan.servers[0];
    return (this.#options.phases.get(server ?? '') ?? NO_PHASE).offset;
  }

  #ask(asked: Asked): void {
    this.#recorder.question();
    if (asked.kind === 'resolver') {
      this.#resolvers.get(asked.resolver)?.ask(asked.name, asked.type, asked.subnet);
      return;
    }
    const { question } = asked;
    const outcome = this.#servers
      .get(asked.server)
      ?.ask(question, formatAddress(question.ecs?.address ?? question.client));
    if (outcome === undefined) this.#recorder.dropped();
  }

  #touch(name: string, whose: 'statuses' | 'all'): void {
    if (this.#touched.get(name) !== 'all') this.#touched.set(name, whose);
  }

  #answersTo(asked: Asked, onStatus: () => void): Distribution | undefined {
    if (asked.kind === 'server') return this.#servers.get(asked.server)?.answers(asked.question, onStatus);
    return this.#resolvers.get(asked.resolver)?.answers(asked.name, asked.type, asked.subnet);
  }

  /** Looks at whatever may have changed, once a moment. */
  #settle(): void {
    if (this.#touched.size === 0) return;
    for (const [name, { plan }] of this.#resolvers) {
      if (plan.servers.some((server) => this.#touched.has(server))) this.#touch(name, 'all');
    }
    const now = this.#clock.now();
    for (const [i, { asked }] of this.#plan.watches.entries()) {
      const who = asked.kind === 'server' ? asked.server : asked.resolver;
      const whose = this.#touched.get(who);
      if (whose === undefined || (whose === 'statuses' && this.#isOfStatuses[i] === false)) continue;
      this.#isOfStatuses[i] = asked.kind === 'resolver';
      const answer = this.#answersTo(asked, () => {
        this.#isOfStatuses[i] = true;
      });
      this.#recorder.answer(i, now, answer);
    }
    for (const name of this.#touched.keys()) {
      const server = this.#servers.get(name);
      if (server !== undefined) this.#recorder.statuses(name, now, server.statuses());
    }
    this.#touched.clear();
  }

  #happens(event: WorldEvent): void {
    switch (event.kind) {
      case 'behaviour':
        this.#network.setBehaviour(event.address, event.behaviour);
        break;
      case 'reach':
        this.#network.setReach(event.from, event.to, event.passes);
        break;
      case 'model':
        this.#servers.get(event.server)?.setModel(event.change);
        break;
      case 'check-settings':
        this.#servers.get(event.server)?.setCheckSettings(event);
        break;
      case 'stop':
        this.#servers.get(event.server)?.stop();
        break;
      case 'start':
        this.#servers.get(event.server)?.start(event.profile);
        break;
      case 'clock':
        this.#wallOf(event.of).set(event.step, event.driftPerSecond);
        this.#lease?.clockChanged(event.of);
        break;
      case 'lease':
        this.#leaseChanges(event);
        break;
    }
  }

  #leaseChanges(event: WorldEvent & { kind: 'lease' }): void {
    switch (event.change) {
      case 'expires':
        this.#lease?.expire();
        break;
      case 'witness goes':
        this.#lease?.setWitness(false);
        break;
      case 'witness comes back':
        this.#lease?.setWitness(true);
        break;
      case 'stolen':
        this.#lease?.steal(event.by);
        break;
    }
  }

  /** Of a server, or of the place where the lease's holders stand. */
  #wallOf(name: string): WallClock {
    const known = this.#walls.get(name);
    if (known !== undefined) return known;
    const wall = new WallClock(this.#clock, 0, this.#options.witness);
    this.#walls.set(name, wall);
    return wall;
  }
}
