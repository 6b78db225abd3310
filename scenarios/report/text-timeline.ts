/** The timeline of a run in the terminal: one aligned line an event. */
import { EVENT_KINDS, type EventKind, eventsOf, type RunEvent } from './events.ts';
import { hanging, type Page, type Tone } from './layout.ts';
import type { ResultReport, ScenarioReport } from './report.ts';
import { count, runText, shownText } from './words.ts';

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

/** Of what is left, so many lines at the beginning and the end. */
const FIRST_LINES = 80;
const LAST_LINES = 20;

/** From then on times are told by hours, minutes and seconds. */
const LONG_SECONDS = 3600;

export function legendLines(reports: readonly ScenarioReport[], { paint, columns, verbose }: Page): string[] {
  const kinds = new Set(
    reports
      .flatMap((report) => report.results.flatMap((result) => eventsOf(report, result, verbose)))
      .map(({ kind }) => kind),
  );
  const lines = EVENT_KINDS.filter((kind) => kinds.has(kind)).flatMap((kind) =>
    hanging(`  ${kind.padEnd(8)}`, MEANINGS[kind], columns),
  );
  return ['Every line is one event, with its time since the start:', ...lines].map((line) => paint('dim', line));
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
  const width = Math.max(10, ...events.map(({ atSeconds }) => timeText(atSeconds, report).length + 4));
  const phase = hanging('      ', shownText(report, shown), columns);
  return [
    ...phase.map((line) => paint('dim', line)),
    ...(verbose ? events : shortened(events)).flatMap((event) => {
      if ('hidden' in event) return [paint('dim', `${' '.repeat(width)}  … ${count(event.hidden, 'more change')} …`)];
      const { atSeconds, kind, text } = event;
      const [first = '', ...rest] = hanging(' '.repeat(width + 10), text, columns);
      const head = `${paint('dim', timeText(atSeconds, report).padStart(width))}  ${paint(TONES[kind], kind.padEnd(8))}`;
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
  const hidden = short.slice(FIRST_LINES, -LAST_LINES).map((event) => ('hidden' in event ? event.hidden : 1));
  if (hidden.length <= 1) return short;
  const sum = hidden.reduce((total, each) => total + each, 0);
  return [...short.slice(0, FIRST_LINES), { hidden: sum }, ...short.slice(-LAST_LINES)];
}

/** Milliseconds are enough to tell what came first; microseconds are in the JSON report. */
function timeText(seconds: number, { endsAtSeconds }: ScenarioReport): string {
  if (endsAtSeconds <= LONG_SECONDS) return `${seconds.toFixed(3)} s`;
  const millis = Math.round(seconds * 1000);
  const two = (number: number) => `${Math.floor(number)}`.padStart(2, '0');
  const rest = `${((millis % 60_000) / 1000).toFixed(3)}`.padStart(6, '0');
  return `${Math.floor(millis / 3_600_000)}:${two((millis / 60_000) % 60)}:${rest}`;
}
