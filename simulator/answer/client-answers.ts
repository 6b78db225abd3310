/** What one client, and every client that no record can tell from it, is answered. */
import { formatPrefix, type IpAddress, type Prefix } from '../../geoip/address.ts';
import { type Chooser, enumerate } from '../chooser.ts';
import { Opaque, type RecordQuery, type Warning } from '../lua/context.ts';
import type { Fact } from '../lua/fact.ts';
import { add, formatRational, ONE, type Rational } from '../rational.ts';
import { DecisionTree, type Node } from './decision-tree.ts';
import { type Distribution, distribution, distributionKey } from './distribution.ts';
import type { Beliefs, Question, ServerModel } from './evaluate.ts';
import { HashedClients } from './hashed-clients.ts';
import { emptyOutcome, type Outcome } from './outcome.ts';

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

  #answerTo(question: Question): ClientAnswer {
    const { branches, complete } = enumerate((byHash) => {
      const clients = new HashedClients(byHash);
      return distribution((chooser) => this.#outcome(question, chooser, clients));
    }, MAX_GROUPS);
    if (!complete) {
      const outcome = this.#opaque(`the record splits clients by hash into more than ${MAX_GROUPS} groups`);
      const unknown: Distribution = { outcomes: [{ outcome, probability: ONE }], exact: true };
      return { groups: [{ share: ONE, distribution: unknown }] };
    }
    return { groups: merged(branches.map(({ value, probability }) => ({ share: probability, distribution: value }))) };
  }

  #outcome(question: Question, chooser: Chooser, clients: HashedClients): Outcome {
    const beliefs = { chooser, statusOf: this.#statusOf, factOf: this.#factOf(clients) };
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

  /** Facts as they are for all clients of a kind. Without `clients` a hash is that of the one client at hand. */
  #factOf(clients?: HashedClients): NonNullable<Beliefs['factOf']> {
    return <T>(fact: Fact<T>, query: RecordQuery): T => {
      const { grain } = fact;
      if (grain.kind === 'address') {
        throw new Opaque("the code looks at the client's address itself, so every address may be answered differently");
      }
      if (grain.kind === 'network' && !this.#masksRead.has(fact as Fact)) {
        this.#masksRead.add(fact as Fact);
        this.masks.set(formatPrefix(grain.prefix), grain.prefix);
      }
      if (grain.kind !== 'hash' || clients === undefined) return fact.of(query, this.#server.geo);
      // The value of a hash fact is the place in its list.
      return clients.placeIn(fact as Fact, grain, query) as T;
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

const MAX_GROUPS = 10_000;

/** What does not follow from where the client is. */
function isOpen(node: Node): boolean {
  return node.kind === 'draw' || (node.kind === 'fact' && node.fact.grain.kind === 'hash');
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
