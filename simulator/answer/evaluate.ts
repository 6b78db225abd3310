/**
 * One question to one answer: names are looked up (`lookup.ts`), code is run (`code-run.ts`), aliases are followed. Pure: every
 * status is read through `statusOf`, every draw through `chooser`.
 */
import type { Prefix } from '../../geoip/address.ts';
import type { Reason } from '../lua/context.ts';
import { zoneOf } from '../zone/index.ts';
import { isSubdomain } from '../zone/name.ts';
import { canonicalType } from '../zone/record-type.ts';
import type { Beliefs, Trace } from './beliefs.ts';
import { CodeRun } from './code-run.ts';
import { type Ending, LookUp } from './lookup.ts';
import { type AnswerRecord, distinctRecords, emptyOutcome, type Outcome, type Rcode } from './outcome.ts';
import type { Question } from './question.ts';
import type { ServerModel } from './server-model.ts';

const MAX_CNAME_STEPS = 10;

/** What names may hold unless `8bit-dns` is set; an escaped blank too. */
const NAME_CHARACTERS = /^(?:[A-Za-z0-9\-_*./@ :]|\\(?:[.\\]|032))*$/;

/** The answer to `question`, given the beliefs. */
export function evaluate(asked: Question, server: ServerModel, beliefs: Beliefs, trace: Trace): Outcome {
  const question = { ...asked, type: canonicalType(asked.type) ?? asked.type };
  const ecs = server.settings.ednsSubnetProcessing ? question.ecs : undefined;
  const failure = (rcode: Rcode): Outcome => emptyOutcome(rcode, ecs === undefined ? undefined : 0);
  const evaluation = { question, ecs, server, beliefs, trace };
  const code = new CodeRun(evaluation);
  const lookUp = new LookUp(evaluation, code);
  if (!NAME_CHARACTERS.test(question.name)) {
    trace.because(() => ({ step: `PowerDNS refuses names with such characters: ${question.name}`, detail: {} }));
    return failure('SERVFAIL');
  }
  const answers: AnswerRecord[] = [];
  // Who asks for aliases, or for anything, has got one: that its target does not exist is not said.
  const isAliasQuestion = question.type === 'CNAME' || question.type === 'ANY';
  let target = question.name;
  for (let steps = 0; steps <= MAX_CNAME_STEPS; steps++) {
    const zone = zoneOf(server.zones, target);
    if (zone === undefined) {
      if (steps === 0) return failure(isBelowAny(target, server.emptyZones ?? []) ? 'SERVFAIL' : 'REFUSED');
      return finish(answers, NO_ENDING, ecs, code.made);
    }
    const step = lookUp.at(zone, target);
    switch (step.kind) {
      case 'failed':
        return failure(step.rcode);
      case 'none':
        return finish(
          answers,
          steps > 0 && step.rcode === 'NXDOMAIN' && isAliasQuestion ? NO_ENDING : step,
          ecs,
          code.made,
        );
      case 'answer':
        return finish([...answers, ...step.records], NO_ENDING, ecs, code.made);
      case 'cname': {
        const name = target;
        answers.push(...step.records);
        trace.because(() => aliasReason(name, step.target));
        target = step.target;
      }
    }
  }
  return failure('SERVFAIL');
}

function isBelowAny(name: string, zones: readonly string[]): boolean {
  return zones.some((zone) => isSubdomain(name, zone));
}

function aliasReason(name: string, target: string): Reason {
  return { step: `${name} is an alias of ${target}`, detail: { target } };
}

const NO_ENDING: Ending = { rcode: 'NOERROR', authority: [] };

function finish(
  found: readonly AnswerRecord[],
  ending: Ending,
  ecs: Prefix | undefined,
  made: ReadonlySet<AnswerRecord>,
): Outcome {
  const { rcode, authority } = ending;
  const answers = distinctRecords(found);
  const scope = answers.some((record) => made.has(record)) ? (ecs?.length ?? 0) : 0;
  const authoritative = answers.length > 0 || authority.every((record) => record.type !== 'NS');
  const ecsScope = ecs === undefined ? undefined : scope;
  return Object.freeze({ rcode, answers, authority, authoritative, ecsScope });
}
