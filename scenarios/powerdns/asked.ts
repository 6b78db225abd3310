/** What is really asked of servers: the traffic, and what it takes to see the rest that somebody looks at. */
import { formatAddress, formatPrefix } from '../../geoip/address.ts';
import { MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import type { Asked, AskingPlan, Phase, WorldPlan } from '../../simulator/world/plan.ts';
import { watchedBy } from '../judge/view.ts';
import { windowOf } from '../judge/window.ts';
import type { WatchInfo } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import type { ScenarioWorld } from '../simulate/plan.ts';

type ToServer = Extract<Asked, { kind: 'server' }>;

export interface PlannedQuestion {
  readonly at: Micros;
  readonly asked: ToServer;
  /** Watches that it answers. */
  readonly watches: readonly number[];
}

/** A watch that nobody asks for is asked for so often. */
const LOOK_EVERY: Micros = MICROS_PER_SECOND;
/** Questions of one client from which shares are taken. */
const DRAWS = 200;
/** Somebody asks in each of these times before a look: from so long before it to so long before it. */
const STEADY: readonly (readonly [Micros, Micros])[] = [
  [12 * MICROS_PER_SECOND, 6 * MICROS_PER_SECOND],
  [6 * MICROS_PER_SECOND, 0],
];
/** A server makes a Lua state for every question, so that thousands of them take it seconds. */
const MOST_NETWORKS = 512;

/** The plan with every question that keeps checks alive; simulated, it tells what servers asked like this can answer. */
export function planAsAsked({ plan }: ScenarioWorld, watches: ScenarioWorld['watches']): WorldPlan {
  const known = new Set(plan.asking.map(({ asked }) => keyOf(asked)));
  const looking = watches.flatMap(({ asked, sample }): AskingPlan[] => {
    if (sample !== undefined || known.has(keyOf(asked))) return [];
    known.add(keyOf(asked));
    return [{ asked, starts: 0, every: LOOK_EVERY, ends: plan.endsAt }];
  });
  return { ...plan, asking: [...plan.asking, ...looking] };
}

/** Every question of a run, in the order of time. */
export function questionsOf(
  scenario: Scenario,
  world: ScenarioWorld,
  plan: WorldPlan,
  phases: ReadonlyMap<string, Phase>,
): PlannedQuestion[] {
  const watchesBy = new Map<string, number[]>();
  for (const [i, { asked }] of world.watches.entries()) {
    watchesBy.set(keyOf(asked), [...(watchesBy.get(keyOf(asked)) ?? []), i]);
  }
  const regular = plan.asking.flatMap(({ asked, starts, every, ends }) => {
    if (asked.kind !== 'server') return [];
    const questions: PlannedQuestion[] = [];
    const watches = watchesBy.get(keyOf(asked)) ?? [];
    const offset = phases.get(asked.server)?.offset ?? 0;
    for (let at = starts + offset; at <= Math.min(ends, plan.endsAt); at += every)
      questions.push({ at, asked, watches });
    return questions;
  });
  // Looks keep checks alive, and make those that are not there: where the traffic does so anyway they change nothing.
  const isAskedAnyway = ({ at, watches: [watch], asked }: PlannedQuestion): boolean => {
    if (world.watches[watch ?? -1]?.sample !== undefined) return true;
    const before = regular.filter((question) => question.at < at && keyOf(question.asked) === keyOf(asked));
    return STEADY.every(([from, to]) => before.some((question) => question.at >= at - from && question.at < at - to));
  };
  const looks = looksOf(scenario, world).filter(isAskedAnyway);
  return [...regular, ...looks].sort((a, b) => a.at - b.at);
}

/** Questions at single moments: of the networks that a client stands for, and many of one client for shares. */
function looksOf(scenario: Scenario, { watches, zone, plan }: ScenarioWorld): PlannedQuestion[] {
  const empty = { scenario, zone, watches, plan, history: { ...NO_HISTORY, endsAt: plan.endsAt } };
  const infos: readonly WatchInfo[] = watches;
  const looks = new Map<string, PlannedQuestion>();
  for (const expectation of scenario.expect) {
    const { from, to } = windowOf(expectation.when, scenario.endsAt);
    const isShares = expectation.what.some(({ kind }) => kind === 'distribution');
    for (const { watch } of watchedBy(empty, expectation)) {
      const i = infos.indexOf(watch);
      const asked = watches[i]?.asked;
      if (asked?.kind !== 'server') continue;
      const count = watch.sample === undefined ? (isShares ? DRAWS : 0) : isAsked(watch, scenario) ? 1 : 0;
      for (const at of watch.sample === undefined ? [Math.round((from + to) / 2)] : new Set([from, to])) {
        for (let draw = 0; draw < count; draw++) looks.set(`${at} ${i} ${draw}`, { at, asked, watches: [i] });
      }
    }
  }
  return [...looks.values()];
}

/** Of very many networks some, spread evenly. */
function isAsked({ client, sample = 0 }: WatchInfo, { clients }: Scenario): boolean {
  const all = clients.get(client)?.sample ?? 1;
  return sample % Math.ceil(all / MOST_NETWORKS) === 0;
}

const NO_HISTORY = {
  answers: [],
  statuses: [],
  probes: [],
  lease: [],
  probeCount: 0,
  questionCount: 0,
  droppedCount: 0,
} as const;

function keyOf(asked: Asked): string {
  if (asked.kind === 'resolver') return `${asked.resolver} ${asked.name} ${asked.type} ${formatPrefix(asked.subnet)}`;
  const { name, type, client, ecs } = asked.question;
  const network = ecs === undefined ? '' : formatPrefix(ecs);
  return `${asked.server} ${name.toLowerCase()} ${type} ${formatAddress(client)} ${network}`;
}
