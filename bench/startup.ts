/** From the shell to the answer: how long short commands take, beside a Node that does nothing. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describeMachine } from './machine.ts';
import { ZONE, zoneText } from './records.ts';
import { median, ratio } from './rounds.ts';
import { printTable } from './table.ts';

const ROUNDS = 20;
const root = dirname(import.meta.dirname);
const checkout = join(root, 'bin', 'pdns-shadow');
const built = join(root, 'dist', 'cli', 'main.js');
const execute = promisify(execFile);

interface Start {
  readonly label: string;
  readonly command: readonly string[];
  /** Exits with 2, as it should. */
  readonly isRefused?: boolean;
  /** As on a first run: no compiled code is kept from an earlier one. */
  readonly isCold?: boolean;
}

/** Milliseconds of the clock, and of the processor: user and system. */
interface Taken {
  readonly wallMs: number;
  readonly userMs: number;
  readonly systemMs: number;
}

export async function benchStartup(): Promise<void> {
  execFileSync(process.execPath, [join(root, 'bin', 'build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const folder = await mkdtemp(join(tmpdir(), 'pdns-shadow-bench-'));
  try {
    const zone = join(folder, `${ZONE}.zone`);
    await writeFile(zone, zoneText(['127.0.0.2', '127.0.0.3'], 80));
    const starts = startsOf(['predict', `hashed.${ZONE}`, '--zone', zone]);
    const taken = starts.map((): Taken[] => []);
    console.log(`startup: ${ROUNDS} rounds, one of each a round; ${describeMachine()}\n`);
    for (const start of starts) await timed(start, folder);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, start] of starts.entries()) taken[i]?.push(await timed(start, folder));
    }
    print(starts, taken);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function startsOf(predict: readonly string[]): readonly Start[] {
  return [
    { label: 'node -e 0', command: [process.execPath, '-e', '0'] },
    { label: 'predict, checkout', command: [checkout, ...predict] },
    { label: 'predict, package', command: [process.execPath, built, ...predict] },
    { label: 'predict, checkout, nothing kept', command: [checkout, ...predict], isCold: true },
    { label: 'predict, package, nothing kept', command: [process.execPath, built, ...predict], isCold: true },
    { label: 'predict --help, checkout', command: [checkout, 'predict', '--help'] },
    { label: 'wrong flag, checkout', command: [checkout, ...predict, '--dwon', '192.0.2.1'], isRefused: true },
  ];
}

/** The shell knows what its children took; to the clock it adds a millisecond or two. */
const SCRIPT = '"$@" >/dev/null 2>&1; code=$?; times; exit $code';

async function timed({ command, isRefused = false, isCold = false }: Start, folder: string): Promise<Taken> {
  const { NODE_COMPILE_CACHE: _own, ...environment } = process.env;
  const env = { ...environment, XDG_CACHE_HOME: folder, ...(isCold ? { NODE_DISABLE_COMPILE_CACHE: '1' } : {}) };
  const startedMs = performance.now();
  const { code, stdout } = await execute('/bin/sh', ['-c', SCRIPT, 'sh', ...command], { env }).then(
    (ended) => ({ code: 0, stdout: ended.stdout }),
    (error: { code?: unknown; stdout?: unknown }) => ({ code: error.code, stdout: String(error.stdout) }),
  );
  const wallMs = performance.now() - startedMs;
  if (code !== (isRefused ? 2 : 0)) throw new Error(`${command.join(' ')} ended with ${code}`);
  const [userMs = Number.NaN, systemMs = Number.NaN] = (stdout.split('\n')[1] ?? '').split(' ').map(milliseconds);
  return { wallMs, userMs, systemMs };
}

/** `0m1.25s` */
function milliseconds(text: string): number {
  const found = /^(\d+)m([\d.]+)s$/.exec(text);
  return found === null ? Number.NaN : (Number(found[1]) * 60 + Number(found[2])) * 1000;
}

function print(starts: readonly Start[], taken: readonly (readonly Taken[])[]): void {
  const bare = taken[0]?.map(({ wallMs }) => wallMs) ?? [];
  printTable(
    ['', 'best ms', 'median ms', 'best user ms', 'median user ms', 'median sys ms', ': node -e 0'],
    starts.map(({ label }, i) => {
      const rounds = taken[i] ?? [];
      const walls = rounds.map(({ wallMs }) => wallMs);
      const users = rounds.map(({ userMs }) => userMs);
      const systems = rounds.map(({ systemMs }) => systemMs);
      const times = [Math.min(...walls), median(walls), Math.min(...users), median(users), median(systems)];
      const overBare = walls.map((wall, round) => wall / (bare[round] ?? Number.NaN));
      return [label, ...times.map((time) => time.toFixed(0)), ratio(median(overBare))];
    }),
  );
}
