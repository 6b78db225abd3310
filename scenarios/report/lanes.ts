/** The lanes of a run's figure: cause above effect. */
import type { Axis } from './axis.ts';
import { checkName } from './check-names.ts';
import { packedFaults } from './fault-lanes.ts';
import { type Bar, foldedBars, foldedTicks, type Lane, type LaneGroup, type Layer, type Mark } from './marks.ts';
import type { AnswerReport, ExpectedReport, ResultReport, ScenarioReport, ShownReport } from './report.ts';
import { expectedText, failedText, phasesText, secondsText } from './words.ts';

/** Of one kind so many lanes are drawn at most. */
export const MOST_LANES = 60;

/** Colours of targets in the style sheet. */
const COLOURS = 8;

export function laneGroups(report: ScenarioReport, result: ResultReport, axis: Axis): LaneGroup[] {
  const { shown } = result;
  if (shown === undefined) return [];
  const colourOf = colours(report);
  const groups = [
    { name: 'Faults', lanes: packedFaults(shown.faults, axis) },
    { name: 'Probes and status', lanes: checkLanes(report, shown, axis) },
    { name: 'Answers', lanes: answerLanes(report, result.timeline, axis, colourOf) },
    { name: 'Expectations', lanes: expectationLanes(report, result) },
    { name: 'Alerts', lanes: alertLanes(shown, axis) },
    { name: 'Lease', lanes: leaseLanes(report, shown, axis) },
  ];
  return groups.filter(({ lanes }) => lanes.length > 0);
}

/** Targets have their colours in the order of the scenario; whatever else is answered follows in that of its coming. */
export function colours({ targets }: Pick<ScenarioReport, 'targets'>): (rdata: string) => string {
  const known = new Map(targets.map(({ address }, i) => [address, i]));
  return (rdata) => {
    const place = known.get(rdata) ?? known.size;
    known.set(rdata, place);
    return `c${place % COLOURS}`;
  };
}

function checkLanes(report: ScenarioReport, { probes, statuses }: ShownReport, axis: Axis): Lane[] {
  const keys = new Map(
    [...statuses, ...probes].map(({ server, check, target }) => [
      JSON.stringify([server, check]),
      { server, check, target },
    ]),
  );
  const all = [...keys.values()];
  return all.flatMap(({ server, check, target }): Lane[] => {
    const isThis = (each: { server: string; check: string }) => each.server === server && each.check === check;
    const what = `${server} → ${checkName({ server, check, target }, all, report.targets)}`;
    const ticks = probes
      .find(isThis)
      ?.probes.map(({ endSeconds, up, reason, count = 1 }) => ({ at: endSeconds, up, reason, count }));
    const changes = statuses.find(isThis)?.changes.map(({ atSeconds, status }) => ({ atSeconds, text: status }));
    const bars = barsOf(changes ?? [], report.endsAtSeconds, what, ({ text }) => [{ colour: text, share: 1 }]);
    return [
      { label: what, title: `${server}: ${check}`, marks: foldedTicks(ticks ?? [], axis) },
      {
        label: ticks === undefined ? what : '\u{2003}status',
        title: `${server}: ${check}`,
        marks: foldedBars(
          bars.filter(({ text }) => text !== 'absent'),
          axis,
        ),
      },
    ].filter(({ marks }) => marks.length > 0);
  });
}

function answerLanes(
  report: ScenarioReport,
  timeline: readonly AnswerReport[],
  axis: Axis,
  colourOf: (rdata: string) => string,
): Lane[] {
  const isOneName = new Set(timeline.map(({ name, type }) => `${name} ${type}`)).size === 1;
  const lanes = Map.groupBy(timeline, ({ client, server, name, type }) => JSON.stringify([client, server, name, type]));
  return [...lanes.values()].flatMap((answers) => {
    const [first] = answers;
    if (first === undefined) return [];
    const { client, server, name, type, networks } = first;
    const who = `${client}@${server}${networks === undefined ? '' : `, ${networks} networks`}`;
    const title = `${who}: ${name} ${type}`;
    const label = isOneName ? who : `${client}@${server} ${name.split('.')[0] ?? ''} ${type}`;
    const bars = barsOf(answers, report.endsAtSeconds, title, (answer) => layersOf(answer, colourOf));
    return [{ label, title, marks: foldedBars(bars, axis) }];
  });
}

/** Shares of the answers, one above the other. */
function layersOf({ rcode, answers, outcomes }: AnswerReport, colourOf: (rdata: string) => string): Layer[] {
  const shares = new Map<string, number>();
  for (const each of outcomes ?? [{ rcode, answers, probability: 1 }]) {
    const kinds = each.answers.map(colourOf);
    const empty = each.rcode === 'NOERROR' ? 'nothing' : 'error';
    for (const colour of kinds.length > 0 ? kinds : [empty]) {
      shares.set(colour, (shares.get(colour) ?? 0) + each.probability / Math.max(1, kinds.length));
    }
  }
  return [...shares].map(([colour, share]) => ({ colour, share }));
}

interface Change {
  readonly atSeconds: number;
  readonly text: string;
}

function barsOf<T extends Change>(
  changes: readonly T[],
  endsAtSeconds: number,
  about: string,
  layers: (change: T) => readonly Layer[],
): Bar[] {
  return changes.map((change, i) => {
    const to = changes[i + 1]?.atSeconds ?? endsAtSeconds;
    const { atSeconds: from, text } = change;
    const title = `${secondsText(from)} to ${secondsText(to)}: ${text} (${about})`;
    return { kind: 'bar', from, to, layers: layers(change), text, title };
  });
}

function expectationLanes(report: ScenarioReport, result: ResultReport): Lane[] {
  return report.expected.map((expected) => {
    const judged = result.expectations.find(({ index }) => index === expected.index);
    const verdict = judged?.verdict ?? 'skip';
    const sign = { pass: '✓', fail: '✗', skip: '–' }[verdict];
    const which = expected.line === undefined ? `${expected.index + 1}` : `line ${expected.line}`;
    const told = judged?.message ?? `expected of PowerDNS ${expected.profiles.join(', ')} only`;
    return {
      label: `${sign} ${which}`,
      title: expectedText(expected),
      marks: [
        {
          kind: 'window',
          from: expected.fromSeconds,
          to: expected.toSeconds,
          verdict,
          text: windowText(expected),
          title: `${expectedText(expected)}. ${told}${expected.note === '' ? '' : ` (${expected.note})`}`,
        },
        ...failureMarks(judged?.counterexample),
      ],
    };
  });
}

function windowText({ who, what, modality }: ExpectedReport): string {
  const possible = modality === 'possible' ? 'possibly ' : '';
  return who === '' ? `${possible}${what}` : `${who}: ${possible}${what}`;
}

function failureMarks(counterexample: ResultReport['expectations'][number]['counterexample']): Mark[] {
  if (counterexample?.atSeconds === undefined) return [];
  const title = `wanted ${counterexample.wanted}, seen ${failedText(counterexample)} (${phasesText(counterexample.phases)})`;
  return [{ kind: 'failure', at: counterexample.atSeconds, title }];
}

/** An alert that fires again at once leaves no room for a word beside it; its lane has its name. */
const LEAST_WORD_PIXELS = 50;

function alertLanes({ alerts }: ShownReport, { pixelsPerSecond }: Axis): Lane[] {
  return [...Map.groupBy(alerts, ({ alert }) => alert)].map(([alert, firing]) => ({
    label: alert,
    title: alert,
    marks: firing.map(({ fromSeconds: from, toSeconds: to }): Mark => {
      const title = `${secondsText(from)} to ${secondsText(to)}: ${alert} fires`;
      const text = (to - from) * pixelsPerSecond < LEAST_WORD_PIXELS ? '' : 'fires';
      return { kind: 'bar', from, to, layers: [{ colour: 'fault', share: 1 }], text, title };
    }),
  }));
}

function leaseLanes({ endsAtSeconds }: ScenarioReport, { lease }: ShownReport, axis: Axis): Lane[] {
  if (lease.length === 0) return [];
  const holders = lease.map(({ atSeconds, holder }) => ({ atSeconds, text: holder ?? 'nobody' }));
  const writers = lease.map(({ atSeconds, writers: names }) => ({ atSeconds, text: names.join(' and ') || 'nobody' }));
  const colour = ({ text }: Change) => [{ colour: text === 'nobody' ? 'nothing' : 'plainly', share: 1 }];
  return [
    {
      label: 'holder',
      title: 'who has the lease, by the witness',
      marks: foldedBars(barsOf(holders, endsAtSeconds, 'holder', colour), axis),
    },
    {
      label: 'may write',
      title: 'regions that believe that they may write',
      marks: foldedBars(
        barsOf(writers, endsAtSeconds, 'may write', (each) =>
          each.text.includes(' and ') ? [{ colour: 'down', share: 1 }] : colour(each),
        ),
        axis,
      ),
    },
  ];
}
