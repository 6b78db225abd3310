/** The network between vantages and targets: who reaches whom, and how targets behave at the moment. */
import { type Chooser, chooseUniformly } from '../chooser.ts';
import type { Clock, Micros } from '../clock.ts';
import type { HttpProbeRequest, Prober, TcpProbeRequest } from '../health/probe.ts';
import { failed } from '../health/verdict.ts';
import { Attempt, type Reachable } from './attempt.ts';
import type { TargetBehaviour } from './behaviour.ts';

interface Target {
  readonly vantage: string | undefined;
  behaviour: TargetBehaviour;
  readonly waiting: Reachable['waiting'];
}

/** Steps into which jitter and losses are drawn. */
const JITTER_STEPS = 1000;
const LOSS_STEPS = 1_000_000;

export class WorldNetwork {
  readonly #clock: Clock;
  readonly #chooser: Chooser;
  readonly #targets = new Map<string, Target>();
  readonly #addresses = new Map<string, string>();
  readonly #cut = new Set<string>();

  /** `chooser` draws jitter and losses. */
  constructor(clock: Clock, chooser: Chooser) {
    this.#clock = clock;
    this.#chooser = chooser;
  }

  /** `name` stands for the address in URLs that are not pinned. */
  add(name: string, address: string, vantage: string | undefined, behaviour: TargetBehaviour): void {
    this.#targets.set(address, { vantage, behaviour, waiting: [] });
    this.#addresses.set(name, address);
  }

  setBehaviour(address: string, behaviour: TargetBehaviour): void {
    const target = this.#targets.get(address);
    if (target === undefined) return;
    target.behaviour = behaviour;
    if (behaviour.tcp !== 'refuse' && behaviour.tcp !== 'reset') return;
    for (const attempt of [...target.waiting]) attempt.broken();
  }

  /** Connections that one vantage opens to another get through, or their packets vanish. */
  setReach(from: string, to: string, passes: boolean): void {
    if (passes) this.#cut.delete(`${from} ${to}`);
    else this.#cut.add(`${from} ${to}`);
  }

  /** Probes as a server at `vantage` makes them. */
  prober(vantage: string): Prober {
    const seen = new Map<Target, Reachable>();
    return (request, report) => {
      if (request.kind === 'failing') return this.#soon(() => report(failed(request.reason)));
      // PowerDNS does not wait for such a connection.
      if (request.kind === 'tcp' && request.timeoutMs === 0) {
        return this.#soon(() => report({ up: true, reason: 'not waited for' }));
      }
      const target = this.#targetOf(request);
      return new Attempt(this.#clock, request, target && this.#seenFrom(vantage, target, seen), report);
    };
  }

  #seenFrom(vantage: string, target: Target, seen: Map<Target, Reachable>): Reachable {
    const known = seen.get(target);
    if (known !== undefined) return known;
    const reachable: Reachable = {
      connect: () => (this.#isCut(vantage, target) || this.#isLost(target) ? undefined : target.behaviour),
      behaviour: () => (this.#isCut(vantage, target) ? undefined : target.behaviour),
      latencyOf: (behaviour) => this.#latency(behaviour),
      waiting: target.waiting,
    };
    seen.set(target, reachable);
    return reachable;
  }

  #isCut(vantage: string, { vantage: there }: Target): boolean {
    return there !== undefined && this.#cut.size > 0 && this.#cut.has(`${vantage} ${there}`);
  }

  #isLost({ behaviour: { loss } }: Target): boolean {
    if (loss === 0) return false;
    return this.#chooser.choose([Math.round((1 - loss) * LOSS_STEPS), Math.round(loss * LOSS_STEPS)]) === 1;
  }

  #latency({ latency: { base, jitter } }: TargetBehaviour): Micros {
    if (jitter === 0) return base;
    return base + Math.round((jitter * chooseUniformly(this.#chooser, JITTER_STEPS)) / JITTER_STEPS);
  }

  #targetOf(request: TcpProbeRequest | HttpProbeRequest): Target | undefined {
    const address = request.address ?? (request.kind === 'http' ? this.#addressOf(request.url) : undefined);
    return address === undefined ? undefined : this.#targets.get(address);
  }

  /** Where a URL leads that is not pinned: names of targets resolve, others do not. */
  #addressOf(url: string): string | undefined {
    const host = /^https?:\/\/(?:\[([^\]]*)\]|([^/:?#]+))/i.exec(url);
    const name = host?.[1] ?? host?.[2] ?? '';
    return this.#targets.has(name) ? name : this.#addresses.get(name);
  }

  #soon(task: () => void): { cancel(): void } {
    return this.#clock.at(this.#clock.now(), task);
  }
}
