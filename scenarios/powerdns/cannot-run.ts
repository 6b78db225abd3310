/** What real servers on one machine cannot show of a scenario. */
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import type { Zone } from '../../simulator/zone/record.ts';
import type { Scenario } from '../scenario.ts';
import { behaviourEvents } from '../simulate/faults.ts';
import { scenarioZone } from '../zone.ts';
import { immovable } from './aliases.ts';
import { codeOf, type PortsInCode, portsInCode } from './checked-ports.ts';

/** A kernel opens connections at once, so that a target's latency shows in its answers only. */
const SHORT_LATENCY_MICROS = 50_000;
const MAX_TARGETS = 60;
const FIRST_CHOICE = { choose: () => 0 };

/** One short reason; undefined where it can be run. Says nothing of what this machine lacks. */
export function cannotRun(scenario: Scenario, _profile: ReleaseLine): string | undefined {
  const zone = scenarioZone(scenario.zone);
  const ports = portsInCode(codeOf(scenario, zone));
  return (
    worldReason(scenario) ?? timelineReason(scenario) ?? codeReason(scenario, zone) ?? targetReason(scenario, ports)
  );
}

function worldReason({ servers, resolvers, lease, geo, targets, clients }: Scenario): string | undefined {
  if (lease !== undefined) return 'a lease is kept by its holders, not by servers';
  if (resolvers.size > 0 || [...clients.values()].some(({ via }) => via !== undefined)) {
    return 'resolvers with caches are simulated only';
  }
  if (geo?.kind === 'files')
    return 'targets move to loopback, which GeoIP files know nothing of: write geo: as networks';
  for (const { role, dnssec, name } of servers.values()) {
    if (role === 'secondary') return `${name} is a secondary, and zone transfers are simulated only`;
    if (dnssec === 'presigned') return `${name} has a presigned zone, which nobody signs here`;
  }
  if (targets.size * servers.size > MAX_TARGETS) return `more than ${MAX_TARGETS} targets, seen from every server`;
  return [...targets.values()].flatMap(({ address }) => immovable(address) ?? [])[0];
}

function timelineReason({ timeline }: Scenario): string | undefined {
  for (const { fault } of timeline) {
    if (fault.kind === 'clock') return 'the clock of a running server cannot be set';
    if (fault.kind === 'lease' || fault.kind === 'transfer-delay') return `${fault.kind} is simulated only`;
  }
  return undefined;
}

/** Nothing but loopback may ever be probed. */
function codeReason(scenario: Scenario, zone: Zone): string | undefined {
  const code = codeOf(scenario, zone);
  if (/\bifurlextup\b/.test(code)) return 'ifurlextup resolves its hosts, which exist nowhere';
  if (/\bpickchashed\b/.test(code)) return 'pickchashed hashes addresses, and targets move to loopback';
  if (/\bsource\b/.test(code)) return 'the option source names an address that this machine does not have';
  if (!/\bif(?:port|url)up\b|\bpickselfweighted\b/.test(code)) return undefined;
  const targets = new Set([...scenario.targets.values()].map(({ address }) => address));
  const stray = [...code.matchAll(/['"]((?:\d{1,3}\.){3}\d{1,3})(?::\d+)?['"]/g)]
    .map((match) => match[1] ?? '')
    .find((address) => !targets.has(address));
  if (stray !== undefined) return `${stray} is no target, and nobody may probe it for real`;
  return /['"][0-9a-f]*:[0-9a-f:]*['"]/i.test(code) ? 'loopback has one IPv6 address only' : undefined;
}

function targetReason(scenario: Scenario, { tcp, http }: PortsInCode): string | undefined {
  if (tcp.length === 0) return undefined;
  const behaviours = [
    ...[...scenario.targets.values()].map(({ resting }) => resting),
    ...behaviourEvents(scenario, scenario.timeline, FIRST_CHOICE).flatMap((event) =>
      event.kind === 'behaviour' ? [event.behaviour] : [],
    ),
  ];
  if (behaviours.some(({ latency }) => latency.base + latency.jitter > SHORT_LATENCY_MICROS)) {
    return 'a kernel opens connections at once, whatever the latency of a target';
  }
  if (behaviours.some(({ loss }) => loss > 0 && loss < 1)) return 'a kernel does not lose some packets of ifportup';
  const shared = tcp.find((port) => http.some(({ number }) => number === port));
  if (shared !== undefined && canVanish(scenario)) {
    return `port ${shared} is checked by URL and by connection, and cannot swallow packets of one of them`;
  }
  return undefined;
}

/** Packets of some target vanish at some time. */
export function canVanish(scenario: Scenario): boolean {
  const behaviours = [
    ...[...scenario.targets.values()].map(({ resting }) => resting),
    ...scenario.timeline.flatMap(({ fault }) => (fault.kind === 'target' ? [fault.behaviour] : [])),
  ];
  return (
    scenario.timeline.some(({ fault }) => fault.kind === 'partition') ||
    behaviours.some(({ tcp, loss }) => tcp === 'blackhole' || loss === 1)
  );
}
