import { expect, test } from 'vitest';
import { failingResult, libraryResults, ranText } from './fixtures/results.ts';
import { elementsOf, parseXml, textOf, type XmlElement } from './fixtures/xml.ts';
import { htmlReport } from './html.ts';
import { reportOf } from './make.ts';

const reports = libraryResults().map((result) => reportOf(result));
const html = htmlReport(reports);
const page = parseXml(html);

const withClass = (element: XmlElement, name: string) =>
  ['svg', 'g', 'text', 'rect', 'path', 'div', 'line', 'p']
    .flatMap((tag) => elementsOf(element, tag))
    .filter(({ attributes }) => attributes.get('class')?.split(' ').includes(name));

const titlesOf = (element: XmlElement) => elementsOf(element, 'title').map(textOf);

test('it asks nobody for anything', () => {
  const addresses = [...html.matchAll(/(?:src|href|url)\s*[=(]\s*["']?([^"')]*)/g)].map(([, address]) => address);
  expect(addresses.filter((address) => !/^(?:#|data:,$)/.test(address ?? ''))).toEqual([]);
  expect(html).toContain(`content="default-src &#39;none&#39;;`);
});

test('the summary leads to every run', () => {
  const ids = elementsOf(page, 'h3').map(({ attributes }) => attributes.get('id'));
  const links = elementsOf(page, 'a').map(({ attributes }) => attributes.get('href'));
  expect(links).toEqual(ids.map((id) => `#${id}`));
  expect(new Set(ids).size).toBe(reports.flatMap(({ results }) => results).length);
});

test('every run that is shown has a figure with every watch, check, fault and expectation', () => {
  const figures = withClass(page, 'figure');
  const shown = reports.flatMap((report) =>
    report.results.flatMap((result) => (result.shown === undefined ? [] : [{ report, result, run: result.shown }])),
  );
  expect(figures.length).toBe(shown.length);
  for (const [i, { report, result, run }] of shown.entries()) {
    const titles = titlesOf(figures[i] ?? page);
    for (const { client, server, name, type, networks } of result.timeline) {
      const who = `${client}@${server}${networks === undefined ? '' : `, ${networks} networks`}`;
      expect(titles).toContain(`${who}: ${name} ${type}`);
    }
    for (const { server, check } of run.statuses) expect(titles).toContain(`${server}: ${check}`);
    for (const { text } of run.faults) expect(titles.some((title) => title.includes(text))).toBe(true);
    expect(withClass(figures[i] ?? page, 'window').length).toBe(report.expected.length);
    const failed = result.expectations.filter(({ verdict }) => verdict === 'fail');
    expect(withClass(figures[i] ?? page, 'failure').length).toBe(failed.length);
  }
});

test('windows of expectations stand where their times are', () => {
  const [figure] = withClass(parseXml(htmlReport([reportOf(failingResult())])), 'figure');
  const [plot] = withClass(figure ?? page, 'plot');
  const scale = Number(plot?.attributes.get('data-scale'));
  const [window] = withClass(figure ?? page, 'window');
  const x = Number(window?.attributes.get('x'));
  const width = Number(window?.attributes.get('width'));
  expect(Math.abs(x - 61 * scale)).toBeLessThan(2);
  expect(Math.abs(x + width - 120 * scale)).toBeLessThan(2);
});

test('a failure is told in full', () => {
  const [failed] = withClass(parseXml(htmlReport([reportOf(failingResult())])), 'failed');
  expect(textOf(failed ?? page)).toBe(
    'scenarios/fsn-fails.yaml:22 by 61 s and until just before 120 s, api.acme.test. A: answer hel' +
      'wantedhelseenfsn at 61 s by eu@ns1phasens1 first asked at 1.3 s, clock 0.4 s into its second' +
      'notetoo early: a round takes 5s',
  );
});

test('nothing is drawn outside of the picture', () => {
  for (const plot of withClass(page, 'plot')) {
    const width = Number(plot.attributes.get('width'));
    const height = Number(plot.attributes.get('height'));
    for (const rect of [...elementsOf(plot, 'rect'), ...elementsOf(plot, 'text')]) {
      if (rect.attributes.get('class') === 'around') continue;
      const number = (name: string) => Number(rect.attributes.get(name) ?? 0);
      expect(number('x')).toBeGreaterThanOrEqual(-1);
      expect(number('x') + number('width')).toBeLessThanOrEqual(width + 1);
      expect(number('y') + number('height')).toBeLessThanOrEqual(height);
    }
  }
});

test('markup in names stays text', () => {
  expect(elementsOf(page, 'h2').map(textOf)).toContain(`fsn <answers> "503" & 'more'`);
  expect(elementsOf(page, 'answers')).toEqual([]);
});

test('a day of flapping is a page that a browser can take: what cannot be told apart is drawn once', () => {
  const day = ranText(
    `scenario: v1
name: a day of flapping
profiles: ["5.1"]
ends: 24h
targets:
  fsn: { address: 192.0.2.10 }
  hel: { address: 192.0.2.20 }
zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifurlup('https://api.acme.test/healthz', {{'192.0.2.10'},{'192.0.2.20'}})"
traffic:
  - { name: api, from: any-client, every: 30s }
timeline:
  - { at: 1h, for: 22h, target: fsn, flap: { up: 20s, down: 12s, jitter: 2s }, http: 503 }
expect:
  - { always: true, rcode: NOERROR }
`,
    'day.yaml',
  );
  const report = reportOf(day);
  const [run] = report.results;
  expect(run?.timeline.length).toBeGreaterThan(3000);
  expect(run?.shown?.probeCount).toBeGreaterThan(20_000);
  const probed = run?.shown?.probes.flatMap(({ probes }) => probes) ?? [];
  expect(probed.length).toBeLessThan(4000);
  expect(probed.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(run?.shown?.probeCount);
  const text = htmlReport([report]);
  expect(withClass(parseXml(text), 'mark').length).toBeLessThan(4000);
  expect(text.length).toBeLessThan(1_500_000);
  expect(text).toContain('are one striped bar');
});

test('the word of an alert stands only where it does not run into the next time that it fires', () => {
  const failing = reportOf(failingResult());
  const alerts = [
    { alert: 'Dead', fromSeconds: 20, toSeconds: 21 },
    { alert: 'Dead', fromSeconds: 22, toSeconds: 23 },
    { alert: 'Dead', fromSeconds: 30, toSeconds: 90 },
  ];
  const results = failing.results.slice(0, 1).map((result) => ({
    ...result,
    ...(result.shown === undefined ? {} : { shown: { ...result.shown, alerts } }),
  }));
  const drawn = parseXml(htmlReport([{ ...failing, results }]));
  expect(elementsOf(drawn, 'text').filter((text) => textOf(text) === 'fires').length).toBe(1);
});
