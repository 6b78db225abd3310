/** Which checks a question can make a server ask for. */
import { chooseUniformly, enumerate } from '../chooser.ts';
import type { Check } from '../health/check.ts';
import { type MappedAddresses, noteMapped } from '../health/check-names.ts';
import { ABSENT, type CheckStatus, DOWN, UP } from '../health/status.ts';
import { evaluate } from './evaluate.ts';
import type { Question } from './question.ts';
import type { ServerModel } from './server-model.ts';

export interface AskedChecks {
  readonly checks: readonly Check[];
  readonly mapped: MappedAddresses;
}

/** Those that some way through the code asks for, with any draw and any status; of `maxWays` ways at most. */
export function askedChecks(question: Question, server: ServerModel, maxWays: number): AskedChecks {
  const checks = new Map<string, Check>();
  const mapped = new Map<string, Set<string>>();
  enumerate((chooser) => {
    const assumed = new Map<string, CheckStatus>();
    const statusOf = (check: Check, speaksFor: string): CheckStatus => {
      checks.set(check.id, check);
      noteMapped(mapped, check, speaksFor);
      const status = assumed.get(check.id) ?? ANY[chooseUniformly(chooser, ANY.length)] ?? UP;
      assumed.set(check.id, status);
      return status;
    };
    evaluate(question, server, { chooser, statusOf }, SILENT);
  }, maxWays);
  return { checks: [...checks.values()], mapped };
}

const ANY: readonly CheckStatus[] = [UP, DOWN, ABSENT];
const SILENT = { because: () => {}, warn: () => {} };
