/** Tells a story to a real server. */
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { MICROS_PER_MILLISECOND, MICROS_PER_SECOND, type Micros } from '../../../simulator/clock.ts';
import { ask } from '../../../wire/rig/ask.ts';
import { type RunningPowerDns, type ServerBinary, startPowerDns } from '../../../wire/rig/rig.ts';
import { startStallMeter } from '../../soak/stall.ts';
import { type Observed, type SeenQuestion, wallMicros } from './observed.ts';
import {
  ASK_EVERY_SECONDS,
  NO_EXPIRY_SECONDS,
  nameOf,
  type Place,
  type Story,
  type StoryQuestion,
  ZONE,
  zoneText,
} from './story.ts';
import { openTargets } from './targets.ts';

/** Between the moment at which all is ready and the beginning, at least. */
const LEAD_MICROS: Micros = 200_000;
/** After the last question, so that what its answer caused is seen. */
const LINGER_MS = 300;
const ANSWER_TIMEOUT_MS = 1000;

export interface Told {
  readonly observed: Observed;
  readonly place: Place;
}

export async function tell(story: Story, binary: ServerBinary): Promise<Told> {
  const targets = await openTargets(story);
  try {
    const zones = { [ZONE]: zoneText(story, targets) };
    const settings = {
      'lua-health-checks-interval': `${story.intervalSeconds}`,
      'lua-health-checks-expire-delay': `${story.expireDelaySeconds ?? NO_EXPIRY_SECONDS}`,
      loglevel: '4',
    };
    const server = await startPowerDns({ binary, zones, settings, api: false });
    try {
      const beganAt = nextBeginning(story.beginsAt);
      const wallAhead = wallMicros() - Date.now() * MICROS_PER_MILLISECOND;
      const stalls = startStallMeter();
      targets.begin(beganAt);
      const questions = await Promise.all(story.questions.map((question) => askAsTold(server, question, beganAt)));
      await sleepUntil(beganAt + story.lengthSeconds * MICROS_PER_SECOND);
      await sleep(LINGER_MS);
      const ownStallMicros = stalls.stop().longestMs * MICROS_PER_MILLISECOND;
      const seen = await targets.end();
      const observed = {
        ...seen,
        beganAt,
        questions: questions.flat().sort((a, b) => a.sentAt - b.sentAt),
        longestStallMicros: Math.max(seen.longestStallMicros, ownStallMicros),
        load: (loadavg()[0] ?? 0) / availableParallelism(),
        wallMovedMicros: Math.abs(wallMicros() - Date.now() * MICROS_PER_MILLISECOND - wallAhead),
      };
      return { observed, place: { port: targets.port, address: targets.address } };
    } finally {
      await server.stop();
    }
  } finally {
    await targets.close();
  }
}

function nextBeginning(fraction: number): Micros {
  const soonest = wallMicros() + LEAD_MICROS;
  const second = Math.floor(soonest / MICROS_PER_SECOND) * MICROS_PER_SECOND;
  const inThisSecond = second + fraction * MICROS_PER_SECOND;
  return inThisSecond >= soonest ? inThisSecond : inThisSecond + MICROS_PER_SECOND;
}

async function askAsTold(server: RunningPowerDns, question: StoryQuestion, beganAt: Micros): Promise<SeenQuestion[]> {
  const { label, from, until, every = ASK_EVERY_SECONDS } = question;
  const seen: SeenQuestion[] = [];
  const now = (): Micros => wallMicros() - beganAt;
  let next = from * MICROS_PER_SECOND;
  do {
    await sleepUntil(beganAt + next);
    const sentAt = now();
    const reply = await ask(server, nameOf(label), 'A', { timeoutMs: ANSWER_TIMEOUT_MS }).catch(() => undefined);
    const addresses = reply?.answers.map(({ data }) => data).sort() ?? [];
    const answer = addresses.length === 0 ? reply?.rcode : addresses.join(' ');
    seen.push({ label, sentAt, heardAt: now(), answer });
    next = Math.max(next + every * MICROS_PER_SECOND, now());
  } while (until !== undefined && next < until * MICROS_PER_SECOND);
  return seen;
}

async function sleepUntil(wall: Micros): Promise<void> {
  // Timers may fire a little early.
  for (let rest = wall - wallMicros(); rest > 0; rest = wall - wallMicros()) {
    await sleep(Math.ceil(rest / MICROS_PER_MILLISECOND));
  }
}
