/** Predictions as JSON. Keys are camelCase with units. */
import { formatAddress, formatPrefix } from '../geoip/address.ts';
import type { Distribution } from '../simulator/answer/distribution.ts';
import { answerTexts } from '../simulator/answer/outcome.ts';
import type { Prediction } from '../simulator/answer/predict.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { Change } from '../simulator/answer/what-if.ts';
import { formatRational, toNumber } from '../simulator/rational.ts';

/** A prediction in the JSON of `predict --format json`. `changes`: what would make it another one, where that was looked for. */
export function predictionView(
  prediction: Prediction,
  question: Question,
  profile: string,
  changes: readonly Change[] | undefined,
) {
  return {
    name: question.name,
    type: question.type,
    profile,
    exact: prediction.exact,
    ...(prediction.sampleSize === undefined ? {} : { sampleSize: prediction.sampleSize }),
    client: {
      address: formatAddress(question.client),
      ...(question.ecs === undefined ? {} : { ecs: formatPrefix(question.ecs) }),
    },
    outcomes: outcomesView(prediction, question.type),
    ecsScope: prediction.outcomes[0]?.outcome.ecsScope ?? null,
    checks: statusesView(prediction.checks),
    warnings: prediction.warnings,
    because: prediction.because,
    changes:
      changes?.map(({ variation, text, distribution }) => ({
        kind: variation.kind,
        change: text,
        ...(variation.kind === 'status' ? { check: variation.check.id, status: variation.status.kind } : {}),
        outcomes: outcomesView(distribution, question.type),
      })) ?? null,
  };
}

export function outcomesView(distribution: Distribution, questionType: string) {
  return distribution.outcomes.map(({ outcome, probability, confidence }) => ({
    rcode: outcome.rcode,
    answers: answerTexts(outcome, questionType),
    ttlSeconds: outcome.answers[0]?.ttlSeconds ?? null,
    probability: toNumber(probability),
    probabilityExact: formatRational(probability),
    ...(confidence === undefined ? {} : { confidence }),
  }));
}

/** Checks with the statuses that they are taken to have. */
export function statusesView(checks: Prediction['checks']) {
  return checks.map(({ check, status }) => ({
    id: check.id,
    kind: check.kind,
    target: check.target,
    url: check.url,
    options: check.options,
    status: status.kind,
    ...(status.kind === 'up' && status.weight > 0 ? { weight: status.weight } : {}),
  }));
}
