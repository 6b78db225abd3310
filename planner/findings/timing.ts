/** Findings about time: what hangs, what is forgotten, what is not known yet. */
import { timeoutSeconds } from '../../simulator/health/check.ts';
import { counted, type Finding, short, someOf } from '../finding.ts';
import type { FindingInput } from '../findings.ts';
import { steadyRounds } from '../rounds.ts';
import { namesAsking, plainName, serversAlike } from './group.ts';

export function timeoutsOfZero({ servers }: FindingInput): Finding[] {
  const [planned] = servers;
  if (planned === undefined) return [];
  const endless = planned.checks.filter((check) => timeoutSeconds(check) === undefined);
  const blind = planned.checks.filter((check) => check.kind === 'tcp' && timeoutSeconds(check) === 0);
  const findings: Finding[] = [];
  if (endless.length > 0) {
    findings.push({
      code: 'PLAN_TIMEOUT_ENDLESS',
      severity: 'wrong',
      message:
        `timeout of ${someOf(namesAsking(planned, endless))} is 0 to PowerDNS, which is no limit: one target that accepts and never answers ` +
        `stops all ${planned.checks.length.toLocaleString('en')} checks of the server for good, and its answers stand still.`,
      advice: 'Write whole seconds of 1 or more: PowerDNS reads 0.5 and 500ms as other numbers than they look like.',
    });
  }
  if (blind.length > 0) {
    findings.push({
      code: 'PLAN_TIMEOUT_BLIND',
      severity: 'wrong',
      message: `timeout of ${someOf(namesAsking(planned, blind))} is 0, with which a port counts as up whatever it does: nothing is ever found down.`,
      advice: 'Write whole seconds of 1 or more.',
    });
  }
  return findings;
}

export function forgottenStandbys({ plan, servers, fleet }: FindingInput): Finding[] {
  const cold = plan.records.filter(({ standbyChecks }) => standbyChecks > 0);
  const [planned] = servers;
  if (cold.length === 0 || planned === undefined) return [];
  const checks = cold.reduce((sum, { standbyChecks }) => sum + standbyChecks, 0);
  const mixed = cold.map(({ detection }) => detection?.mixedSeconds ?? null);
  const longest = mixed.includes(null) ? 'for ever' : `for up to ${short(Math.max(...mixed.map(Number)))} s`;
  const { expireDelaySeconds } = planned.load;
  const [meanwhile, then] =
    fleet.targets.states.size === 0
      ? ['the primary is up', 'When it fails']
      : ['targets are as stated', 'When what is up then fails'];
  return [
    {
      code: 'PLAN_STANDBY_FORGOTTEN',
      severity: 'wrong',
      message:
        `${counted(checks, 'check')} of standby sets of ${someOf(cold.map(({ name }) => plainName(name)))} ${checks === 1 ? 'is' : 'are'} forgotten after ${expireDelaySeconds} s in which ${meanwhile}, ` +
        `since nobody asks. ${then}, nothing is known of the standby: answers come from the backup selector, dead targets among them, ${longest}.`,
      advice:
        'Ask for the standby too, with the same URL and options, and throw the answer away: ' +
        "; ifurlup(URL,{'standby'},OPTIONS) return ifurlup(URL,{{'primary'},{'standby'}},OPTIONS)",
    },
  ];
}

export function hangingTargets({ servers }: FindingInput): Finding[] {
  const alike = serversAlike(servers, ({ server, longestTimeout, load }) =>
    [server.profile.line, load.intervalSeconds, longestTimeout, load.distinctChecks].join(' '),
  );
  return alike.flatMap(({ first, names }): Finding[] => {
    const { server, load, longestTimeout, checks } = first;
    if (longestTimeout === undefined || longestTimeout === 0 || checks.length === 0) return [];
    const { profile } = server;
    const { intervalSeconds } = load;
    if (longestTimeout > intervalSeconds) {
      const slow = checks.filter((check) => timeoutSeconds(check) === longestTimeout);
      const period = load.oneHangs.meanPeriodSeconds ?? longestTimeout;
      return [
        {
          code: 'PLAN_HANG_STRETCHES_ALL',
          severity: 'costly',
          message:
            `One target that hangs stretches the rounds of ${names} to its timeout: all ${counted(checks.length, 'check')} are then probed every ${short(period)} s on average, not every ${intervalSeconds} s ` +
            `(timeout=${longestTimeout} of ${someOf(namesAsking(first, slow))}).`,
          advice: `Set timeout=${intervalSeconds} or less in the records, or lua-health-checks-interval=${longestTimeout}.`,
        },
      ];
    }
    if (profile.checker.due === 'every round') return [];
    const slowest = checks.find((check) => timeoutSeconds(check) === longestTimeout);
    if (slowest === undefined) return [];
    const rounds = steadyRounds([{ check: slowest, micros: longestTimeout * 1e6 }], { profile, intervalSeconds });
    const own = rounds.pace.get(slowest.id)?.meanPeriodSeconds ?? intervalSeconds;
    if (own <= intervalSeconds * 1.5) return [];
    return [
      {
        code: 'PLAN_HANG_MISSES_ROUNDS',
        severity: 'note',
        message:
          `On ${profile.line} (${names}) a target that hangs for its timeout of ${longestTimeout} s misses the next round and is probed every ${short(own)} s, not every ${intervalSeconds} s: ` +
          'minimumFailures and recovery take that much longer.',
        advice: `Set a lower lua-health-checks-interval if recovery within ${short(own)} s is too late; a lower timeout does not help.`,
      },
    ];
  });
}

export function coldStart({ plan, servers }: FindingInput): Finding[] {
  const checked = plan.records.filter(({ checks }) => checks > 0);
  const latest = checked.map(({ detection }) => detection?.coldStartSeconds ?? null);
  if (checked.length === 0) return [];
  const longest = latest.includes(null)
    ? 'for ever if a target hangs'
    : `for up to ${short(Math.max(...latest.map(Number)))} s`;
  const lines = [...new Set(servers.map(({ server }) => server.profile.line))].join(', ');
  return [
    {
      code: 'PLAN_COLD_START',
      severity: 'note',
      message:
        `After a start, and whenever nobody has asked for a name for the expire delay, the first question finds nothing known and the backup selector answers, ` +
        `${longest} on ${lines}: ${counted(checked.length, 'name')}.`,
      advice: 'Ask for every name once before a server takes questions (readiness probe, or agent beside it).',
    },
  ];
}

export function unforeseeable({ plan, servers }: FindingInput): Finding[] {
  const opaque = plan.records.filter((record) => record.opaque !== undefined);
  const partial = servers[0]?.names.filter(({ complete }) => !complete) ?? [];
  const findings: Finding[] = [];
  if (opaque.length > 0) {
    findings.push({
      code: 'PLAN_OPAQUE',
      severity: 'note',
      message: `What ${someOf(opaque.map(({ name }) => plainName(name)))} probe cannot be told in full: ${opaque[0]?.opaque ?? ''}.`,
      advice: 'Their checks are counted as far as they are known.',
    });
  }
  if (partial.length > 0) {
    findings.push({
      code: 'PLAN_INCOMPLETE',
      severity: 'note',
      message: `The code of ${someOf(partial.map(({ owner }) => plainName(owner)))} has more ways than were tried: it may ask for further checks.`,
      advice: 'Simpler code, or several names, can be planned in full.',
    });
  }
  return findings;
}
