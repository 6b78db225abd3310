/** What the history remembers: which events are changes, of what, and what of them is kept. */
import { z } from 'zod';
import type { AgentEvent } from './events.ts';

/** One line of answers: what one server tells one client about one name and type. */
export interface AnswerKey {
  readonly server: string;
  /** Owner name of the record. */
  readonly name: string;
  readonly type: string;
  readonly client: string;
}

const texts = z.array(z.string()).readonly();

const answerState = z.object({
  kind: z.literal('answer'),
  text: z.string(),
  verdict: z.string(),
  reason: z.string(),
  /** The answers that were possible, the first of them where they are many. */
  admissible: texts,
  admissibleCount: z.int(),
  /** Ids of the checks that the record can ask for. */
  checks: texts,
});
const targetState = z.object({
  kind: z.literal('target'),
  check: z.string(),
  target: z.string(),
  seen: z.string(),
  reason: z.string(),
});
const serverState = z.object({
  kind: z.literal('server'),
  state: z.enum(['up', 'down', 'restarted']),
  reason: z.string(),
});
const sourceState = z.object({
  kind: z.literal('source'),
  state: z.enum(['read', 'failed']),
  /** What was read, or what went wrong. */
  message: z.string(),
});
const serialsState = z.object({
  kind: z.literal('serials'),
  serials: z.array(z.object({ zone: z.string(), serial: z.number() })).readonly(),
  count: z.int(),
});

/** The shape of a remembered state; what is in a file may have been written by anybody. */
export const storedState = z.discriminatedUnion('kind', [
  answerState,
  targetState,
  serverState,
  sourceState,
  serialsState,
]);

export type AnswerState = Readonly<z.output<typeof answerState>>;
export type TargetState = Readonly<z.output<typeof targetState>>;
export type HistoryState = Readonly<z.output<typeof storedState>>;

/** One thing whose states follow each other. */
export interface Series extends AnswerKey {
  readonly kind: HistoryState['kind'] | 'restart';
}

export interface Change {
  readonly series: Series;
  readonly state: HistoryState;
  /** Does the same state again mean that something happened again? */
  readonly recurs: boolean;
}

const MAX_TEXT = 1000;
const MAX_TEXTS = 50;

/** The change that an event is; undefined for drifts, which are kept apart, and for events that change nothing. */
export function changeOf(event: AgentEvent): Change | undefined {
  switch (event.kind) {
    case 'answer judged': {
      const { text, verdict, reason, admissible, checks } = event;
      const state: AnswerState = {
        kind: 'answer',
        text: short(text),
        verdict,
        reason: short(reason),
        admissible: admissible.slice(0, MAX_TEXTS).map(short),
        admissibleCount: admissible.length,
        checks: checks.slice(0, MAX_TEXTS),
      };
      return { series: answerSeries(event), state, recurs: false };
    }
    case 'target changed': {
      const { check, after, result } = event.probe;
      const target = check.target || check.url;
      const state: TargetState = {
        kind: 'target',
        check: check.id,
        target,
        seen: after.kind,
        reason: short(result.reason),
      };
      return { series: targetSeries(check.id), state, recurs: false };
    }
    case 'server up':
    case 'server down': {
      const state = event.kind === 'server up' ? 'up' : 'down';
      return ofServer('server', event.server, { kind: 'server', state, reason: short(event.reason) });
    }
    case 'server restarted':
      return { ...ofServer('restart', event.server, { kind: 'server', state: 'restarted', reason: '' }), recurs: true };
    case 'source read': {
      const { server, zones, names, checks, profile } = event;
      const message = `${zones} zones, ${names} names, ${checks} checks, profile ${profile}`;
      return { ...ofServer('source', server, { kind: 'source', state: 'read', message }), recurs: true };
    }
    case 'source failed':
      return ofServer('source', event.server, { kind: 'source', state: 'failed', message: short(event.message) });
    case 'serials changed': {
      const { server, serials } = event;
      return ofServer('serials', server, {
        kind: 'serials',
        serials: serials.slice(0, MAX_TEXTS),
        count: serials.length,
      });
    }
    case 'answer changed':
    case 'drift opened':
    case 'drift resolved':
    case 'finding':
    case 'geoip failed':
    case 'history failed':
      return undefined;
  }
}

export function answerSeries({ server, name, type, client }: AnswerKey): Series {
  return { kind: 'answer', server, name: name.toLowerCase(), type, client };
}

/** Targets are seen from here, by whichever server they are used. */
export function targetSeries(checkId: string): Series {
  return { kind: 'target', server: '', name: checkId, type: '', client: '' };
}

export function serverSeries(server: string): readonly Series[] {
  return SERVER_KINDS.map((kind) => ({ kind, server, name: '', type: '', client: '' }));
}

export function seriesText({ kind, server, name, type, client }: Series): string {
  return JSON.stringify([kind, server, name, type, client]);
}

export function short(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

const SERVER_KINDS = ['server', 'restart', 'source', 'serials'] as const;

function ofServer(kind: (typeof SERVER_KINDS)[number], server: string, state: HistoryState): Change {
  return { series: { kind, server, name: '', type: '', client: '' }, state, recurs: false };
}
