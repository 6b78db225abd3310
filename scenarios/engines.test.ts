import { expect, test } from 'vitest';
import { enginesFor } from './engines.ts';

test.each([
  [{ engine: 'simulate', dilation: 30 }, /^dilation 30: simulated time has none/],
  [{ engine: 'powerdns', phase: { kind: 'all' } }, /^phase all: a run on real servers has one phase/],
  [{ engine: 'powerdns', phase: { kind: 'sweep', count: 7 } }, /^phase 7: /],
] as const)('what says nothing to the engine is refused: %j', async (request, message) => {
  await expect(enginesFor(request)).rejects.toMatchObject({ code: 'E_USAGE', message: expect.stringMatching(message) });
});

test('virtual time takes every phase', async () => {
  const engines = await enginesFor({ engine: 'simulate', phase: { kind: 'all' } });
  expect(engines.map(({ name }) => name)).toEqual(['simulate']);
});
