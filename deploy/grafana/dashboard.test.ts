import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { metricNames } from '../../agent/metrics.ts';

const HERE = import.meta.dirname;

const target = z.object({ refId: z.string(), expr: z.string().min(1) });
const panel = z.object({
  id: z.number(),
  type: z.string(),
  title: z.string().min(1),
  description: z.string().min(1).optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  datasource: z.object({ uid: z.string() }).optional(),
  targets: z.array(target).optional(),
});
const dashboardFile = z.object({
  uid: z.string(),
  schemaVersion: z.number(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(panel),
});

const dashboardText = readFileSync(join(HERE, 'pdns-shadow.json'), 'utf8');
const rulesText = readFileSync(join(HERE, '../prometheus/rules.yml'), 'utf8');
const dashboard = dashboardFile.parse(JSON.parse(dashboardText));
const expressions = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

describe('the metrics that operators see', () => {
  it.each([
    ['the dashboard', dashboardText],
    ['the alerting rules', rulesText],
  ])('%s names only metrics that the agent exports', (_, text) => {
    const named = metricsNamedIn(text);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !metricNames.includes(name))).toEqual([]);
  });

  it('are all on the dashboard or in an alert: a metric that nobody looks at need not be scraped', () => {
    const named = metricsNamedIn(dashboardText + rulesText);
    expect(metricNames.filter((name) => !named.includes(name))).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('asks the data source that the viewer chose', () => {
    const shown = dashboard.panels.filter(({ type }) => type !== 'row');
    expect(new Set(shown.map(({ datasource }) => datasource?.uid))).toEqual(new Set([`\${datasource}`]));
  });

  it('is filtered by data source, server and record', () => {
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'server', 'name']);
  });

  it('uses no variable that it does not define', () => {
    const known = ['datasource', 'server', 'name', '__rate_interval'];
    const used = expressions.flatMap(({ expr }) => Array.from(expr.matchAll(/\$\{?(\w+)/g), ([, name]) => name));
    expect(used.filter((name) => name === undefined || !known.includes(name))).toEqual([]);
  });

  it.each(expressions)('shows in "$title" a well-bracketed query: $expr', ({ expr }) => {
    expect(unclosedBrackets(expr)).toBe('');
  });

  it('has panels with ids of their own that do not overlap', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });

  it('explains every panel', () => {
    const silent = dashboard.panels.filter(({ type, description }) => type !== 'row' && description === undefined);
    expect(silent.map(({ title }) => title)).toEqual([]);
  });
});

/** The metrics named in a text, each once, under the name that the agent exports: without a histogram's suffixes. */
function metricsNamedIn(text: string): readonly string[] {
  const names = Array.from(text.matchAll(/\bpdns_shadow_\w+/g), ([name]) => name);
  return [...new Set(names.map(withoutSeriesSuffix))];
}

function withoutSeriesSuffix(name: string): string {
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return metricNames.includes(base) ? base : name;
}

function unclosedBrackets(expr: string): string {
  const unquoted = expr.replaceAll(/"[^"]*"/g, '').replaceAll(/[^()[\]{}]/g, '');
  const reduced = unquoted.replaceAll(/\(\)|\[\]|\{\}/g, '');
  return reduced === unquoted ? reduced : unclosedBrackets(reduced);
}
