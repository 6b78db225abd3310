import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readdirSync, readFileSync, rmSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server process, paused and ended by signals. */
export interface ServerProcess {
  readonly pid: number;
  alive(): boolean;
  readonly exit: Promise<ProcessExit>;
  /** Returns when every thread stands still, where the system tells (Linux). */
  pause(): void;
  resume(): void;
  /** Asks it to end, kills it after three seconds, resolves when it is gone. */
  end(): Promise<void>;
}

const endTimeoutMs = 3_000;
const stopTimeoutMs = 10_000;
const running = new Set<ChildProcess>();
const folders = new Set<string>();

/** Starts a program and hands every piece of its output to `hear`. Rejects where the program cannot be run at all. */
export async function startProcess(
  command: readonly string[],
  options: {
    readonly environment: Readonly<Record<string, string>>;
    readonly logFile: string;
    readonly hear: (text: string) => void;
  },
): Promise<ServerProcess> {
  endEverythingWithThisProcess();
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  // The folder may be removed before the last line is written.
  log.on('error', () => {});
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder('utf8');
    stream.on('data', (bytes: Buffer) => {
      options.hear(decoder.write(bytes));
      log.write(bytes);
    });
  }
  const exit = new Promise<ProcessExit>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      log.end();
      resolve({ code, signal });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  running.add(child);
  const alive = () => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    alive,
    exit,
    pause: () => {
      child.kill('SIGSTOP');
      waitUntilStopped(child.pid ?? 0);
    },
    resume: () => void child.kill('SIGCONT'),
    end: async () => {
      if (!alive()) return void (await exit);
      child.kill('SIGTERM');
      // A paused process hears of its end only when it goes on.
      child.kill('SIGCONT');
      const killer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs);
      await exit;
      clearTimeout(killer);
    },
  };
}

/** SIGSTOP takes a moment to reach every thread; until then a server with several still answers. */
function waitUntilStopped(pid: number): void {
  const deadlineMs = performance.now() + stopTimeoutMs;
  while (threadStates(pid).some((state) => state !== 'T')) {
    if (performance.now() > deadlineMs) throw new Error(`process ${pid} did not stop within ${stopTimeoutMs} ms`);
  }
}

/** The state letter of each thread: `T` stopped, `S` asleep, `R` running. Empty without /proc, or when all is over. */
function threadStates(pid: number): readonly string[] {
  const folder = `/proc/${pid}/task`;
  try {
    // The program's name stands before the state, in parentheses, and may hold blanks.
    return readdirSync(folder).map(
      (thread) => /\) (\w) /.exec(readFileSync(`${folder}/${thread}/stat`, 'utf8'))?.[1] ?? '',
    );
  } catch {
    return [];
  }
}

/** Has a folder removed when this process ends, should nobody have removed it by then. */
export function removeWithThisProcess(folder: string): void {
  endEverythingWithThisProcess();
  folders.add(folder);
}

/** Removes a folder now. */
export function removeFolder(folder: string): void {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

let hooked = false;

function endEverythingWithThisProcess(): void {
  if (hooked) return;
  hooked = true;
  process.once('exit', endEverything);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      endEverything();
      // With a listener a signal no longer ends the process: send it again, unless somebody else deals with it.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}

function endEverything(): void {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) removeFolder(folder);
}
