/** When a scenario ends, and what would come after that. */
import { MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import type { ScenarioFile } from '../schema/schema.ts';
import type { Path, Reading } from './reading.ts';

const AFTER_THE_LAST: Micros = 10 * MICROS_PER_SECOND;

interface NamedTime {
  readonly time: Micros;
  readonly path: Path;
}

/** As written (`ends`), else ten seconds after the last time that is named, in whole seconds. */
export function endOf(reading: Reading, file: ScenarioFile): Micros {
  const { ends } = file;
  const named = namedTimes(file);
  if (ends === undefined) {
    const last = Math.max(0, ...named.map(({ time }) => time), ...faultEnds(file));
    return Math.ceil((last + AFTER_THE_LAST) / MICROS_PER_SECOND) * MICROS_PER_SECOND;
  }
  for (const { time, path } of named) {
    if (time <= ends) continue;
    const hint = `Let ends be at least ${time / MICROS_PER_SECOND}s, or leave it out.`;
    const message = `this is at ${time / MICROS_PER_SECOND}s, after the end at ${ends / MICROS_PER_SECOND}s`;
    reading.complain('E_SCENARIO_TIME', path, message, hint);
  }
  return ends;
}

function namedTimes({ timeline, expect, traffic }: ScenarioFile): readonly NamedTime[] {
  const times: readonly (readonly [Micros | undefined, Path])[] = [
    ...timeline.map(({ at }, i) => [at, ['timeline', i, 'at']] as const),
    ...traffic.flatMap(({ starts, ends }, i) => [
      [starts, ['traffic', i, 'starts']] as const,
      [ends, ['traffic', i, 'ends']] as const,
    ]),
    ...expect.flatMap(({ at, within, by, until }, i) => [
      [at, ['expect', i, 'at']] as const,
      [within?.[0], ['expect', i, 'within']] as const,
      [within?.[1], ['expect', i, 'within']] as const,
      [by, ['expect', i, 'by']] as const,
      [until, ['expect', i, 'until']] as const,
    ]),
  ];
  return times.flatMap(([time, path]) => (time === undefined ? [] : [{ time, path }]));
}

/** A fault may outlast the world, but by default the world waits for its end. */
function faultEnds({ timeline }: ScenarioFile): readonly Micros[] {
  return timeline.flatMap(({ at, for: lasts }) => (lasts === undefined ? [] : [at + lasts]));
}
