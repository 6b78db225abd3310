/** The timeline of a run in the terminal: one aligned line an event. */
import { EVENT_KINDS, type EventKind, eventsOf, type RunEvent } from './events.ts';
import { hanging, type Page, type Tone } from './layout.ts';
import type { ResultReport, ScenarioReport } from './report.ts';
import { count, phasesText, runText } from './words.ts';

const TONES: Readonly<Record<EventKind, Tone>> = {
  fault: 'warn',
  probe: 'dim',
  status: 'plain',
  answer: 'bold',
  lease: 'plain',
  alert: 'warn',
  FAILS: 'bad',
};

const MEANINGS: Readonly<Record<EventKind, string>> = {
  fault: 'what the timeline does to the world',
  probe: 'how a health check of a server ended',
  status: 'what a server believes of a target',
  answer: 'what a client would get from then on, as client@server: before -> after',
  lease: 'who holds the lease, and who may write',
  alert: 'an alert fires, or is over',
  FAILS: 'an expectation does not hold',
};

/** Between two faults, so many changes at the beginning and the end are told; of longer stretches the middle is left out. */
const FIRST_KEPT = 10;
const LAST_KEPT = 3;

export function legendLines(reports: readonly ScenarioReport[], { paint, columns, verbose }: Page): string[] {
  const kinds = new Set(
    reports
      .flatMap((report) => report.results.flatMap((result) => eventsOf(report, result, verbose)))
      .map(({ kind }) => kind),
  );
  const lines = EVENT_KINDS.filter((kind) => kinds.has(kind)).flatMap((kind) =>
    hanging(`  ${kind.padEnd(8)}`, MEANINGS[kind], columns),
  );
  return ['Every line below is one event, with its time since the start:', ...lines].map((line) => paint('dim', line));
}

export function timelineLines(report: ScenarioReport, result: ResultReport, page: Page): string[] {
  const { shown } = result;
  if (shown === undefined) return [];
  const { paint, columns, verbose } = page;
  const events = eventsOf(report, result, verbose);
  const twin = report.results
    .slice(0, report.results.indexOf(result))
    .find((earlier) => earlier.shown !== undefined && isSameRun(eventsOf(report, earlier, verbose), events));
  if (twin !== undefined && !verbose) return [paint('dim', `      Every event as with ${runText(twin)}.`)];
  const width = Math.max(10, ...events.map(({ atSeconds }) => timeText(atSeconds).length + 4));
  const phase = hanging('      ', `One of the runs: ${phasesText(shown.phases)}.`, columns);
  return [
    ...phase.map((line) => paint('dim', line)),
    ...(verbose ? events : shortened(events)).flatMap((event) => {
      if ('hidden' in event) return [paint('dim', `${' '.repeat(width)}  … ${count(event.hidden, 'more change')} …`)];
      const { atSeconds, kind, text } = event;
      const [first = '', ...rest] = hanging(' '.repeat(width + 10), text, columns);
      const head = `${paint('dim', timeText(atSeconds).padStart(width))}  ${paint(TONES[kind], kind.padEnd(8))}`;
      return [`${head}${first.slice(width + 10)}`, ...rest];
    }),
  ];
}

function isSameRun(a: readonly RunEvent[], b: readonly RunEvent[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function shortened(events: readonly RunEvent[]): (RunEvent | { readonly hidden: number })[] {
  const short: (RunEvent | { readonly hidden: number })[] = [];
  let stretch: RunEvent[] = [];
  const flush = () => {
    const hidden = stretch.length - FIRST_KEPT - LAST_KEPT;
    if (hidden <= 1) short.push(...stretch);
    else short.push(...stretch.slice(0, FIRST_KEPT), { hidden }, ...stretch.slice(-LAST_KEPT));
    stretch = [];
  };
  for (const event of events) {
    if (event.kind === 'fault' || event.kind === 'FAILS' || event.kind === 'alert') {
      flush();
      short.push(event);
    } else stretch.push(event);
  }
  flush();
  return short;
}

/** Milliseconds are enough to tell what came first; microseconds are in the JSON report. */
function timeText(seconds: number): string {
  return `${seconds.toFixed(3)} s`;
}
