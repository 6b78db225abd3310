/** Alert rules of a scenario file. */

import type { AlertRule } from '../scenario.ts';
import type { ScenarioFile } from '../schema/schema.ts';
import type { Path, Reading } from './reading.ts';
import type { ZoneNames } from './zone.ts';

type AlertEntry = ScenarioFile['alerts'][string];

const CONDITIONS = ['servers-disagree', 'answers-dead-target', 'all-down', 'rcode'] as const;

export function loadAlerts(
  reading: Reading,
  written: ScenarioFile['alerts'],
  names: ZoneNames,
): ReadonlyMap<string, AlertRule> {
  const rules = Object.entries(written).flatMap(([name, entry]): [string, AlertRule][] => {
    const path = ['alerts', name];
    const of = entry.name === undefined ? undefined : names.absolute(entry.name, [...path, 'name']);
    if (of !== undefined) names.exists(of, [...path, 'name']);
    const when = conditionOf(reading, entry, of, path);
    return when === undefined ? [] : [[name, { name, when, pending: entry.for }]];
  });
  return new Map(rules);
}

function conditionOf(
  reading: Reading,
  entry: AlertEntry,
  name: string | undefined,
  path: Path,
): AlertRule['when'] | undefined {
  const [first, second] = CONDITIONS.filter((key) => entry[key] !== undefined);
  if (first === undefined || second !== undefined) {
    const hint = `Write one of ${CONDITIONS.join(': true, ')}: SERVFAIL.`;
    reading.complain('E_SCENARIO_VALUE', path, 'an alert has one condition', hint);
    return undefined;
  }
  switch (first) {
    case 'servers-disagree':
      return { kind: 'servers disagree', name };
    case 'answers-dead-target':
      return { kind: 'answers dead target', name };
    case 'all-down':
      if (name !== undefined) {
        const hint = 'Leave name out: a server knows of checks, not for which names they are made.';
        reading.complain('E_SCENARIO_VALUE', [...path, 'name'], 'all-down is about all checks of a server', hint);
      }
      return { kind: 'all down', name };
    case 'rcode':
      return { kind: 'rcode', rcode: entry.rcode ?? '', name };
  }
}
