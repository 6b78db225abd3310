/** Findings about the checks themselves: more of them than are needed, and options that do nothing. */
import { type Check, ownIntervalSeconds } from '../../simulator/health/check.ts';
import { counted, type Finding, short, someOf } from '../finding.ts';
import type { FindingInput } from '../findings.ts';
import type { PlannedServer } from '../planned-server.ts';
import { steadyRounds } from '../rounds.ts';
import { namesAsking, serversAlike } from './group.ts';

/** Servers that know of LUA records and run none. */
export function luaRecordsOff({ servers }: FindingInput): Finding[] {
  const off = servers.filter(({ server }) => !server.settings.answer.luaRecords);
  return serversAlike(off, () => '').map(({ names, members }) => ({
    code: 'PLAN_LUA_OFF',
    severity: 'wrong' as const,
    message: `${names} ${members.length === 1 ? 'probes' : 'probe'} nothing and ${members.length === 1 ? 'answers' : 'answer'} as if there were no LUA records: enable-lua-records is not set.`,
    advice: 'Set enable-lua-records=yes (or shared) to have them answered; plan --measure shows what each can do.',
  }));
}

/** One target and URL, several checks: any difference in any option makes another one. */
export function duplicateChecks({ servers }: FindingInput): Finding[] {
  const [planned] = servers.toSorted((a, b) => b.checks.length - a.checks.length);
  if (planned === undefined) return [];
  const byUrl = new Map<string, Check[][]>();
  for (const group of groupsOf(planned.checks, ({ kind, target, url }) => `${kind} ${target} ${url}`)) {
    const [first] = group;
    if (group.length < 2 || first === undefined) continue;
    const what = first.kind === 'tcp' ? `port ${first.port}` : first.url;
    byUrl.set(what, [...(byUrl.get(what) ?? []), group]);
  }
  return [...byUrl].map(([what, groups]) => {
    const checks = groups.flat();
    const surplus = checks.length - groups.length;
    const saved = surplus / planned.server.settings.checkIntervalSeconds;
    const most = Math.max(...groups.map((group) => group.length));
    const names = namesAsking(planned, checks);
    return {
      code: 'PLAN_DUPLICATE_CHECKS',
      severity: 'costly',
      message:
        `${counted(groups.length, 'target')} of ${what} ${groups.length === 1 ? 'has' : 'have'} ${most === 2 ? 'two checks' : `up to ${most} checks`} each, ` +
        `since ${someOf(names)} ask with different options (${differences(groups)}). PowerDNS keeps a check of its own for each spelling.`,
      advice:
        `Write the same options in all of them: ${counted(surplus, 'check')} of ${planned.checks.length.toLocaleString('en')} ` +
        `and up to ${short(saved)} probes a second on every server go.`,
    };
  });
}

/** `timeout: 1, 2; selector: all, none`. */
function differences(groups: readonly (readonly Check[])[]): string {
  const values = new Map<string, Set<string>>();
  for (const group of groups) {
    for (const name of new Set(group.flatMap(({ options }) => Object.keys(options)))) {
      const seen = new Set(group.map(({ options }) => textOf(options[name])));
      if (seen.size > 1) values.set(name, new Set([...(values.get(name) ?? []), ...seen]));
    }
  }
  return [...values].map(([name, seen]) => `${name}: ${someOf([...seen].toSorted(), 4)}`).join('; ');
}

function textOf(value: Check['options'][string] | undefined): string {
  if (value === undefined) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `interval` and `minimumFailures` on lines that ignore them, and intervals that rounds cannot keep. */
export function deadOptions({ servers }: FindingInput): Finding[] {
  const alike = serversAlike(servers, ({ server }) => `${server.profile.line} ${server.settings.checkIntervalSeconds}`);
  return [...ignoredOptions(servers), ...alike.flatMap(({ first, names }) => ineffectiveIntervals(first, names))];
}

const TUNING = ['interval', 'minimumFailures', 'httpcode', 'failOnIncompleteCheck'];

/** Each option once, whatever number of lines ignores it. */
function ignoredOptions(servers: readonly PlannedServer[]): Finding[] {
  const ignoring = servers.filter(({ server }) => !server.profile.checkTuning);
  return TUNING.flatMap((option): Finding[] => {
    const asking = ignoring
      .map((planned) => ({ planned, checks: planned.checks.filter(({ options }) => options[option] !== undefined) }))
      .filter(({ checks }) => checks.length > 0);
    if (asking.length === 0) return [];
    const records = asking.flatMap(({ planned, checks }) => namesAsking(planned, checks));
    const lines = serversAlike(
      asking.map(({ planned }) => planned),
      ({ server }) => server.profile.line,
    ).map(({ first, names }) => `${first.server.profile.line} (${names})`);
    return [
      {
        code: 'PLAN_OPTION_IGNORED',
        severity: 'wrong',
        message: `${option} of ${someOf(records)} does nothing on PowerDNS ${someOf(lines, lines.length)}: it came with 5.0.${
          option === 'minimumFailures' ? ' One failed probe takes a target down.' : ''
        }`,
        advice:
          option === 'interval'
            ? 'Set lua-health-checks-interval on the server, or take the option out: it only makes further checks.'
            : 'Take it out, or upgrade to 5.0 or later.',
      },
    ];
  });
}

function ineffectiveIntervals(planned: PlannedServer, servers: string): Finding[] {
  const { profile, settings } = planned.server;
  const intervalSeconds = settings.checkIntervalSeconds;
  const tuned = planned.checks.filter((check) => ownIntervalSeconds(check, profile) !== undefined);
  return groupsOf(tuned, (check) => `${ownIntervalSeconds(check, profile)}`).flatMap((checks): Finding[] => {
    const [check] = checks;
    const own = check && ownIntervalSeconds(check, profile);
    if (check === undefined || own === undefined) return [];
    const { pace } = steadyRounds([{ check, micros: 0 }], { profile, intervalSeconds });
    const real = pace.get(check.id)?.meanPeriodSeconds ?? own;
    if (Math.abs(real - own) < 1e-3) return [];
    return [
      {
        code: 'PLAN_INTERVAL_INEFFECTIVE',
        severity: 'wrong',
        message:
          `interval=${own} of ${someOf(namesAsking(planned, checks))} comes to ${short(real)} s on PowerDNS ${profile.line} (${servers}): ` +
          `rounds start every lua-health-checks-interval=${intervalSeconds} s only.`,
        advice:
          own < intervalSeconds
            ? `Set lua-health-checks-interval=${own}, and interval=${intervalSeconds} in records that need not be probed so often.`
            : `Write interval=${Math.ceil(own / intervalSeconds) * intervalSeconds}, a multiple of it, or set lua-health-checks-interval to a divisor of ${own}.`,
      },
    ];
  });
}

function groupsOf(checks: readonly Check[], keyOf: (check: Check) => string): Check[][] {
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    const key = keyOf(check);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [check]);
    else known.push(check);
  }
  return [...groups.values()];
}
