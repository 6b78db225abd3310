/** What is expected: answers, codes, shares, beliefs, agreement, load, alerts, invariants. */
import { parseAddress } from '../../geoip/address.ts';
import type { What } from '../scenario.ts';
import type { ExpectEntry } from '../schema/schema.ts';
import type { Story } from './expect.ts';
import { guessHint, type Path, type Reading } from './reading.ts';

const WHATS = [
  'answer',
  'one-of',
  'subset-of',
  'rcode',
  'ttl',
  'scope',
  'distribution',
  'status',
  'agree',
  'max-flips',
  'probes',
  'alert',
  'invariant',
] as const;

type WhatKey = (typeof WHATS)[number];

const WITHOUT_NAME: readonly WhatKey[] = ['status', 'probes', 'alert', 'invariant'];

const RCODES = ['NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED', 'CRASH', 'DROPPED', 'OPAQUE'];

/** What counts over a time, or is itself about all of it. */
const OF_NO_MOMENT: readonly WhatKey[] = ['distribution', 'max-flips', 'probes', 'invariant'];

/** Shares are written with few digits: thirds as 0.333. */
const SUM_TOLERANCE = 0.01;
const DEFAULT_TOLERANCE = 1e-6;

/** Whether it is about the answers of a name. */
export function needsName(entry: ExpectEntry): boolean {
  return WHATS.some((key) => entry[key] !== undefined && !WITHOUT_NAME.includes(key));
}

/** `type`: of the question, where it is known. */
export function loadWhats(
  reading: Reading,
  entry: ExpectEntry,
  path: Path,
  story: Story,
  type: string | undefined,
): readonly What[] {
  const keys = WHATS.filter((key) => entry[key] !== undefined);
  if (keys.length === 0) {
    const hint = `Add one of ${WHATS.join(', ')}.`;
    reading.complain('E_SCENARIO_EXPECT', path, 'this expectation does not say what', hint);
  }
  if (entry.tolerance !== undefined && entry.distribution === undefined) {
    const hint = 'Leave it out, or expect a distribution.';
    reading.complain('E_SCENARIO_EXPECT', [...path, 'tolerance'], 'only a distribution has a tolerance', hint);
  }
  for (const key of keys.filter((each) => entry.never && OF_NO_MOMENT.includes(each))) {
    const hint = `Write always: true, and the ${key} that must hold.`;
    reading.complain('E_SCENARIO_EXPECT', [...path, key], `never is about single moments, and ${key} is not`, hint);
  }
  return keys.flatMap((key) => loadWhat(reading, key, entry, [...path, key], story, type) ?? []);
}

function loadWhat(
  reading: Reading,
  key: WhatKey,
  entry: ExpectEntry,
  path: Path,
  story: Story,
  type: string | undefined,
): What | undefined {
  switch (key) {
    case 'answer':
    case 'one-of':
    case 'subset-of': {
      const answers = entry[key] ?? [];
      for (const [i, answer] of answers.entries()) checkAnswer(reading, answer, type, [...path, i], story);
      return { kind: key, answers };
    }
    case 'rcode':
      reading.knows('response code', entry.rcode ?? '', RCODES, path);
      return { kind: 'rcode', rcode: entry.rcode ?? '' };
    case 'ttl':
      return { kind: 'ttl', seconds: entry.ttl ?? 0 };
    case 'scope':
      return { kind: 'scope', length: entry.scope ?? 0 };
    case 'distribution':
      return loadDistribution(reading, entry, path, story, type);
    case 'status': {
      const statuses = Object.entries(entry.status ?? {});
      for (const [target] of statuses) reading.knows('target', target, story.targets.keys(), [...path, target]);
      return { kind: 'status', statuses: new Map(statuses) };
    }
    case 'agree':
      for (const [i, server] of (entry.agree ?? []).entries()) {
        reading.knows('server', server, story.servers.keys(), [...path, i]);
      }
      return { kind: 'agree', servers: entry.agree ?? [] };
    case 'max-flips':
      return { kind: 'max-flips', flips: entry['max-flips'] ?? 0 };
    case 'probes':
      return loadProbes(reading, entry, path, story);
    case 'alert':
      reading.knows('alert', entry.alert ?? '', story.alerts.keys(), path);
      return { kind: 'alert', alert: entry.alert ?? '' };
    case 'invariant':
      return loadInvariant(reading, entry, path, story);
  }
}

/** The name of a target, or rdata; where the rdata is an address, nothing else will do. */
function checkAnswer(reading: Reading, answer: string, type: string | undefined, path: Path, { targets }: Story): void {
  if (targets.has(answer)) return;
  const isAddress = parseAddress(answer) !== undefined;
  if (isAddress || (type !== 'A' && type !== 'AAAA' && type !== undefined)) return;
  const hint = guessHint(answer, [...targets.keys()], 'target');
  reading.complain('E_SCENARIO_NAME', path, `'${answer}' is neither a target nor an address`, hint);
}

function loadDistribution(
  reading: Reading,
  entry: ExpectEntry,
  path: Path,
  story: Story,
  type: string | undefined,
): What {
  const shares = new Map(Object.entries(entry.distribution ?? {}));
  for (const answer of shares.keys()) checkAnswer(reading, answer, type, [...path, answer], story);
  const sum = [...shares.values()].reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) > SUM_TOLERANCE) {
    const message = `the shares sum to ${Number(sum.toFixed(6))}, not to 1`;
    reading.complain('E_SCENARIO_EXPECT', path, message, 'Name every answer with its share, such as 0.8, 80% or 4/5.');
  }
  return { kind: 'distribution', shares, tolerance: entry.tolerance ?? DEFAULT_TOLERANCE };
}

function loadProbes(reading: Reading, { probes }: ExpectEntry, path: Path, { targets }: Story): What | undefined {
  if (probes === undefined) return undefined;
  const { target, rate, burst } = probes;
  if (target !== undefined) reading.knows('target', target, targets.keys(), [...path, 'target']);
  if (rate === undefined && burst === undefined) {
    const hint = 'Add rate: 2 (probes a second) or burst: 4 (in one round).';
    reading.complain('E_SCENARIO_EXPECT', path, 'probes has no bound', hint);
  }
  return { kind: 'probes', target, rate, burst };
}

function loadInvariant(reading: Reading, { invariant }: ExpectEntry, path: Path, story: Story): What | undefined {
  if (invariant === undefined) return undefined;
  if (invariant !== 'single-writer') {
    return { kind: 'invariant', invariant: 'no-dead-answer-after', after: invariant['no-dead-answer-after'] };
  }
  if (story.lease === undefined) {
    const hint = 'Add lease: { ttl: 30s, renew: 10s, holder: PLACE } to the file.';
    reading.complain('E_SCENARIO_EXPECT', path, 'single-writer is about a lease, and there is none', hint);
  }
  return { kind: 'invariant', invariant };
}
