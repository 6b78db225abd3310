/** A resolver between clients and servers: it asks its servers in turn, and keeps what they say as long as they say. */
import { formatAddress, type IpAddress, maskAddress, type Prefix, prefixContains } from '../../geoip/address.ts';
import type { Distribution } from '../answer/distribution.ts';
import type { Outcome } from '../answer/outcome.ts';
import type { Question } from '../answer/question.ts';
import { type Clock, MICROS_PER_SECOND } from '../clock.ts';
import type { ResolverPlan } from './plan.ts';
import type { WorldServer } from './server.ts';

interface Entry {
  readonly key: string;
  /** Clients that it holds for; undefined: all. */
  readonly network: Prefix | undefined;
  /** Everything that could have been answered when it was asked for. */
  readonly answer: Distribution;
}

export class WorldResolver {
  readonly plan: ResolverPlan;
  readonly #clock: Clock;
  readonly #servers: readonly WorldServer[];
  readonly #onChange: () => void;
  readonly #cache = new Set<Entry>();
  #turn = 0;

  /** `onChange`: what clients are answered may be something else from now on. */
  constructor(plan: ResolverPlan, clock: Clock, servers: readonly WorldServer[], onChange: () => void) {
    this.plan = plan;
    this.#clock = clock;
    this.#servers = servers;
    this.#onChange = onChange;
  }

  /** A client asks: from the cache, else of the next server that answers. */
  ask(name: string, type: string, client: Prefix): void {
    const key = keyOf(name, type);
    if (this.#cached(key, client.address) !== undefined) return;
    const question = this.#question(name, type, client);
    for (let tries = 0; tries < this.#servers.length; tries++) {
      const server = this.#servers[this.#turn++ % this.#servers.length];
      if (server === undefined) return;
      const answer = server.answers(question);
      const outcome = server.ask(question, formatAddress(this.plan.address));
      if (outcome === undefined || outcome.rcode === 'DROPPED') continue;
      this.#keep(key, question, outcome, answer);
      return;
    }
  }

  /** What a client would be answered now. */
  answers(name: string, type: string, client: Prefix): Distribution | undefined {
    const cached = this.#cached(keyOf(name, type), client.address);
    if (cached !== undefined) return cached;
    return this.#servers[this.#turn % this.#servers.length]?.answers(this.#question(name, type, client));
  }

  #keep(key: string, question: Question, outcome: Outcome, answer: Distribution): void {
    const seconds = lifetime(outcome);
    if (seconds === undefined) return;
    const { leastTtlSeconds, mostTtlSeconds } = this.plan;
    const kept = Math.min(mostTtlSeconds, Math.max(leastTtlSeconds, seconds));
    if (kept === 0) return;
    const entry: Entry = { key, network: networkOf(question, outcome), answer };
    this.#cache.add(entry);
    this.#onChange();
    this.#clock.at(this.#clock.now() + kept * MICROS_PER_SECOND, () => {
      this.#cache.delete(entry);
      this.#onChange();
    });
  }

  #cached(key: string, client: IpAddress): Distribution | undefined {
    for (const entry of this.#cache) {
      if (entry.key === key && (entry.network === undefined || prefixContains(entry.network, client)))
        return entry.answer;
    }
    return undefined;
  }

  #question(name: string, type: string, client: Prefix): Question {
    const question = { name, type, client: this.plan.address, ednsSize: 1232 };
    return this.plan.ecs ? { ...question, ecs: client } : question;
  }
}

function keyOf(name: string, type: string): string {
  return `${type} ${name.toLowerCase()}`;
}

/** Seconds that an answer may be kept; undefined for failures, which are asked again. Without records, as the SOA says. */
function lifetime({ rcode, answers, authority }: Outcome): number | undefined {
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return undefined;
  const records = answers.length > 0 ? answers : authority;
  return records.length === 0 ? undefined : Math.min(...records.map(({ ttlSeconds }) => ttlSeconds));
}

/** The scope of an answer says for whom else it holds. */
function networkOf({ ecs }: Question, { ecsScope }: Outcome): Prefix | undefined {
  if (ecs === undefined || ecsScope === undefined || ecsScope === 0) return undefined;
  const length = Math.min(ecs.length, ecsScope);
  return { address: maskAddress(ecs.address, length), length };
}
