/** Recordings of numbers: hashes, the order of long weighted lists, how often each answer came. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { predict } from '../../simulator/answer/predict.ts';
import { burtle } from '../../simulator/hash.ts';
import { ABSENT } from '../../simulator/health/status.ts';
import { misfit, probabilitiesByData } from './compare.ts';
import { type Release, read, releases } from './recorded.ts';
import { address, questionOf, serverOf, zoneOfLines } from './subject.ts';

const OWNER = 'x.example.org.';

describe('hash-raw', () => {
  const schema = z.object({ vectors: z.array(z.object({ hashed_address: z.string(), hash_uint32: z.number() })) });

  it('hashes 60 addresses as PowerDNS does', () => {
    const { vectors } = read('hash-raw', schema);
    const hashes = vectors.map(({ hashed_address: text }) => burtle(address(text).bytes));
    expect(hashes).toEqual(vectors.map(({ hash_uint32: hash }) => hash));
  });
});

describe('hash-list-order', () => {
  const { vectors } = read(
    'hash-list-order',
    z.object({ vectors: z.array(z.tuple([z.number(), z.string(), z.string()])) }),
  );

  it.each(releases)(`takes the entry of lists of up to 60 that PowerDNS %s takes`, (release) => {
    const zones = new Map(
      [...new Set(vectors.map(([count]) => count))].map((count) => {
        const code = `; local t={} for i=1,${count} do t[i]={1,'192.0.2.'..i} end return pickwhashed(t)`;
        return [count, zoneOfLines([`${OWNER} 60 IN LUA A "${code}"`])] as const;
      }),
    );
    const wrong = vectors.filter(([count, ecs, answer]) => {
      const zone = zones.get(count);
      if (zone === undefined) return true;
      const question = questionOf({ query: { qname: OWNER, qtype: 'A', ecs } });
      const { outcomes } = predict(question, serverOf(release, { zones: [zone] }), () => ABSENT);
      return outcomes.map(({ outcome }) => outcome.answers.map(({ rdata }) => rdata).join()).join() !== answer;
    });
    expect(wrong).toEqual([]);
  });
});

describe('random-distributions', () => {
  const schema = z.object({
    vectors: z.array(
      z.object({
        id: z.string(),
        type: z.string(),
        code: z.string(),
        observed: z.record(z.string(), z.record(z.string(), z.number())),
      }),
    ),
  });
  const { vectors } = read('random-distributions', schema);

  it.each(releases)('draws with the shares of PowerDNS %s', (release) => {
    const differences = vectors.map(({ id, type, code, observed }) => {
      const found = misfit(withoutOrder(observed[release] ?? {}), sharesOf(release, type, code));
      return found && `${id}: ${found}`;
    });
    expect(differences.filter((difference) => difference !== undefined)).toEqual([]);
  });

  /** One recording is of the order in the packet, which predictions leave open. */
  function withoutOrder(counts: Readonly<Record<string, number>>): Map<string, number> {
    const sums = new Map<string, number>();
    for (const [answers, count] of Object.entries(counts)) {
      const key = answers.split('+').sort().join('+');
      sums.set(key, (sums.get(key) ?? 0) + count);
    }
    return sums;
  }

  function sharesOf(release: Release, type: string, code: string) {
    const zone = zoneOfLines([`${OWNER} 60 IN LUA ${type} "${code}"`]);
    const question = questionOf({ query: { qname: OWNER, qtype: type } });
    return probabilitiesByData(
      predict(question, serverOf(release, { zones: [zone] }), () => ABSENT),
      type,
    );
  }
});
