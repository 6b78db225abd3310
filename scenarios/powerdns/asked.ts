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
const DRAWS = 300;

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
  return [...regular, ...looksOf(scenario, world)].sort((a, b) => a.at - b.at);
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
      const count = watch.sample !== undefined ? 1 : isShares ? DRAWS : 0;
      for (const at of watch.sample === undefined ? [Math.round((from + to) / 2)] : new Set([from, to])) {
        for (let draw = 0; draw < count; draw++) looks.set(`${at} ${i} ${draw}`, { at, asked, watches: [i] });
      }
    }
  }
  return [...looks.values()];
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
