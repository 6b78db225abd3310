/** One thread of `plan geo`: takes the numbers of jobs, gives lines. */
import { parentPort, workerData } from 'node:worker_threads';
import { resultLine } from '../planner/geo/results.ts';
import { type GeoTask, surveyorFor } from './geo-task.ts';

// What `geo-pool.ts` passes.
const task = workerData as GeoTask;
const surveyor = await surveyorFor(task);

parentPort?.on('message', (numbers: readonly number[]) => {
  for (const number of numbers) {
    const job = task.sweep.jobs[number];
    if (job !== undefined) parentPort?.postMessage({ number, line: resultLine(surveyor.figures(job)) });
  }
  parentPort?.postMessage('done');
});
