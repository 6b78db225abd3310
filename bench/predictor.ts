import type { PredictedOutcome } from '../simulator/answer/distribution.ts';
import { predict } from '../simulator/answer/predict.ts';
import { Predictor as RememberingPredictor } from '../simulator/answer/predictor.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import { UP } from '../simulator/health/status.ts';

/** A way to predict, made for one server: a thing to be measured. Every target is up. */
export interface Predictor {
  predict(question: Question): readonly PredictedOutcome[];
}

/** Every way there is, by name. Each is a row of the table, measured beside the others. */
export const PREDICTORS: Readonly<Record<string, (model: ServerModel) => Predictor>> = {
  'run anew': (model) => ({ predict: (question) => predict(question, model, () => UP).outcomes }),
  remembered: (model) => {
    const predictor = new RememberingPredictor(model);
    return { predict: (question) => predictor.predict(question, () => UP).outcomes };
  },
};
