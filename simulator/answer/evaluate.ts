/**
 * One question to one answer: names are looked up (`lookup.ts`), code is run (`code-run.ts`), aliases are followed. Pure: every
 * status is read through `statusOf`, every draw through `chooser`.
 */
import type { Prefix } from '../../geoip/address.ts';
import type { Reason } from '../lua/context.ts';
import { type ZoneIndex, zoneOf } from '../zone/index.ts';
import { isSubdomain, sameName } from '../zone/name.ts';
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
  const ended = (found: readonly AnswerRecord[], ending: Ending) => finish(found, ending, ecs, code.made);
  // Who asks for aliases, or for anything, has got one: that its target does not exist is not said.
  const isAliasQuestion = question.type === 'CNAME' || question.type === 'ANY';
  let target = question.name;
  for (let steps = 0; steps <= MAX_CNAME_STEPS; steps++) {
    const zone = zoneOf(server.zones, target);
    if (steps === 0 && isBelowEmpty(target, server, zone)) return failure('SERVFAIL');
    if (zone === undefined) {
      if (steps > 0) return ended(answers, NO_ENDING);
      warnOfSoa(target, server, trace);
      return failure('REFUSED');
    }
    const step = lookUp.at(zone, target);
    switch (step.kind) {
      case 'failed':
        return failure(step.rcode);
      case 'none':
        return ended(answers, steps > 0 && step.rcode === 'NXDOMAIN' && isAliasQuestion ? NO_ENDING : step);
      case 'answer':
        return ended([...answers, ...step.records], NO_ENDING);
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

/** A zone that could not be loaded is nearer than the one that is served, or none is. */
function isBelowEmpty(name: string, { emptyZones = [] }: ServerModel, served: ZoneIndex | undefined): boolean {
  const isNearer = (zone: string) =>
    served === undefined || (isSubdomain(zone, served.name) && !sameName(zone, served.name));
  return emptyZones.some((zone) => isSubdomain(name, zone) && isNearer(zone));
}

function warnOfSoa(name: string, { zones }: ServerModel, trace: Trace): void {
  const without = zones.find((zone) => isSubdomain(name, zone.name));
  if (without === undefined) return;
  const message = `the zone ${without.name} has no SOA record: PowerDNS does not serve it`;
  trace.warn({ code: 'E_ZONE_SOA', message });
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
