/** Predictions by the thousand: of one server model, for many clients and changing statuses, remembered in a decision tree. */
import { ONE } from '../rational.ts';
import type { Beliefs } from './beliefs.ts';
import { DecisionTree, type Node } from './decision-tree.ts';
import { type Distribution, distribution, MAX_BRANCHES } from './distribution.ts';
import type { Outcome } from './outcome.ts';
import type { Question } from './question.ts';
import type { ServerModel } from './server-model.ts';

export class Predictor {
  readonly #tree: DecisionTree;
  readonly #known = new WeakMap<Node, Distribution>();

  constructor(model: ServerModel) {
    this.#tree = new DecisionTree(model);
  }

  /** One answer, as `evaluate` gives it. */
  ask(question: Question, beliefs: Beliefs): Outcome {
    return this.#tree.walk(question, beliefs).outcome;
  }

  /** Every outcome with its probability, as `predict` gives them. `statusOf` must give the same for the same check. */
  predict(question: Question, statusOf: Beliefs['statusOf'], maxBranches = MAX_BRANCHES): Distribution {
    const settled = this.#tree.settle(question, { statusOf });
    const known = this.#known.get(settled);
    if (known !== undefined) return known;
    if (settled.kind === 'leaf') return this.#remember(settled, certain(settled.outcome));
    const predicted = distribution((chooser) => this.#tree.walk(question, { chooser, statusOf }).outcome, maxBranches);
    return predicted.exact && isOnlyDraws(settled) ? this.#remember(settled, predicted) : predicted;
  }

  #remember(settled: Node, predicted: Distribution): Distribution {
    this.#known.set(settled, predicted);
    return predicted;
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
