/**
 * Remembers evaluations under exactly what they read. All that an evaluation can depend on comes to it one by one: facts of
 * the question, statuses of checks, draws. So the evaluations of one question by all clients form a tree whose inner nodes
 * are things read and whose leaves are outcomes. It grows as it is walked: where nobody has been yet the code is run.
 */
import type { Prefix } from '../../geoip/address.ts';
import type { Chooser } from '../chooser.ts';
import type { Check } from '../health/check.ts';
import { type CheckStatus, statusKey } from '../health/status.ts';
import type { RecordQuery, Warning } from '../lua/context.ts';
import type { Fact, FactKey } from '../lua/fact.ts';
import type { Beliefs } from './beliefs.ts';
import { evaluate } from './evaluate.ts';
import type { Outcome } from './outcome.ts';
import type { Question } from './question.ts';
import { recordQuery } from './record-query.ts';
import type { ServerModel } from './server-model.ts';

export type Node = FactNode | StatusNode | DrawNode | Leaf;

export interface FactNode {
  readonly kind: 'fact';
  readonly fact: Fact;
  /** The name that the record was asked for: the question's, or where an alias led. */
  readonly target: string;
  readonly next: Map<FactKey, Node>;
}

export interface StatusNode {
  readonly kind: 'status';
  readonly check: Check;
  /** The address that hangs on it. */
  readonly speaksFor: string;
  readonly next: Map<string, Node>;
}

export interface DrawNode {
  readonly kind: 'draw';
  readonly weights: readonly number[];
  readonly next: (Node | undefined)[];
}

export interface Leaf {
  readonly kind: 'leaf';
  readonly outcome: Outcome;
  readonly warnings: readonly Warning[];
}

/** Code that looks at addresses themselves makes a branch for each client; then the tree starts anew. */
const MAX_NODES = 200_000;

/** Of one server model. Make another where the zones, settings, databases or release line change. */
export class DecisionTree {
  readonly #model: ServerModel;
  readonly #roots = new Map<string, Node>();
  #nodes = 0;

  constructor(model: ServerModel) {
    this.#model = model;
  }

  /** As `evaluate`: the outcome, and what it warns of. Statuses are asked and draws made in the same order, once each. */
  walk(question: Question, beliefs: Beliefs): Leaf {
    const path: Step[] = [];
    const node = this.#descend(question, beliefs, path, () => false);
    return node?.kind === 'leaf' ? node : this.#grow(question, beliefs, path);
  }

  /** How far facts and statuses decide: the first node that is `open`, else the outcome. May ask for all of them twice. */
  settle(question: Question, known: Omit<Beliefs, 'chooser'>, isOpen: (node: Node) => boolean = isDraw): Node {
    const beliefs = { chooser: FIRST, ...known };
    for (;;) {
      const path: Step[] = [];
      const node = this.#descend(question, beliefs, path, isOpen);
      if (node !== undefined) return node;
      this.#grow(question, beliefs, path);
    }
  }

  /** Undefined where nobody has been yet; `path` then holds the answers so far. */
  #descend(question: Question, beliefs: Beliefs, path: Step[], isOpen: (node: Node) => boolean): Node | undefined {
    const ecs = this.#networkOf(question);
    let query: RecordQuery | undefined;
    let node = this.#roots.get(rootKey(question, ecs));
    while (node !== undefined && node.kind !== 'leaf' && !isOpen(node)) {
      switch (node.kind) {
        case 'fact': {
          if (query?.qname !== node.target) query = recordQuery(question, ecs, this.#model, node.target);
          path.push(A_FACT);
          node = node.next.get(node.fact.key(factValue(node.fact, query, this.#model, beliefs)));
          break;
        }
        case 'status': {
          const status = beliefs.statusOf(node.check, node.speaksFor);
          path.push({ kind: 'status', status });
          node = node.next.get(statusKey(status));
          break;
        }
        case 'draw': {
          const index: number = beliefs.chooser.choose(node.weights);
          path.push({ kind: 'draw', index });
          node = node.next[index];
        }
      }
    }
    return node;
  }

  #networkOf(question: Question): Prefix | undefined {
    return this.#model.settings.ednsSubnetProcessing ? question.ecs : undefined;
  }

  /** Runs the code with the answers that the walk got so far, then on its own, and keeps what it read. */
  #grow(question: Question, beliefs: Beliefs, walked: readonly Step[]): Leaf {
    if (this.#nodes > MAX_NODES) {
      this.#roots.clear();
      this.#nodes = 0;
    }
    const recorder = new Recorder(this.#model, beliefs, walked);
    const warnings: Warning[] = [];
    const trace = { because: () => {}, warn: (warning: Warning) => warnings.push(warning) };
    const outcome = evaluate(question, this.#model, recorder, trace);
    const leaf: Leaf = { kind: 'leaf', outcome, warnings };
    this.#keep(rootKey(question, this.#networkOf(question)), recorder.readings, leaf);
    return leaf;
  }

  #keep(key: string, readings: readonly Reading[], leaf: Leaf): void {
    let attach = (node: Node): Node => {
      const known = this.#roots.get(key);
      if (known === undefined) this.#roots.set(key, node);
      return known ?? node;
    };
    for (const reading of readings) {
      const node = attach(reading.node);
      if (node === reading.node) this.#nodes++;
      attach = (child) => attachBehind(node, reading, child);
    }
    attach(leaf);
    this.#nodes++;
  }
}

/** What an outcome shows of the question beside what code reads: the name as it was asked for, and the scope. */
function rootKey({ name, type }: Question, ecs: Prefix | undefined): string {
  return ecs === undefined ? `${type} ${name}` : `${type}/${ecs.length} ${name}`;
}

export function isDraw(node: Node): node is DrawNode {
  return node.kind === 'draw';
}

function factValue<T>(fact: Fact<T>, query: RecordQuery, model: ServerModel, beliefs: Beliefs): T {
  return beliefs.factOf === undefined ? fact.of(query, model.geo) : beliefs.factOf(fact, query);
}

const FIRST: Chooser = { choose: (weights) => weights.findIndex((weight) => weight > 0) };

/** An answer that a walk has already got; facts are simply read again, so `factOf` must stay with what it said. */
type Step =
  | { readonly kind: 'fact' }
  | { readonly kind: 'status'; readonly status: CheckStatus }
  | { readonly kind: 'draw'; readonly index: number };

const A_FACT: Step = { kind: 'fact' };

/** A node as it would be new, and the way that was taken from it. */
type Reading =
  | { readonly node: FactNode; readonly taken: FactKey }
  | { readonly node: StatusNode; readonly taken: string }
  | { readonly node: DrawNode; readonly taken: number };

/** The child behind the way taken, where there was one, else `child`, which is there from now on. */
function attachBehind(node: Node, { taken }: Reading, child: Node): Node {
  switch (node.kind) {
    case 'leaf':
      throw new TypeError('an evaluation read more than another one that read the same');
    case 'draw': {
      const known = node.next[taken as number];
      if (known === undefined) node.next[taken as number] = child;
      return known ?? child;
    }
    default: {
      const next = node.next as Map<FactKey, Node>;
      const known = next.get(taken);
      if (known === undefined) next.set(taken, child);
      return known ?? child;
    }
  }
}

class Recorder implements Beliefs {
  readonly readings: Reading[] = [];
  readonly chooser: Chooser;
  readonly #model: ServerModel;
  readonly #beliefs: Beliefs;
  readonly #walked: readonly Step[];

  constructor(model: ServerModel, beliefs: Beliefs, walked: readonly Step[]) {
    this.#model = model;
    this.#beliefs = beliefs;
    this.#walked = walked;
    this.chooser = { choose: (weights) => this.#choose(weights) };
  }

  factOf<T>(fact: Fact<T>, query: RecordQuery): T {
    const value = factValue(fact, query, this.#model, this.#beliefs);
    const node: FactNode = { kind: 'fact', fact: fact as Fact, target: query.qname, next: new Map() };
    this.readings.push({ node, taken: fact.key(value) });
    return value;
  }

  statusOf(check: Check, speaksFor: string): CheckStatus {
    const step = this.#walked[this.readings.length];
    const status = step?.kind === 'status' ? step.status : this.#beliefs.statusOf(check, speaksFor);
    this.readings.push({ node: { kind: 'status', check, speaksFor, next: new Map() }, taken: statusKey(status) });
    return status;
  }

  #choose(weights: readonly number[]): number {
    const step = this.#walked[this.readings.length];
    const index = step?.kind === 'draw' ? step.index : this.#beliefs.chooser.choose(weights);
    this.readings.push({ node: { kind: 'draw', weights, next: [] }, taken: index });
    return index;
  }
}
