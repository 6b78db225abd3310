/** Findings about load: on targets, on servers, on what stands before them. */
import { counted, type Finding, short, someOf } from '../finding.ts';
import type { FindingInput } from '../findings.ts';
import type { TargetLoad } from '../plan.ts';
import { targetOf } from '../target.ts';
import { plainName, serversAlike } from './group.ts';

/** Probes a second at one target above which somebody will ask who that is. */
const BUSY = 2;

export function busyTargets({ plan, servers }: FindingInput): Finding[] {
  const busy = plan.targets.filter(({ probesPerSecond }) => probesPerSecond > BUSY);
  const groups = new Map<string, TargetLoad[]>();
  for (const target of busy) {
    const key = `${short(target.probesPerSecond)} ${target.servers}`;
    groups.set(key, [...(groups.get(key) ?? []), target]);
  }
  return [...groups.values()].slice(0, 3).flatMap((targets): Finding[] => {
    const [first] = targets;
    if (first === undefined) return [];
    const addresses = new Set(targets.map(({ target }) => target));
    const asking = servers[0]?.names.filter(({ warm }) => warm.some((check) => addresses.has(targetOf(check)))) ?? [];
    const interval = Math.min(...plan.servers.map(({ intervalSeconds }) => intervalSeconds));
    const wanted = Math.ceil((interval * first.probesPerSecond) / BUSY);
    const who = someOf(asking.map(({ owner }) => plainName(owner)));
    const each =
      targets.length === 1 ? first.target : `each of ${counted(targets.length, 'target')} (${someOf([...addresses])})`;
    return [
      {
        code: 'PLAN_TARGET_BUSY',
        severity: 'costly',
        message:
          `${who} ${asking.length === 1 ? 'probes' : 'probe'} ${each} ${short(first.probesPerSecond)} times a second ` +
          `from ${counted(first.servers, 'server')}, by up to ${counted(first.checks, 'check')} each; ` +
          `when their rounds meet, ${first.connectionsAtOnce.worst.toLocaleString('en')} connections come at once.`,
        advice:
          first.checks > 1
            ? `Write the same URL and options in all records that share a target: one check a server makes it ${short(first.probesPerSecond / first.checks)} times a second. Or set lua-health-checks-interval=${wanted}.`
            : `Set lua-health-checks-interval=${wanted}; --what-if interval=${wanted} shows what that does to detection.`,
      },
    ];
  });
}

/** Threads in one round above which their start alone takes long, and limits of processes come into view. */
const BIG_BURST = 200;

export function bigBursts({ servers }: FindingInput): Finding[] {
  return serversAlike(servers, ({ load }) => `${load.allKnown.threads}`).flatMap(({ first, names }): Finding[] => {
    const { threads } = first.load.allKnown;
    if (threads <= BIG_BURST) return [];
    return [
      {
        code: 'PLAN_BURST',
        severity: 'costly',
        message: `A round of ${names} starts ${threads.toLocaleString('en')} threads at once, one for each check: no release line has a limit for it.`,
        advice:
          'Let the process have as many threads (TasksMax of its systemd unit, pids limit of its container) and memory for their stacks; ' +
          'fewer checks need records that share URL and options.',
      },
    ];
  });
}

/** Checks of records that are changed or gone are probed on until they expire. */
export function oldChecks({ servers }: FindingInput): Finding[] {
  const living = servers.filter(
    ({ load }) => load.warmChecks > 0 && load.expireDelaySeconds >= LONG_LIFE * load.intervalSeconds,
  );
  return serversAlike(living, ({ load }) => `${load.expireDelaySeconds}`).map(({ names, members }) => {
    const seconds = members[0]?.load.expireDelaySeconds ?? 0;
    const each = Math.max(...members.map(({ load }) => Math.round(seconds / load.intervalSeconds)));
    const rate = members.reduce((sum, { load }) => sum + load.now.probesPerSecond, 0);
    return {
      code: 'PLAN_OLD_CHECKS',
      severity: 'note' as const,
      message:
        `A check lives on for ${seconds} s on ${names} after its record was changed or deleted: up to ${each.toLocaleString('en')} more probes each. ` +
        `If one option is changed in every record, ${short(rate)} probes a second become ${short(2 * rate)} for so long.`,
      advice:
        'Restart the server after such a change, or set lua-health-checks-expire-delay lower (but not below the time between two questions for a name).',
    };
  });
}

const LONG_LIFE = 60;

export function crossCheckBudget({ plan: { validator } }: FindingInput): Finding[] {
  const { neededQueriesPerSecond: needed, allowedQueriesPerSecond: allowed } = validator;
  if (needed <= allowed) return [];
  const questions = validator.names * validator.clients;
  return [
    {
      code: 'PLAN_CROSS_CHECK_SLOW',
      severity: 'costly',
      message:
        `The agent would need ${short(needed)} questions a second to ask for ${counted(validator.names, 'name')} for ${counted(validator.clients, 'client')} every ${short(validator.intervalSeconds)} s; ` +
        `crossCheck.queriesPerSecond=${allowed} lets one sweep take ${short(validator.sweepSeconds)} s.`,
      advice: `Set crossCheck: { interval: ${Math.ceil(questions / allowed)}s, queriesPerSecond: ${allowed} }, or queriesPerSecond: ${Math.ceil(needed)}.`,
    },
  ];
}

/** What stands before a server drops the agent's questions like everybody's. */
export function frontBudget({ servers, plan: { validator } }: FindingInput): Finding[] {
  const asked = Math.min(validator.neededQueriesPerSecond, validator.allowedQueriesPerSecond);
  return serversAlike(servers, ({ server }) => `${server.frontQueriesPerSecond}`).flatMap(
    ({ first, names }): Finding[] => {
      const limit = first.server.frontQueriesPerSecond;
      if (limit === undefined || asked <= limit) return [];
      return [
        {
          code: 'PLAN_FRONT_LIMIT',
          severity: 'wrong',
          message: `The agent asks ${names} up to ${short(asked)} questions a second, and the front lets ${limit} of one source through: the rest looks like an outage.`,
          advice: `Let the agent ask the server itself, or set crossCheck.queriesPerSecond: ${Math.max(1, Math.floor(limit / 2))}.`,
        },
      ];
    },
  );
}
