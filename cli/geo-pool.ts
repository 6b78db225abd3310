/** Threads that share the jobs of a sweep. What comes out does not hang on how many there are. */
import { Worker } from 'node:worker_threads';
import type { GeoDatabase } from '../geoip/database.ts';
import { resultLine } from '../planner/geo/results.ts';
import type { Job } from '../planner/geo/sweep.ts';
import { type GeoTask, surveyorFor } from './geo-task.ts';

/** Below this a thread costs more than it saves. */
const FEWEST_JOBS_EACH = 4;

export interface PoolOptions {
  readonly task: GeoTask;
  readonly jobs: readonly Job[];
  /** Of the task, for the thread that is there anyway. */
  readonly databases: readonly GeoDatabase[];
  readonly threads: number;
}

/** A line for each job, in their order. */
export async function runJobs({ task, jobs, databases, threads }: PoolOptions): Promise<string[]> {
  const count = Math.min(threads, Math.ceil(jobs.length / FEWEST_JOBS_EACH));
  if (count > 1) return inThreads(task, jobs, count);
  const surveyor = await surveyorFor(task, databases);
  return jobs.map((job) => resultLine(surveyor.figures(job)));
}

async function inThreads(task: GeoTask, jobs: readonly Job[], count: number): Promise<string[]> {
  const lines = new Map<number, string>();
  const batches = batchesOf(jobs);
  const workers = Array.from({ length: count }, () => new Worker(THREAD, { workerData: task }));
  try {
    await Promise.all(workers.map((worker) => work(worker, batches, lines)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return jobs.map(({ number }) => lines.get(number) ?? '');
}

/** Beside this file, in the sources as in the package. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './geo-thread.ts' : './geo-thread.js', import.meta.url);

/** States of a record belong together: what is answered while all is up is asked once for all of them. */
function batchesOf(jobs: readonly Job[]): number[][] {
  return [...Map.groupBy(jobs, ({ record }) => record).values()].map((batch) => batch.map(({ number }) => number));
}

function work(worker: Worker, batches: number[][], lines: Map<number, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = () => {
      const batch = batches.shift();
      if (batch === undefined) resolve();
      else worker.postMessage(batch);
    };
    worker.on('message', (message: 'done' | { number: number; line: string }) => {
      if (message === 'done') next();
      else lines.set(message.number, message.line);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a thread of plan geo ended with ${code}`)));
    next();
  });
}
