/** Answers that depend on the health of targets, before the first check and after the checks have run. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { admissible } from '../../simulator/answer/admissible.ts';
import { answerTexts } from '../../simulator/answer/outcome.ts';
import { predict } from '../../simulator/answer/predict.ts';
import type { Check } from '../../simulator/health/check.ts';
import { ABSENT, type CheckStatus, DOWN, UP } from '../../simulator/health/status.ts';
import { misfit, probabilitiesByData } from './compare.ts';
import { type Release, read, releases } from './recorded.ts';
import { questionOf, serverOf, zoneOfLines } from './subject.ts';

const counts = z.record(z.string(), z.number());
const OWNER = 'x.example.org.';

interface Asked {
  readonly type: string;
  readonly code: string;
  readonly ecs?: string | undefined;
}

describe('health-shapes', () => {
  const answer = z.object({ rcode: z.string(), answers: z.array(z.string()) });
  const schema = z.object({
    vectors: z.array(
      z.object({
        id: z.string(),
        type: z.string(),
        code: z.string(),
        observed: z.record(z.string(), z.object({ first_query: answer, steady_60_queries: counts })),
      }),
    ),
  });
  const { vectors } = read('health-shapes', schema);
  /** `.1` and `.2` answer 200, `.3` 404, all on one port; nothing else is there. */
  const steady = (check: Check): CheckStatus => {
    const address = check.address === '' ? new URL(check.url).hostname : check.address;
    const port = check.kind === 'tcp' ? check.port : Number(new URL(check.url).port);
    const listens = /^127\.0\.10\.[123]$/.test(address) && port === 15_381;
    return listens && (check.kind === 'tcp' || !address.endsWith('.3')) ? UP : DOWN;
  };

  it.each(releases)('answers the first query as PowerDNS %s', (release) => {
    // Equal checks of earlier records are known already, and on 5.1 they have run at once.
    const known = new Set<string>();
    const differences = vectors.map(({ id, type, code, observed }) => {
      const { server, question } = asked(release, { type, code });
      const set = admissible(question, server, (check) => (known.has(check.id) ? [steady(check), ABSENT] : [ABSENT]));
      for (const check of set.checks) known.add(check.id);
      const first = observed[release]?.first_query;
      const text = first && `${first.rcode} ${first.answers}`;
      const possible = set.outcomes.map((outcome) => `${outcome.rcode} ${plain(answerTexts(outcome, type))}`);
      return text === undefined || possible.includes(text)
        ? undefined
        : `${id} ${code}: ${text}, not ${possible.join(' or ')}`;
    });
    expect(differences.filter((difference) => difference !== undefined)).toEqual([]);
  });

  it.each(releases)('answers as PowerDNS %s once the checks have run', (release) => {
    const differences = vectors.map(({ id, type, code, observed }) => {
      const { server, question } = asked(release, { type, code });
      const prediction = predict(question, server, steady);
      const isOpaque = prediction.outcomes.some(({ outcome }) => outcome.rcode === 'OPAQUE');
      // A hash map of the server decides; the recordings show all four answers to one client.
      if (id === 'ext-hashed' && release !== '5.1.5') return isOpaque ? undefined : `${id}: is no longer opaque`;
      const found = misfit(
        new Map(Object.entries(observed[release]?.steady_60_queries ?? {})),
        probabilitiesByData(prediction, type),
      );
      return found && `${id} ${code}: ${found}`;
    });
    expect(differences.filter((difference) => difference !== undefined)).toEqual([]);
  });
});

describe('health-selectors-states', () => {
  const phases = z.record(z.string(), z.union([counts, z.tuple([z.string(), z.array(z.string())])]));
  const schema = z.object({
    vectors: z.array(
      z.object({ id: z.string(), type: z.string(), code: z.string(), observed: z.record(z.string(), phases) }),
    ),
  });
  const { vectors } = read('health-selectors-states', schema);

  it.each(releases)('spreads answers over the targets that are up as PowerDNS %s', (release) => {
    const differences = vectors.flatMap(({ id, type, code, observed }) =>
      Object.entries(observed[release] ?? {}).map(([phase, seen]) => {
        const { server, question } = asked(release, { type, code });
        const prediction = predict(question, server, statusesIn(phase));
        const shares = Array.isArray(seen) ? firstAnswer(seen) : new Map(Object.entries(seen));
        const found = misfit(shares, probabilitiesByData(prediction, type));
        return found && `${id}, ${phase}: ${found}`;
      }),
    );
    expect(differences.filter((difference) => difference !== undefined)).toEqual([]);
  });

  function statusesIn(phase: string): (check: Check) => CheckStatus {
    if (phase === 'first_query') return () => ABSENT;
    return ({ address }) => (phase === 'both down' || phase === `${address} down` ? DOWN : UP);
  }

  function firstAnswer([rcode, answers]: readonly [string, readonly string[]]): Map<string, number> {
    return new Map([[answers.length === 0 ? rcode : answers.toSorted().join('+'), 1]]);
  }
});

describe('hash-with-health', () => {
  const schema = z.object({
    vectors: z.array(
      z.object({
        id: z.string(),
        type: z.string(),
        code: z.string(),
        query: z.object({ ecs: z.string() }),
        bodies: z.array(z.string()).optional(),
        observed: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())]))),
      }),
    ),
  });
  const { vectors } = read('hash-with-health', schema);
  const weights = [80, 20, 0];

  it.each(releases)('gives a client the same available target as PowerDNS %s', (release) => {
    const differences = vectors.flatMap(({ id, type, code, query, observed }) => {
      const seen = observed[release] ?? observed.all ?? {};
      const states = id === 'pickselfweighted' ? [['all up', seen.answers] as const] : Object.entries(seen);
      return states.map(([state, expected]) => {
        if (expected === undefined) return undefined;
        const { server, question } = asked(release, { type, code, ecs: query.ecs });
        const prediction = predict(question, server, ({ address, kind }) => {
          if (state === `${address} down`) return DOWN;
          const weight = id === 'pickselfweighted' && kind === 'http' ? (weights[Number(address.at(-1)) - 1] ?? 0) : 0;
          return { kind: 'up', failures: 0, weight };
        });
        const answers = prediction.outcomes.map(({ outcome }) => plain(answerTexts(outcome, type)));
        return answers.join() === `${expected}`
          ? undefined
          : `${id} ${query.ecs} ${state}: ${expected}, not ${answers}`;
      });
    });
    expect(differences.filter((difference) => difference !== undefined)).toEqual([]);
  });
});

function asked(release: Release, { type, code, ecs }: Asked) {
  const zone = zoneOfLines([`${OWNER} 60 IN LUA ${type} "${code}"`]);
  const query = { qname: OWNER, qtype: type, ...(ecs === undefined ? {} : { ecs }) };
  return { server: serverOf(release, { zones: [zone] }), question: questionOf({ query }) };
}

function plain(texts: readonly string[]): string {
  return texts.map((text) => text.replace(/^"(.*)"$/, '$1')).join();
}
