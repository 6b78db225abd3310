/** What a server must believe of targets that never change, once it has probed them a few times. */

import { predict } from '../../simulator/answer/predict.ts';
import type { Question } from '../../simulator/answer/question.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { type Check, probeRequest } from '../../simulator/health/check.ts';
import type { ProbeRequest, ProbeResult } from '../../simulator/health/probe.ts';
import { ABSENT, type CheckStatus, DOWN, statusAfter, UP } from '../../simulator/health/status.ts';
import { type RealProber, realProber } from '../../wire/prober.ts';

/** More failures in a row than any generated `minimumFailures`. */
const PROBES = 3;

export async function settledStatuses(
  questions: readonly Question[],
  model: ServerModel,
): Promise<ReadonlyMap<string, CheckStatus>> {
  const checks = new Map<string, Check>();
  for (const question of questions) {
    for (const status of [UP, DOWN]) {
      for (const { check } of predict(question, model, () => status).checks) checks.set(check.id, check);
    }
  }
  const prober = realProber({ version: 'fuzz', maxConcurrency: 32, shadowHeader: false });
  try {
    const entries = [...checks].map(async ([id, check]) => {
      const request = probeRequest(check, model.profile);
      const result = await probeUntilSure(request, prober);
      let status: CheckStatus = ABSENT;
      for (let i = 0; i < PROBES; i++) status = statusAfter(status, result, check, model.profile);
      return [id, status] as const;
    });
    return new Map(await Promise.all(entries));
  } finally {
    await prober.close();
  }
}

/** One good probe tells that a target is up; one that failed may have lacked the time, so three must. */
async function probeUntilSure(request: ProbeRequest, prober: RealProber): Promise<ProbeResult> {
  for (let probe = 1; ; probe++) {
    const result = await new Promise<ProbeResult>((resolve) => prober(request, resolve));
    if (result.up || probe === PROBES) return result;
  }
}
