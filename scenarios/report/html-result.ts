/** One result in the page: what failed, the picture, what was expected, how fast answers change. */
import { axisOf } from './axis.ts';
import { runFigure } from './figure.ts';
import { htmlTable } from './html-table.ts';
import { colours, MOST_LANES } from './lanes.ts';
import { LEAST_BAR_PIXELS, LEAST_TICK_PIXELS } from './marks.ts';
import { MOST_PROBES } from './probes.ts';
import { repeatCommand } from './repeat.ts';
import type { ExpectationReport, ResultReport, ScenarioReport } from './report.ts';
import {
  boundText,
  edgeText,
  expectedText,
  failedPhasesText,
  failedText,
  phaseText,
  runText,
  secondsText,
  shownText,
  verdictText,
} from './words.ts';
import { element, escapeXml } from './xml.ts';

interface SectionOptions {
  /** Where it stands in the page. */
  readonly anchor: string;
  /** How the command line is called. */
  readonly called: string;
}

export function resultSection(
  report: ScenarioReport,
  result: ResultReport,
  { anchor, called }: SectionOptions,
): string {
  const { verdict, seed, shown } = result;
  const head = `${element('span', { class: `word ${verdict}` }, verdict)} ${escapeXml(runText(result))}`;
  const lines = [
    element('h3', { id: anchor }, head),
    element('p', {}, escapeXml(`${verdictText(result)}.`)),
    ...result.expectations.filter((each) => each.verdict === 'fail').map((each) => failedBlock(report, each)),
  ];
  if (verdict === 'skip') return lines.join('\n');
  const again = element(
    'p',
    { class: 'soft' },
    `Again, with seed ${seed}: `,
    element('code', {}, escapeXml(repeatCommand(report, result, called))),
  );
  if (shown !== undefined) {
    const { probeCount, questionCount, droppedCount } = shown;
    const dropped = droppedCount === 0 ? '' : `, of which ${droppedCount} were dropped`;
    const counts = `${probeCount} probes, ${questionCount} questions${dropped}`;
    const which = `${shownText(report, shown)} ${counts}.`;
    lines.push(element('p', { class: 'soft' }, escapeXml(which)));
    lines.push(
      runFigure(report, result, `${report.scenario}, ${runText(result)}: what happened`),
      keyList(report, result),
    );
  }
  lines.push(again, expectationTable(report, result), failoverTable(report, result));
  return lines.join('\n');
}

function failedBlock(report: ScenarioReport, failed: ExpectationReport): string {
  const expected = report.expected.find(({ index }) => index === failed.index);
  const { counterexample, message, line } = failed;
  const details =
    counterexample === undefined
      ? [['because', message]]
      : [
          ['wanted', counterexample.wanted],
          ['seen', failedText(counterexample)],
          ...(counterexample.because ?? []).map((text) => ['because', text]),
          ['phase', failedPhasesText(failed, expected)],
        ];
  if (expected !== undefined && expected.note !== '') details.push(['note', expected.note]);
  const list = details.map(([name = '', text = '']) => `<dt>${name}</dt><dd>${escapeXml(text)}</dd>`).join('');
  const place = line === undefined ? report.file : `${report.file}:${line}`;
  const head = `${element('code', {}, escapeXml(place))} ${escapeXml(expectedText(expected))}`;
  return `<div class="failed"><p>${head}</p><dl>${list}</dl></div>`;
}

/** What the colours and signs of the figure mean, and what it leaves out. */
function keyList({ targets, endsAtSeconds }: ScenarioReport, { shown }: ResultReport): string {
  const colourOf = colours({ targets });
  const swatch = (colour: string) =>
    element('svg', { width: 14, height: 14 }, element('rect', { class: colour, width: 14, height: 14, rx: 2 }));
  const tick = (way: 'up' | 'down') =>
    element(
      'svg',
      { width: 6, height: 14 },
      element('rect', { class: `probe ${way}`, x: 2, y: way === 'up' ? 0 : 6, width: 2, height: 8 }),
    );
  const item = (sign: string, text: string) => `<li>${sign}${escapeXml(text)}</li>`;
  const perPixel = 1 / axisOf(endsAtSeconds).pixelsPerSecond;
  const folds = `Changes less than ${secondsText(Number((LEAST_BAR_PIXELS * perPixel).toPrecision(2)))} apart are one striped bar, probes less than ${secondsText(Number((LEAST_TICK_PIXELS * perPixel).toPrecision(2)))} apart one tick; of one kind there are at most ${MOST_LANES} lanes.`;
  const isFolded = (shown?.probeCount ?? 0) > MOST_PROBES;
  const caps = isFolded ? `${folds} Of more than ${MOST_PROBES} probes, those of one result are told together.` : folds;
  return `<ul class="key">${[
    ...targets.map(({ name, address }) => item(swatch(colourOf(address)), `${name} (${address})`)),
    item(swatch('error'), 'an error instead of an answer'),
    item(swatch('up'), 'believed up'),
    item(swatch('down'), 'believed down'),
    item(swatch('unknown'), 'not known yet'),
    item(tick('up'), 'a probe that went well'),
    item(tick('down'), 'a probe that failed'),
  ].join('')}<li>${escapeXml(caps)}</li></ul>`;
}

function expectationTable(report: ScenarioReport, { expectations }: ResultReport): string {
  if (expectations.length === 0) return '';
  const rows = expectations.map(({ index, verdict, untold, line, message }) => {
    const expected = report.expected.find((each) => each.index === index);
    const isUntold = untold !== undefined;
    const word = element(
      'span',
      { class: `word ${isUntold ? 'skip' : verdict}` },
      isUntold ? 'not told' : verdict === 'pass' ? 'holds' : 'fails',
    );
    return [
      element('td', { class: 'number' }, `${line ?? index + 1}`),
      element('td', {}, word),
      element('td', { class: 'wide' }, escapeXml(expectedText(expected))),
      element('td', { class: 'soft wide' }, escapeXml(message)),
    ].join('');
  });
  return htmlTable(['Line', '', 'Expected', 'Found'], rows, ['Line']);
}

function failoverTable(report: ScenarioReport, { failover }: ResultReport): string {
  if (failover.length === 0) return '';
  const rows = failover.map((bound) =>
    [
      element('td', { class: 'wide' }, escapeXml(edgeText(report, bound))),
      element('td', {}, escapeXml(`${bound.client}@${bound.server} ${bound.name}`)),
      element('td', { class: 'number', title: phaseText(bound.earliestPhase) }, secondsText(bound.earliestSeconds)),
      element('td', { class: 'number', title: phaseText(bound.latestPhase) }, secondsText(bound.latestSeconds)),
      element('td', { class: 'soft' }, boundText(bound)),
    ].join(''),
  );
  return htmlTable(['After', 'The answer changes', 'Earliest', 'Latest', ''], rows, ['Earliest', 'Latest']);
}
