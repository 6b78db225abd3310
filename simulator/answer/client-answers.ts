/** What one client, and every client that no record can tell from it, is answered. */
import { formatPrefix, type IpAddress, type Prefix } from '../../geoip/address.ts';
import { type Chooser, enumerate } from '../chooser.ts';
import { Opaque, type RecordQuery, type Warning } from '../lua/context.ts';
import type { Fact, Grain } from '../lua/fact.ts';
import { add, formatRational, ONE, type Rational } from '../rational.ts';
import type { Beliefs } from './beliefs.ts';
import { DecisionTree, type Node } from './decision-tree.ts';
import { type Distribution, distribution, distributionKey } from './distribution.ts';
import { HashedClients } from './hashed-clients.ts';
import { emptyOutcome, type Outcome } from './outcome.ts';
import type { Question } from './question.ts';
import type { ServerModel } from './server-model.ts';

/** What the clients of a network are answered. */
export interface ClientAnswer {
  /**
   * One, unless the record picks by the hash of the client's address. Then each client is in one of these groups for good: it
   * is no draw for each question. The shares are those of very many clients; the largest comes first, they sum to one.
   */
  readonly groups: readonly ClientGroup[];
}

export interface ClientGroup {
  readonly share: Rational;
  readonly distribution: Distribution;
}

/** Whoever asks for a name, with fixed statuses. Answers are numbered, equal ones alike. */
export class ClientAnswers {
  readonly answers: ClientAnswer[] = [];
  /** Networks that code has compared clients with, by their text. */
  readonly masks = new Map<string, Prefix>();
  readonly warnings = new Map<string, Warning>();
  readonly #question: Omit<Question, 'client' | 'ecs'>;
  readonly #server: ServerModel;
  readonly #statusOf: Beliefs['statusOf'];
  readonly #tree: DecisionTree;
  readonly #masksRead = new WeakSet<Fact>();
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<Node, number>();
  /** Of a pick by hash, the answers to its places that hang on nothing else. */
  readonly #byPlace = new WeakMap<Node, number[]>();

  constructor(question: Omit<Question, 'client' | 'ecs'>, server: ServerModel, statusOf: Beliefs['statusOf']) {
    this.#question = question;
    this.#server = server;
    this.#statusOf = statusOf;
    this.#tree = new DecisionTree(server);
  }

  /**
   * The number of the answer to clients that have the same GeoIP records as `client` and are in the same of `masks`, provided
   * that these do not grow by this call.
   */
  numberFor(client: IpAddress): number {
    const question = { ...this.#question, client };
    const settled = this.#tree.settle(question, { statusOf: this.#statusOf, factOf: this.#factOf() }, isOpen);
    const known = this.#known.get(settled);
    if (known !== undefined) return known;
    const number = this.#numberOf(this.#answerTo(question));
    if (!readsMore(settled)) this.#known.set(settled, number);
    return number;
  }

  /**
   * As `numberFor`, but each client by its own hash: where hashes decide, the numbers of the answers to those of these
   * clients that have a certain one. `client` must not change as long as the result is used.
   */
  numbersByHash(client: IpAddress): number | NumberOfHash {
    const question = { ...this.#question, client };
    const settled = this.#tree.settle(question, { statusOf: this.#statusOf, factOf: this.#factOf() }, isOpen);
    if (settled.kind !== 'fact') return this.numberFor(client);
    const { fact, next } = settled;
    const { grain } = fact;
    if (grain.kind !== 'hash') throw new TypeError('only hashes are left open');
    const numbers = this.#byPlace.get(settled) ?? [];
    this.#byPlace.set(settled, numbers);
    return (hash) => {
      const place = grain.placeOf(hash);
      let number = numbers[place];
      if (number !== undefined) return number;
      number = this.#numberOf(this.#answerToHash(question, hash));
      // What else is read below may differ between clients that share this node, and between hashes of a place.
      const below = next.get(fact.key(place));
      if (below !== undefined && isFree(below)) numbers[place] = number;
      return number;
    };
  }

  #answerToHash(question: Question, hash: number): ClientAnswer {
    const placed = distribution((chooser) => this.#outcome(question, chooser, (_, { placeOf }) => placeOf(hash)));
    return { groups: [{ share: ONE, distribution: placed }] };
  }

  #answerTo(question: Question): ClientAnswer {
    const { branches, complete } = enumerate((byHash) => {
      const clients = new HashedClients(byHash);
      const placeIn: PlaceOf = (fact, grain, query) => clients.placeIn(fact, grain, query);
      return distribution((chooser) => this.#outcome(question, chooser, placeIn));
    }, MAX_GROUPS);
    if (!complete) {
      const outcome = this.#opaque(`the record splits clients by hash into more than ${MAX_GROUPS} groups`);
      const unknown: Distribution = { outcomes: [{ outcome, probability: ONE }], exact: true };
      return { groups: [{ share: ONE, distribution: unknown }] };
    }
    return { groups: merged(branches.map(({ value, probability }) => ({ share: probability, distribution: value }))) };
  }

  #outcome(question: Question, chooser: Chooser, placeOf: PlaceOf): Outcome {
    const beliefs = { chooser, statusOf: this.#statusOf, factOf: this.#factOf(placeOf) };
    try {
      const { outcome, warnings } = this.#tree.walk(question, beliefs);
      for (const warning of warnings) this.#warn(warning);
      return outcome;
    } catch (thrown) {
      // From the tree rather than from code that runs.
      if (thrown instanceof Opaque) return this.#opaque(thrown.message);
      throw thrown;
    }
  }

  #opaque(message: string): Outcome {
    this.#warn({ code: 'E_LUA_OPAQUE', message });
    return emptyOutcome('OPAQUE', undefined);
  }

  #warn(warning: Warning): void {
    this.warnings.set(`${warning.code} ${warning.message}`, warning);
  }

  /** Facts as they are for all clients of a kind. Without `placeOf` a hash is that of the one client at hand. */
  #factOf(placeOf?: PlaceOf): NonNullable<Beliefs['factOf']> {
    return <T>(fact: Fact<T>, query: RecordQuery): T => {
      const { grain } = fact;
      if (grain.kind === 'address') {
        throw new Opaque("the code looks at the client's address itself, so every address may be answered differently");
      }
      if (grain.kind === 'network' && !this.#masksRead.has(fact as Fact)) {
        this.#masksRead.add(fact as Fact);
        this.masks.set(formatPrefix(grain.prefix), grain.prefix);
      }
      if (grain.kind !== 'hash' || placeOf === undefined) return fact.of(query, this.#server.geo);
      // The value of a hash fact is the place in its list.
      return placeOf(fact as Fact, grain, query) as T;
    };
  }

  #numberOf(answer: ClientAnswer): number {
    const key = answer.groups
      .map((group) => `${formatRational(group.share)} ${distributionKey(group.distribution)}`)
      .sort()
      .join('\n\n\n');
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.answers.push(answer) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}

/** The number of the answer to the clients that have a hash. */
export type NumberOfHash = (hash: number) => number;

type HashGrain = Extract<Grain, { kind: 'hash' }>;
type PlaceOf = (fact: Fact, grain: HashGrain, query: RecordQuery) => number;

const MAX_GROUPS = 10_000;

/** What does not follow from where the client is. */
function isOpen(node: Node): boolean {
  return node.kind === 'draw' || (node.kind === 'fact' && node.fact.grain.kind === 'hash');
}

/** Whether only draws decide below a node that was walked in full. */
function isFree(node: Node): boolean {
  return (
    node.kind === 'leaf' || (node.kind === 'draw' && node.next.every((next) => next === undefined || isFree(next)))
  );
}

/** Whether something else than draws and hashes decides below a node that was walked in full. */
function readsMore(node: Node): boolean {
  switch (node.kind) {
    case 'leaf':
      return false;
    case 'status':
      return true;
    case 'draw':
      return node.next.some((next) => next !== undefined && readsMore(next));
    case 'fact':
      return node.fact.grain.kind !== 'hash' || [...node.next.values()].some(readsMore);
  }
}

function merged(groups: readonly ClientGroup[]): ClientGroup[] {
  const known = new Map<string, { share: Rational; distribution: Distribution }>();
  for (const group of groups) {
    const key = distributionKey(group.distribution);
    const same = known.get(key);
    if (same === undefined) known.set(key, { ...group });
    else same.share = add(same.share, group.share);
  }
  return [...known.values()].sort((a, b) => compare(b.share, a.share));
}

function compare(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}
