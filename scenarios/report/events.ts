/** What happened in a run, in the order of time: one event a line, for whoever reads from top to bottom. */
import { checkName } from './check-names.ts';
import type { AnswerReport, PhasesReport, ResultReport, ScenarioReport, ShownReport } from './report.ts';

export const EVENT_KINDS = ['fault', 'probe', 'status', 'answer', 'lease', 'alert', 'FAILS'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface RunEvent {
  readonly atSeconds: number;
  readonly kind: EventKind;
  readonly text: string;
}

/** At one moment: cause before effect, in the order of `EVENT_KINDS`. Probes only where they are asked for. */
export function eventsOf(report: ScenarioReport, result: ResultReport, withProbes: boolean): RunEvent[] {
  const { shown } = result;
  if (shown === undefined) return [];
  const events = [
    ...faultEvents(report, shown),
    ...(withProbes ? probeEvents(report, shown) : []),
    ...statusEvents(report, shown),
    ...answerEvents(result.timeline),
    ...leaseEvents(shown),
    ...alertEvents(report, shown),
    ...failEvents(report, result, shown),
  ];
  return events.sort((a, b) => a.atSeconds - b.atSeconds || EVENT_KINDS.indexOf(a.kind) - EVENT_KINDS.indexOf(b.kind));
}

function faultEvents({ endsAtSeconds }: ScenarioReport, { faults }: ShownReport): RunEvent[] {
  return faults.flatMap(({ atSeconds, untilSeconds, text }): RunEvent[] => {
    const begins = { atSeconds, kind: 'fault', text } as const;
    return untilSeconds === undefined || untilSeconds >= endsAtSeconds
      ? [begins]
      : [begins, { ...begins, atSeconds: untilSeconds, text: `over: ${text}` }];
  });
}

function probeEvents(report: ScenarioReport, { probes }: ShownReport): RunEvent[] {
  return probes.flatMap((lane) => {
    const what = checkName(lane, probes, report.targets);
    return lane.probes.map(({ endSeconds, up, reason, count }): RunEvent => {
      const times = count === undefined ? '' : ` ${count} times`;
      const text = `${lane.server} finds ${what} ${up ? 'up' : 'down'}${times}: ${reason}`;
      return { atSeconds: endSeconds, kind: 'probe', text };
    });
  });
}

function statusEvents(report: ScenarioReport, { statuses }: ShownReport): RunEvent[] {
  return statuses.flatMap((lane) => {
    const what = `${lane.server}: ${checkName(lane, statuses, report.targets)}`;
    return lane.changes.flatMap(({ atSeconds, status }, i): RunEvent[] => {
      const before = lane.changes[i - 1]?.status;
      if (before === undefined || (before === 'absent' && status === 'unknown')) return [];
      const now = status === 'absent' ? 'forgotten' : status;
      const text = before === 'unknown' || before === 'absent' ? `${what} ${now}` : `${what} ${before} -> ${now}`;
      return [{ atSeconds, kind: 'status', text }];
    });
  });
}

/** What can be told of two answers with the same records: their shares, else what is not told, the TTL or the scope. */
function changeText(before: AnswerReport | undefined, { text, outcomes }: AnswerReport): string {
  if (before === undefined) return text;
  if (before.text !== text) return `${before.text} -> ${text}`;
  const isDrawnAlike = JSON.stringify(before.outcomes) === JSON.stringify(outcomes);
  return `${text}, ${isDrawnAlike ? 'with another TTL or scope' : 'in other shares'}`;
}

/** Clients whose answers change alike at one server are told together. */
function answerEvents(timeline: readonly AnswerReport[]): RunEvent[] {
  const isOneName = new Set(timeline.map(({ name, type }) => `${name} ${type}`)).size === 1;
  const before = new Map<string, AnswerReport>();
  const groups = new Map<string, { clients: string[]; server: string; atSeconds: number; what: string }>();
  for (const answer of timeline) {
    const { atSeconds, server, client, name, type } = answer;
    const lane = JSON.stringify([client, server, name, type]);
    const last = before.get(lane);
    before.set(lane, answer);
    const change = changeText(last, answer);
    const what = isOneName ? change : `${name} ${type}: ${change}`;
    const key = JSON.stringify([atSeconds, server, what]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { clients: [client], server, atSeconds, what });
    else group.clients.push(client);
  }
  return [...groups.values()].map(({ clients, server, atSeconds, what }) => ({
    atSeconds,
    kind: 'answer',
    text: `${clients.join(', ')}@${server}${isOneName ? ':' : ''} ${what}`,
  }));
}

function leaseEvents({ lease }: ShownReport): RunEvent[] {
  return lease.map(({ atSeconds, holder, writers }) => {
    const who = holder === undefined ? 'nobody holds it' : `${holder} holds it`;
    const writing = writers.length === 0 ? 'nobody writes' : `${writers.join(' and ')} may write`;
    return { atSeconds, kind: 'lease', text: `${who}, ${writing}` };
  });
}

function alertEvents({ endsAtSeconds }: ScenarioReport, { alerts }: ShownReport): RunEvent[] {
  return alerts.flatMap(({ alert, fromSeconds, toSeconds }): RunEvent[] => {
    const fires = { atSeconds: fromSeconds, kind: 'alert', text: `${alert} fires` } as const;
    if (toSeconds >= endsAtSeconds) return [fires];
    return [fires, { atSeconds: toSeconds, kind: 'alert', text: `${alert} is over` }];
  });
}

/** Failures of the run that is shown; those of other phases are not in it. */
function failEvents(report: ScenarioReport, { expectations }: ResultReport, shown: ShownReport): RunEvent[] {
  const { phases, faults } = shown;
  const failed = expectations.filter(({ verdict }) => verdict === 'fail');
  // A timeline is reduced to what the first of them takes: others need not fail with it.
  const told = faults.length < report.faults.length ? failed.slice(0, 1) : failed;
  return told.flatMap(({ index, line, counterexample }): RunEvent[] => {
    if (counterexample?.atSeconds === undefined) return [];
    if (!isPartOf(counterexample.phases, phases)) return [];
    const { atSeconds, wanted, seen, record, client, server } = counterexample;
    const which = line === undefined ? `expectation ${index}` : `line ${line}`;
    const who = [client, server].filter((part) => part !== '').join('@');
    return [
      {
        atSeconds,
        kind: 'FAILS',
        text: `${which}: wanted ${wanted}, seen ${record === undefined ? '' : `${record}: `}${seen}${who === '' ? '' : `${seen.includes(', ') ? ',' : ''} by ${who}`}`,
      },
    ];
  });
}

/** A failure that only some servers have to do with says nothing about the phases of others. */
function isPartOf(some: PhasesReport, all: PhasesReport): boolean {
  return Object.entries(some).every(([server, { offsetSeconds, fractionSeconds }]) => {
    const phase = all[server];
    return phase?.offsetSeconds === offsetSeconds && phase.fractionSeconds === fractionSeconds;
  });
}
