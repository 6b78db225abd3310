/** The soak, shortened to one cycle of injections. Each line in a process of its own, as an agent has: all at once. */
import { spawn } from 'node:child_process';
import { beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { describeForEachServer } from '../powerdns/for-each-server.ts';

const PROGRAM = 'test/soak/soak.ts';
const SEED = process.env.SOAK_SEED ?? '1';
const TIMEOUT_MS = 600_000;

const reportSchema = z.object({
  troubles: z.number(),
  verdicts: z.record(z.string(), z.number()),
  kinds: z.array(z.object({ kind: z.string(), due: z.number(), reported: z.number() })),
  falseDrifts: z.array(z.string()),
  missed: z.array(z.string()),
  late: z.array(z.string()),
  unresolved: z.array(z.string()),
});

type Ended = { readonly stdout: string; readonly stderr: string; readonly code: number | null };

/** Exit code of a run that proves nothing, because the machine was too busy. */
const STARVED = 4;
const ATTEMPTS = 4;
/** Exit code of a run in which the agent was wrong: so it is if it comes again. Nobody but the agent tells when it stood still. */
const WRONG = 1;
const MOST_WRONG = 2;

const lines = new Set<string>();
const runs = new Map<string, Promise<Ended>>();

beforeAll(() => {
  for (const line of lines) runs.set(line, runUntilItTells(argumentsFor(line)));
});

describeForEachServer('the agent beside a server while targets and servers go wrong', ({ line }) => {
  lines.add(line);

  it('reports what is wrong within its bounds, and nothing else', { timeout: TIMEOUT_MS }, async () => {
    const { stdout, stderr } = (await runs.get(line)) ?? { stdout: '', stderr: 'not started' };
    const command = `node ${PROGRAM} ${argumentsFor(line).join(' ')}`;
    const report = reportSchema.safeParse(parseJson(stdout)).data;
    if (report === undefined) expect.fail(`seed ${SEED}: ${command} printed no report\n${stderr}`);
    const { falseDrifts, missed, late, unresolved } = report;
    expect(
      { falseDrifts, missed, late, unresolved },
      `seed ${SEED}; again with: ${command}\n${stderr}\n${JSON.stringify(report, null, 1)}`,
    ).toEqual({ falseDrifts: [], missed: [], late: [], unresolved: [] });
    expect(report.kinds.map(({ kind }) => kind)).toEqual(expect.arrayContaining(KINDS));
    expect(report.kinds.every(({ due, reported }) => due > 0 && reported >= due)).toBe(true);
    expect(report.verdicts.match).toBeGreaterThan(0);
    expect(report.troubles).toBeGreaterThan(0);
  });
});

const KINDS = [
  'ECS off',
  'GeoIP off',
  'down for servers only',
  'server frozen',
  'server stopped',
  'stale zone',
  'up for servers only',
  'wrong TTL',
];

function argumentsFor(line: string): string[] {
  return ['--minutes', '0', '--line', line, '--seed', SEED, '--json'];
}

async function runUntilItTells(args: readonly string[]): Promise<Ended> {
  let wrong = 0;
  for (let attempt = 1; ; attempt++) {
    const ended = await run(args);
    if (ended.code === WRONG) wrong++;
    if (ended.code !== STARVED && ended.code !== WRONG) return ended;
    if (attempt === ATTEMPTS || wrong === MOST_WRONG) return ended;
    const why = ended.code === STARVED ? 'the machine was too busy to prove anything' : ended.stdout;
    console.warn(`${PROGRAM} ${args.join(' ')}: ${why}; once more`);
  }
}

function run(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ended.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      ended.stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...ended, code }));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
