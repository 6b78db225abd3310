/** Two hundred checks of a real server, and what its targets do: a story that `tell` can tell. */
import type { Story, StoryPhase, StoryTarget } from '../conformance/timing/story.ts';

/** What targets do at first, and after some of them began to hang. `refuses`: nothing listens, so nobody can count its probes. */
export type Part = 'answers' | 'unavailable' | 'refuses' | 'begins to hang' | 'takes connections';

export const HANGS_AT = 5.4;
export const ENDS_AT = 17.4;
export const INTERVAL_SECONDS = 1;
export const TIMEOUT_SECONDS = 2;

/**
 * In the order of their addresses, in which a server starts the threads of a round: those that hang start first, so that how long
 * two hundred threads take to start on a busy machine is not added to their timeout. TCP checks only of ports that are open:
 * dozens that are refused at once have ended real servers.
 */
const PARTS: readonly (readonly [Part, number])[] = [
  ['begins to hang', 16],
  ['answers', 128],
  ['unavailable', 24],
  ['refuses', 16],
  ['takes connections', 16],
];
const PER_RECORD = 8;

export interface Member {
  readonly label: string;
  readonly part: Part;
}

export const CROWD: readonly Member[] = PARTS.flatMap(([part, count]) =>
  Array.from({ length: count }, (_, i) => ({ label: `${part.replaceAll(' ', '')}${i}`, part })),
);

export const crowded: Story = {
  title: 'two hundred checks, some of which begin to hang',
  intervalSeconds: INTERVAL_SECONDS,
  // Far from the border of a second, so that a busy machine does not push probes over it.
  beginsAt: 0.15,
  lengthSeconds: ENDS_AT,
  targets: Object.fromEntries(CROWD.map(({ label, part }) => [label, targetOf(part)])),
  records: Object.fromEntries(recordsOf()),
  questions: recordsOf().map(([label], i) => ({ label, from: i / 100 })),
  refutes: {},
};

function targetOf(part: Part): StoryTarget {
  const phases = (...list: StoryPhase[]) => ({
    kind: part === 'takes connections' ? ('tcp' as const) : ('http' as const),
    phases: list,
  });
  switch (part) {
    case 'answers':
    case 'takes connections':
      return phases({ at: 0, does: 'answers' });
    case 'unavailable':
      return phases({ at: 0, does: 'unavailable' });
    case 'refuses':
      return phases({ at: 0, does: 'closed' });
    case 'begins to hang':
      return phases({ at: 0, does: 'answers' }, { at: HANGS_AT, does: 'hangs' });
  }
}

function recordsOf(): [label: string, code: string][] {
  const records: [string, string][] = [];
  for (const [part] of PARTS) {
    const labels = CROWD.filter((member) => member.part === part).map(({ label }) => `$${label}`);
    for (let i = 0; i < labels.length; i += PER_RECORD) {
      const list = labels.slice(i, i + PER_RECORD).join(',');
      const call = part === 'takes connections' ? 'ifportup($port' : 'ifurlup($url';
      records.push([`r${records.length}`, `${call},{${list}},{timeout='${TIMEOUT_SECONDS}',selector='all'})`]);
    }
  }
  return records;
}
