/**
 * When real servers probe, and when their answers change. Each story is told to a server of each line and, with what was
 * seen of it, to the checker of the simulator on a virtual clock: every probe and every answer must be where the checker
 * has it, within the time that this machine needs itself; and under wrong rules something must not be.
 */
import pLimit from 'p-limit';
import { beforeAll, expect, test } from 'vitest';
import { profileOfVersion } from '../../simulator/profile/index.ts';
import { describeForEachServer } from '../powerdns/for-each-server.ts';
import { judge } from './timing/judge.ts';
import { STORIES } from './timing/stories.ts';
import type { Story } from './timing/story.ts';
import { type Told, tell } from './timing/tell.ts';

/** Stories are told side by side, each to a server of its own; this many leave a small machine idle most of the time. */
const TOGETHER = 3;
/** Who was kept from running in all of them has shown nothing: that is said. */
const ATTEMPTS = 3;
/** What a server does comes again; what its machine does to it, without our loops standing still, does not. */
const UNEXCUSED = 2;
const TIMEOUT_MS = 120_000;

describeForEachServer('health checks in time', (binary) => {
  const profile = profileOfVersion(binary.version);
  const told = new Map<Story, Told>();

  // To judge takes all of a processor, so nothing is judged while a story is told.
  beforeAll(async () => {
    const limit = pLimit(TOGETHER);
    await Promise.all(STORIES.map((story) => limit(async () => told.set(story, await tell(story, binary)))));
  }, TIMEOUT_MS);

  test.for(STORIES.map((story) => [story.title, story] as const))(
    '%s',
    { timeout: TIMEOUT_MS },
    async ([, story], { skip }) => {
      if (profile === undefined) throw new Error(`no profile for ${binary.version}`);
      let everyTime: readonly string[] | undefined;
      let unexcused = 0;
      for (let attempt = 1; ; attempt++) {
        const seen = attempt === 1 ? told.get(story) : undefined;
        const judgement = judge(story, seen ?? (await tell(story, binary)), profile);
        const { differences, unrefuted, excuse } = judgement;
        const isRight = differences.length + unrefuted.length === 0;
        if (!isRight && excuse === undefined) unexcused++;
        if (isRight || unexcused === UNEXCUSED) {
          console.log(`PowerDNS ${binary.version}: ${story.title}: ${judgement.figures}`);
          expect(differences).toEqual([]);
          expect(unrefuted).toEqual([]);
          return;
        }
        const why = excuse === undefined ? 'is looked at once more' : `shows nothing, since ${excuse}`;
        const reason = `${why}: ${differences[0] ?? `not refuted: ${unrefuted[0]}`}`;
        console.warn(`PowerDNS ${binary.version}: ${story.title}: ${reason} (attempt ${attempt} of ${ATTEMPTS})`);
        // Nobody is starved in the same way each time.
        const kinds = differences.map(kindOf);
        everyTime = everyTime?.filter((kind) => kinds.includes(kind)) ?? kinds;
        if (attempt < ATTEMPTS) continue;
        expect(everyTime).toEqual([]);
        skip(reason);
      }
    },
  );
});

/** The same for what differs at about the same time of the story. */
function kindOf(difference: string): string {
  return difference.replace(/^[\d.]+/, (seconds) => `${Math.round(Number(seconds))}`);
}
