import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const staleAfterMs = 15 * 60_000;
const retryEveryMs = 100;

/**
 * Runs `work` while holding the lock file `path`, waiting for whoever holds it. A lock whose process is gone, or that is
 * older than 15 minutes, is taken over. The lock spares double work only: two takers must not harm each other.
 */
export async function withLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  while (!(await take(path))) {
    if (await isStale(path)) await rm(path, { force: true });
    else await sleep(retryEveryMs);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const ageMs = Date.now() - (await stat(path)).mtimeMs;
    const pid = Number(await readFile(path, 'utf8'));
    // A holder that has not written its number yet is fresh.
    return ageMs > staleAfterMs || (pid > 0 && !isRunning(pid));
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
