import type { Question, ServerModel } from '../simulator/answer/evaluate.ts';
import type { PredictedOutcome } from '../simulator/answer/predict.ts';
import { predict } from '../simulator/answer/predict.ts';
import { UP } from '../simulator/health/status.ts';

/** A way to predict, made for one server: a thing to be measured. Every target is up. */
export interface Predictor {
  predict(question: Question): readonly PredictedOutcome[];
}

/** Every way there is, by name. Each is a row of the table, measured beside the others. */
export const PREDICTORS: Readonly<Record<string, (model: ServerModel) => Predictor>> = {
  predict: (model) => ({ predict: (question) => predict(question, model, () => UP).outcomes }),
};
