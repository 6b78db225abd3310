/** Predictions by the thousand: of one server model, for many clients and changing statuses, remembered in a decision tree. */
import { enumerate } from '../chooser.ts';
import { ONE } from '../rational.ts';
import { DecisionTree, type DrawNode, type Leaf, type Node } from './decision-tree.ts';
import type { Beliefs, Question, ServerModel } from './evaluate.ts';
import type { Outcome } from './outcome.ts';
import { type Distribution, distributionOf, MAX_BRANCHES } from './predict.ts';

export class Predictor {
  readonly #tree: DecisionTree;
  readonly #known = new WeakMap<Leaf | DrawNode, Distribution>();

  constructor(model: ServerModel) {
    this.#tree = new DecisionTree(model);
  }

  /** One answer, as `evaluate` gives it. */
  ask(question: Question, beliefs: Beliefs): Outcome {
    return this.#tree.walk(question, beliefs).outcome;
  }

  /** Every outcome with its probability, as `predict` gives them. `statusOf` must give the same for the same check. */
  predict(question: Question, statusOf: Beliefs['statusOf'], maxBranches = MAX_BRANCHES): Distribution {
    const settled = this.#tree.settle(question, statusOf);
    const known = this.#known.get(settled);
    if (known !== undefined) return known;
    if (settled.kind === 'leaf') return this.#remember(settled, certain(settled.outcome));
    const { branches, complete } = enumerate(
      (chooser) => this.#tree.walk(question, { chooser, statusOf }).outcome,
      maxBranches,
    );
    const distribution = distributionOf(branches, complete);
    return complete && isOnlyDraws(settled) ? this.#remember(settled, distribution) : distribution;
  }

  #remember(settled: Leaf | DrawNode, distribution: Distribution): Distribution {
    this.#known.set(settled, distribution);
    return distribution;
  }
}

const predictors = new WeakMap<ServerModel, Predictor>();

/** The predictor of a model, always the same one: what it remembers is true of every world that the model is in. */
export function predictorOf(model: ServerModel): Predictor {
  let predictor = predictors.get(model);
  if (predictor === undefined) {
    predictor = new Predictor(model);
    predictors.set(model, predictor);
  }
  return predictor;
}

function certain(outcome: Outcome): Distribution {
  return { outcomes: [{ outcome, probability: ONE }], exact: true };
}

/** Whether nothing but draws decides below a node that was walked in full. */
function isOnlyDraws(node: Node): boolean {
  if (node.kind === 'leaf') return true;
  return node.kind === 'draw' && node.next.every((next) => next === undefined || isOnlyDraws(next));
}
