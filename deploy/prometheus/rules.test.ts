import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { UserError } from '../../input/errors.ts';
import { checkRules, findPromtool } from './promtool.ts';

const HERE = import.meta.dirname;
const REPOSITORY = join(HERE, '../..');
const RUNBOOK_BASE = 'https://github.com/pdns-shadow/pdns-shadow/blob/main/';
const FETCH_TIMEOUT_MS = 300_000;

const rulesFile = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          for: z.string(),
          labels: z.record(z.string(), z.string()),
          annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
        }),
      ),
    }),
  ),
});
const testFile = z.object({
  tests: z.array(
    z.object({ alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })) }),
  ),
});

const alerts = rulesFile
  .parse(parse(readFileSync(join(HERE, 'rules.yml'), 'utf8')))
  .groups.flatMap(({ rules }) => rules);
const casesText = readFileSync(join(HERE, 'rules.test.yml'), 'utf8');
const cases = testFile.parse(parse(casesText)).tests.map((test) => test.alert_rule_test);

describe('the alerting rules', () => {
  it('pass promtool check and every case of rules.test.yml', { timeout: FETCH_TIMEOUT_MS }, async (context) => {
    const promtool = await promtoolOrReason();
    if (typeof promtool !== 'string') {
      process.stdout.write(`skipped: ${promtool.reason}\n`);
      return context.skip(promtool.reason);
    }
    for (const { args, ok, output } of await checkRules(promtool)) {
      expect(ok, `promtool ${args.join(' ')}\n${output}`).toBe(true);
    }
  });

  it('are the alerts that dashboards, routes and runbooks name', () => {
    expect(alerts.map(({ alert }) => alert)).toEqual([
      'AnswerDrift',
      'TargetDownButServed',
      'ServerUnreachable',
      'ColdRecord',
      'AgentAbsent',
      'ConfigReloadFailed',
      'SourceFailed',
      'QueryBudgetExceeded',
      'LintFindings',
    ]);
  });

  it.each(alerts)(
    '$alert says how severe it is and links to a runbook that exists',
    ({ alert, labels, annotations }) => {
      expect(labels.severity).toMatch(/critical|warning/);
      expect(annotations.runbook_url).toBe(`${RUNBOOK_BASE}docs/runbooks/${alert}.md`);
      expect(existsSync(join(REPOSITORY, annotations.runbook_url.slice(RUNBOOK_BASE.length)))).toBe(true);
    },
  );

  it('are tried on drifts as the agent exports them, which are not all about one record', () => {
    const shapes = new Map(
      Array.from(
        casesText.matchAll(
          /pdns_shadow_drift\{.*server="([^"]*)",name="([^"]*)",type="([^"]*)",client="([^"]*)",class="(\w+)"/g,
        ),
        ([, server, name, type, client, driftClass]) => [
          driftClass,
          { servers: server?.split(' ').length, name: name !== '', type, client: client !== '' },
        ],
      ),
    );
    const ofRecord = { servers: 1, name: true, type: 'A', client: true };
    const ofServer = { servers: 1, name: false, type: '', client: false };
    expect(Object.fromEntries(shapes)).toEqual({
      answer: ofRecord,
      rcode: ofRecord,
      distribution: ofRecord,
      ttl: ofRecord,
      scope: ofRecord,
      dnssec: ofRecord,
      content: { servers: 1, name: true, type: 'SOA', client: false },
      frozen: ofServer,
      unreachable: ofServer,
      disagreement: { ...ofRecord, servers: 2 },
    });
  });

  it.each(alerts)('$alert has cases in which it rings, stays silent and resolves', ({ alert }) => {
    const own = cases.map((evaluations) => evaluations.filter(({ alertname }) => alertname === alert));
    const rings = (evaluations: (typeof own)[number]) => evaluations.map(({ exp_alerts }) => exp_alerts.length > 0);
    expect(own.some((evaluations) => /true,(.*,)?false/.test(rings(evaluations).join()))).toBe(true);
    expect(own.some((evaluations) => evaluations.length > 0 && !rings(evaluations).includes(true))).toBe(true);
  });
});

describe('finding promtool', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promtool-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const executable = async (directory: string) => {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'promtool'), '#!/bin/sh\n');
    await chmod(join(directory, 'promtool'), 0o755);
  };
  const never = () => Promise.reject(new Error('went to the network'));

  it('prefers the one on PATH to the cached one', async () => {
    await executable(join(folder, 'bin'));
    await executable(join(folder, 'cache'));
    const found = await findPromtool({ path: join(folder, 'bin'), cache: join(folder, 'cache'), fetch: never });
    expect(found).toBe(join(folder, 'bin', 'promtool'));
  });

  it('takes the cached one without going to the network', async () => {
    await executable(join(folder, 'cache'));
    const found = await findPromtool({ path: folder, cache: join(folder, 'cache'), fetch: never });
    expect(found).toBe(join(folder, 'cache', 'promtool'));
  });

  it('fetches it once when there is none', async () => {
    const cache = join(folder, 'cache');
    const found = await findPromtool({ path: folder, cache, fetch: executable });
    expect(found).toBe(join(cache, 'promtool'));
    await expect(findPromtool({ path: folder, cache, fetch: never })).resolves.toBe(found);
  });

  it('says on a machine without apt what is lacking and what to do, with exit code 3', async () => {
    const error: unknown = await findPromtool({ path: folder, cache: join(folder, 'cache') }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code: 'E_PROMTOOL_MISSING', exitCode: 3 });
    expect(String(error)).toContain('apt-get is not on PATH');
  });
});

/** Where promtool is, or why there is none. On CI there must be one: a skipped check would pass for a green one. */
async function promtoolOrReason(): Promise<string | { readonly reason: string }> {
  try {
    return await findPromtool();
  } catch (error) {
    if (error instanceof UserError && process.env.CI !== 'true') return { reason: error.describe() };
    throw error;
  }
}
