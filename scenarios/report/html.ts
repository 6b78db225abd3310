/** The report as one page that needs nothing else: no request leaves it. It is XML too. */
import { resultSection } from './html-result.ts';
import { SCRIPT, STYLE } from './html-style.ts';
import { htmlTable } from './html-table.ts';
import { CALLED } from './repeat.ts';
import type { ScenarioReport } from './report.ts';
import { count, runText, verdictText } from './words.ts';
import { element, escapeXml } from './xml.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** `called`: how the command line is. */
export function htmlReport(reports: readonly ScenarioReport[], called = CALLED): string {
  const all = reports.flatMap(({ results }) => results);
  const failed = all.filter(({ verdict }) => verdict === 'fail').length;
  const passed = all.filter(({ verdict }) => verdict === 'pass').length;
  const told = [`${passed} passed`, `${failed} failed`, `${all.length - passed - failed} skipped`].join(', ');
  const title = failed > 0 ? `${failed} of ${count(all.length, 'run')} failed` : told;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
${element('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY })}
<meta name="color-scheme" content="light dark"/>
<title>${escapeXml(`${title} - pdns-shadow scenarios`)}</title>
<link rel="icon" href="data:,"/>
<style>${STYLE}</style>
</head>
<body>
<h1>Scenarios</h1>
<p><span class="word ${failed > 0 ? 'fail' : 'pass'}">${told}</span> <span class="soft">in ${count(reports.length, 'scenario')}</span></p>
${DEFINITIONS}
${summaryTable(reports)}
${reports.map((report, i) => scenarioSection(report, i, called)).join('\n')}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

/** The pattern of bars that stand for more changes than there are pixels. */
const DEFINITIONS = `<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs><pattern id="many" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="#8a939c"/><rect width="2" height="5" fill="#d4d9dd"/></pattern></defs></svg>`;

/** Where a result stands in the page. */
function anchorOf(scenario: number, result: number): string {
  return `run-${scenario + 1}-${result + 1}`;
}

function summaryTable(reports: readonly ScenarioReport[]): string {
  const rows = reports.flatMap(({ scenario, results }, i) =>
    results.map((result, j) => {
      const { verdict } = result;
      const name = element('th', { class: 'wide', scope: 'rowgroup', rowspan: results.length }, escapeXml(scenario));
      return [
        j === 0 ? name : '',
        element('td', {}, element('span', { class: `word ${verdict}` }, verdict)),
        element('td', { class: 'whole' }, element('a', { href: `#${anchorOf(i, j)}` }, escapeXml(runText(result)))),
        element('td', { class: 'soft wide' }, escapeXml(verdictText(result))),
      ].join('');
    }),
  );
  return htmlTable(['Scenario', 'Verdict', 'Run', 'Expectations'], rows);
}

function scenarioSection(report: ScenarioReport, i: number, called: string): string {
  const { scenario, file, shows, results } = report;
  return `<section>
<h2>${escapeXml(scenario)}</h2>
<p class="soft">${escapeXml(shows)} <code>${escapeXml(file)}</code></p>
${results.map((result, j) => resultSection(report, result, { anchor: anchorOf(i, j), called })).join('\n')}
</section>`;
}
