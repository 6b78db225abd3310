/**
 * What the soak does to the servers, and what the agent must say of it. `must`: cross-checks whose every answer shows
 * the cause, so that the drift is due within the agent's own bound. `explains`: drifts that are not false while the cause
 * lasts, though chance may keep them from showing.
 */

import type { DetectionBounds } from '../../agent/bounds.ts';
import type { DriftKey } from '../../agent/drifts.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import type { ServerName, Servers } from './servers.ts';
import type { Targets } from './targets.ts';
import {
  CLIENT_NAMES,
  HALF_HIDDEN_SUCCESS,
  HIDDEN_FAILURE,
  HIDDEN_SUCCESS,
  MOVED,
  NAMES_OF_HIDDEN_SUCCESS,
  NAMES_OF_LOCATION,
  NAMES_WITHOUT_CHECKS,
  namesOfHiddenFailure,
  RIGHT,
  STALE,
  WRONG_TTL,
  ZONE,
} from './zone.ts';

export interface Injection {
  readonly kind: string;
  readonly server: ServerName | 'all';
  /** Which of the agent's bounds holds. */
  readonly bound: keyof DetectionBounds;
  readonly must: readonly DriftKey[];
  /** Its cause and its end restart the server too fast for the agent to see: all its checks are cold for a moment. */
  readonly isUnseenRestart?: true;
  explains(key: DriftKey): boolean;
  /** Brings the cause about; resolves when it is in full effect, with what undoes it. */
  cause(): Promise<() => Promise<void>>;
}

export interface Stage {
  readonly line: ReleaseLine;
  readonly servers: Servers;
  readonly targets: Targets;
}

/** A target that works for the agent and not for the servers. */
export function hiddenFailure({ line, targets }: Stage): Injection {
  const names = namesOfHiddenFailure(line);
  return {
    kind: 'down for servers only',
    server: 'all',
    bound: 'beliefSeconds',
    must: answers('ns1', names, CLIENT_NAMES),
    explains: ({ class: drift, name }) => isAbout(drift, 'answer') && names.includes(name),
    cause: () => behave(targets, HIDDEN_FAILURE[0], 'only for the shadow'),
  };
}

/** A target that works for the servers and not for the agent. */
export function hiddenSuccess({ targets }: Stage): Injection {
  return {
    kind: 'up for servers only',
    server: 'all',
    bound: 'beliefSeconds',
    must: answers('ns1', NAMES_OF_HIDDEN_SUCCESS, CLIENT_NAMES),
    explains: ({ class: drift, name }) =>
      isAbout(drift, 'answer') && [...NAMES_OF_HIDDEN_SUCCESS, HALF_HIDDEN_SUCCESS].includes(name),
    cause: () => behave(targets, HIDDEN_SUCCESS[0], 'never for the shadow'),
  };
}

export function ecsOff({ servers }: Stage, server: ServerName): Injection {
  const clients = ['se'];
  return {
    kind: 'ECS off',
    server,
    bound: 'impossibleSeconds',
    isUnseenRestart: true,
    must: [
      ...keys('scope', server, NAMES_WITHOUT_CHECKS, clients),
      ...answers(server, ['country', 'view'].map(fullName), clients),
    ],
    explains: (key) =>
      concerns(key, server) &&
      (isUnreachable(key) || (clients.includes(key.client) && isAbout(key.class, 'scope', 'answer', 'distribution'))),
    cause: () =>
      servers.reconfigure(server, (conf) => conf.replace('edns-subnet-processing=yes', 'edns-subnet-processing=no')),
  };
}

export function geoIpOff({ servers }: Stage, server: ServerName): Injection {
  const affected = [...NAMES_OF_LOCATION, ...['near', 'close'].map(fullName)];
  return {
    kind: 'GeoIP off',
    server,
    bound: 'impossibleSeconds',
    isUnseenRestart: true,
    must: answers(server, NAMES_OF_LOCATION, ['se']),
    explains: (key) =>
      concerns(key, server) &&
      (isUnreachable(key) || (affected.includes(key.name) && isAbout(key.class, 'answer', 'distribution'))),
    cause: () =>
      servers.reconfigure(server, (conf) => conf.replace(/^launch=.*$/m, 'launch=bind').replace(/^geoip-.*$\n/gm, '')),
  };
}

export function staleZone({ servers }: Stage, server: ServerName): Injection {
  const content = { server, name: `${ZONE}.`, type: 'SOA', client: '', class: 'content' } as const;
  return {
    kind: 'stale zone',
    server,
    bound: 'contentSeconds',
    must: [content, ...answers(server, [MOVED], CLIENT_NAMES)],
    explains: (key) =>
      concerns(key, server) && (key.class === 'content' || (isAbout(key.class, 'answer') && key.name === MOVED)),
    cause: async () => {
      await servers.serve(server, STALE);
      return () => servers.serve(server, RIGHT);
    },
  };
}

export function wrongTtl({ servers }: Stage, server: ServerName): Injection {
  return {
    kind: 'wrong TTL',
    server,
    bound: 'contentSeconds',
    must: keys('ttl', server, NAMES_WITHOUT_CHECKS, CLIENT_NAMES),
    explains: (key) => key.server === server && key.class === 'ttl',
    cause: async () => {
      await servers.serve(server, WRONG_TTL);
      return () => servers.serve(server, RIGHT);
    },
  };
}

export function stopped({ servers }: Stage, server: ServerName): Injection {
  return {
    ...unreachable(server),
    kind: 'server stopped',
    cause: async () => {
      await servers.end(server);
      return () => servers.restart(server);
    },
  };
}

export function frozen({ servers }: Stage, server: ServerName): Injection {
  return {
    ...unreachable(server),
    kind: 'server frozen',
    cause: async () => {
      servers.of(server).pause();
      return async () => servers.of(server).resume();
    },
  };
}

function unreachable(server: ServerName): Omit<Injection, 'kind' | 'cause'> {
  return {
    server,
    bound: 'unreachableSeconds',
    must: [{ server, name: '', type: '', client: '', class: 'unreachable' }],
    explains: (key) => key.server === server && isUnreachable(key),
  };
}

/** Disagreements name two servers. */
function concerns(key: DriftKey, server: ServerName): boolean {
  return key.server.split(' ').includes(server);
}

/** A wrong answer is a disagreement with the servers that answer rightly, too. */
function isAbout(drift: DriftKey['class'], ...classes: readonly DriftKey['class'][]): boolean {
  return drift === 'disagreement' || classes.includes(drift);
}

function isUnreachable(key: DriftKey): boolean {
  return key.class === 'unreachable';
}

async function behave(targets: Targets, index: number, behaviour: 'only for the shadow' | 'never for the shadow') {
  await targets.become(index, behaviour);
  return () => targets.become(index, 'ok');
}

function answers(server: ServerName, names: readonly string[], clients: readonly string[]): DriftKey[] {
  return keys('answer', server, names, clients);
}

function keys(
  drift: DriftKey['class'],
  server: ServerName,
  names: readonly string[],
  clients: readonly string[],
): DriftKey[] {
  return names.flatMap((name) => clients.map((client) => ({ server, name, type: 'A', client, class: drift })));
}

function fullName(label: string): string {
  return `${label}.${ZONE}.`;
}
