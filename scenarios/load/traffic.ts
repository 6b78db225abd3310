/** Questions that are really asked. */

import type { Traffic } from '../scenario.ts';
import type { ScenarioFile } from '../schema/schema.ts';
import type { Reading } from './reading.ts';
import type { World } from './timeline.ts';

/** One for each client and, where no type is written, each type that the records of the name yield. */
export function loadTraffic(
  reading: Reading,
  written: ScenarioFile['traffic'],
  { clients, names }: World,
): readonly Traffic[] {
  return written.flatMap((entry, i) => {
    const path = ['traffic', i];
    const name = names.absolute(entry.name, [...path, 'name']);
    if (name === undefined) return [];
    names.exists(name, [...path, 'name']);
    const { every, starts, ends } = entry;
    if (ends !== undefined && ends < starts) {
      reading.complain('E_SCENARIO_TIME', [...path, 'ends'], 'ends is before starts', 'Let ends be the later time.');
    }
    const types = entry.type === undefined ? names.types(name) : [entry.type.toUpperCase()];
    return entry.from.flatMap((from, j) => {
      if (
        reading.knows('client', from, clients.keys(), [...path, 'from', j]) &&
        clients.get(from)?.sample !== undefined
      ) {
        const hint = 'Let another client ask; a sample is for distributions.';
        reading.complain('E_SCENARIO_VALUE', [...path, 'from', j], `${from} stands for many networks`, hint);
      }
      return (types.length === 0 ? [undefined] : types).map((type) => ({ name, type, from, every, starts, ends }));
    });
  });
}
