import { formatAddress, formatPrefix } from '../geoip/address.ts';
import type { Question } from '../simulator/answer/evaluate.ts';
import { answerTexts } from '../simulator/answer/outcome.ts';
import type { Prediction } from '../simulator/answer/predict.ts';
import { formatRational, toNumber } from '../simulator/rational.ts';

/** A prediction in the JSON of `predict --format json`. */
export function predictionView(prediction: Prediction, question: Question, profile: string) {
  return {
    name: question.name,
    type: question.type,
    profile,
    exact: prediction.exact,
    client: {
      address: formatAddress(question.client),
      ...(question.ecs === undefined ? {} : { ecs: formatPrefix(question.ecs) }),
    },
    outcomes: prediction.outcomes.map(({ outcome, probability }) => ({
      rcode: outcome.rcode,
      answers: answerTexts(outcome, question.type),
      ttlSeconds: outcome.answers[0]?.ttlSeconds ?? null,
      probability: toNumber(probability),
      probabilityExact: formatRational(probability),
    })),
    ecsScope: prediction.outcomes[0]?.outcome.ecsScope ?? null,
    checks: prediction.checks.map(({ check, status }) => ({
      id: check.id,
      kind: check.kind,
      target: check.target,
      url: check.url,
      options: check.options,
      status: status.kind,
      ...(status.kind === 'up' && status.weight > 0 ? { weight: status.weight } : {}),
    })),
    warnings: prediction.warnings,
    because: prediction.because,
  };
}
