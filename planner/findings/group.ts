/** Servers of which the same is to be said, and names behind checks. */
import type { Check } from '../../simulator/health/check.ts';
import { someOf } from '../finding.ts';
import type { PlannedServer } from '../planned-server.ts';

export interface Alike {
  readonly first: PlannedServer;
  /** Of all of them, for people. */
  readonly names: string;
  readonly members: readonly PlannedServer[];
}

/** Servers that `keyOf` cannot tell apart, in the order in which they are first met. */
export function serversAlike(servers: readonly PlannedServer[], keyOf: (planned: PlannedServer) => string): Alike[] {
  const groups = new Map<string, PlannedServer[]>();
  for (const planned of servers) {
    const key = keyOf(planned);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [planned]);
    else known.push(planned);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [{ first, names: someOf(group.map(({ server }) => server.name)), members: group }];
  });
}

/** Names that ask for any of `checks`, without the final dot. */
export function namesAsking({ names }: PlannedServer, checks: readonly Check[]): string[] {
  const wanted = new Set(checks.map(({ id }) => id));
  return names
    .filter(({ warm, standby }) => [...warm, ...standby].some(({ id }) => wanted.has(id)))
    .map(({ owner }) => plainName(owner));
}

export function plainName(owner: string): string {
  return owner === '.' ? owner : owner.replace(/\.$/, '');
}
