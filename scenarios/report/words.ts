/** How reports speak of what a scenario says: faults, expectations, times. */
import { MICROS_PER_MILLISECOND, MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import type { TargetBehaviour } from '../../simulator/world/behaviour.ts';
import type { Expectation, Fault, Scenario, What, When } from '../scenario.ts';
import type {
  ExpectationReport,
  ExpectedReport,
  FailoverReport,
  PhasesReport,
  ResultReport,
  ScenarioReport,
  ShownReport,
} from './report.ts';

/** `22 s`, `21.305 s`: seconds, with as many digits as a microsecond needs. */
export function secondsText(seconds: number): string {
  return `${Number(seconds.toFixed(6))} s`;
}

function duration(micros: Micros): string {
  const isShort = Math.abs(micros) < MICROS_PER_SECOND && micros % MICROS_PER_SECOND !== 0;
  return isShort ? `${micros / MICROS_PER_MILLISECOND} ms` : secondsText(micros / MICROS_PER_SECOND);
}

/** `fsn: tcp blackhole`, `hel does not reach fsn`. */
export function faultText(fault: Fault, { lease }: Pick<Scenario, 'lease'>): string {
  switch (fault.kind) {
    case 'target': {
      const { flap } = fault;
      const flaps = flap === undefined ? [] : [`flaps ${duration(flap.down)} so, ${duration(flap.up)} at rest`];
      return `${fault.targets.join(', ')}: ${[...behaviourTexts(fault.behaviour), ...flaps].join(', ')}`;
    }
    case 'partition':
      return partitionText(fault);
    case 'geo-change': {
      const networks = fault.networks.map(({ network }) => network).join(', ');
      return `GeoIP changes for ${networks}${fault.reload ? '' : ', and nobody is told'}`;
    }
    case 'record-change': {
      const ttl = fault.ttlSeconds === undefined ? '' : ` with TTL ${fault.ttlSeconds}`;
      return fault.content === undefined ? `${fault.name} goes` : `${fault.name} becomes ${fault.content}${ttl}`;
    }
    case 'setting-change':
      return `${fault.server}: ${[...fault.settings].map(([name, value]) => `${name}=${value}`).join(', ')}`;
    case 'restart':
      return `${fault.server} restarts${fault.profile === undefined ? '' : ` as PowerDNS ${fault.profile}`}`;
    case 'clock': {
      const steps = fault.step === 0 ? [] : [`steps by ${duration(fault.step)}`];
      const slews = fault.slewPerSecond === 0 ? [] : [`runs ${duration(fault.slewPerSecond)} a second fast`];
      return `the clock of ${fault.of} ${[...steps, ...slews].join(' and ')}`;
    }
    case 'lease':
      if (fault.change === 'expire') return 'the lease expires';
      return fault.change === 'steal' ? `${fault.by} steals the lease` : `witness ${lease?.witness ?? ''} is down`;
    case 'transfer-delay':
      return `transfers to ${fault.server} take ${duration(fault.delay)}`;
    case 'heal':
      return 'everything heals';
  }
}

function partitionText({ between: [a, b], direction }: Extract<Fault, { kind: 'partition' }>): string {
  if (direction === 'both') return `${a} and ${b} do not reach each other`;
  return direction === 'from' ? `${a} does not reach ${b}` : `${b} does not reach ${a}`;
}

function behaviourTexts({
  tcp,
  httpStatus,
  httpBody,
  latency,
  bodyDelay,
  tls,
  loss,
}: Partial<TargetBehaviour>): string[] {
  const texts = [
    tcp === undefined ? '' : `tcp ${tcp}`,
    httpStatus === undefined ? '' : `http ${httpStatus}`,
    httpBody === undefined ? '' : `body ${JSON.stringify(httpBody)}`,
    latency === undefined ? '' : `latency ${duration(latency.base)}`,
    latency === undefined || latency.jitter === 0 ? '' : `jitter ${duration(latency.jitter)}`,
    bodyDelay === undefined ? '' : `slow body ${duration(bodyDelay)}`,
    tls === undefined ? '' : `tls ${tls}`,
    loss === undefined ? '' : `loss ${percent(loss)}`,
  ];
  return texts.filter((text) => text !== '');
}

/** `at 30 s`, `from 10 s to 81 s`, `by 92 s and until 180 s`, `always`. */
export function whenText(when: When): string {
  switch (when.kind) {
    case 'at':
      return `at ${duration(when.at)}`;
    case 'within':
      return `from ${duration(when.from)} to ${duration(when.to)}`;
    case 'by':
      return `by ${duration(when.by)} and ${untilText(when.until)}`;
    default:
      return when.kind;
  }
}

/** Where the last moment is the one before something happens, what happens is told. */
function untilText(until: Micros): string {
  const next = until + 1;
  return next % MICROS_PER_MILLISECOND === 0 ? `until just before ${duration(next)}` : `until ${duration(until)}`;
}

/** `eu@ns1, api`; empty where it is about everybody. */
export function whoText({ clients, servers, name, type }: Expectation): string {
  const who = [clients.join(' and '), servers.join(' and ')];
  const asked = [name, type].filter((each) => each !== undefined).join(' ');
  return [who[1] === '' ? who[0] : who.join('@'), asked].filter((part) => part !== '').join(', ');
}

export function whatText(whats: readonly What[]): string {
  return whats.map(oneWhatText).join(', ');
}

function oneWhatText(what: What): string {
  switch (what.kind) {
    case 'answer':
      return what.answers.length === 0 ? 'no data' : `answer ${what.answers.join(' ')}`;
    case 'one-of':
      return `one of ${what.answers.join(', ')}`;
    case 'subset-of':
      return `nothing but ${what.answers.join(', ')}`;
    case 'rcode':
      return what.rcode;
    case 'ttl':
      return `TTL ${what.seconds}`;
    case 'scope':
      return `scope ${what.length}`;
    case 'distribution': {
      const shares = [...what.shares].map(([name, share]) => `${name} ${percent(share)}`).join(', ');
      return percent(what.tolerance) === '0 %' ? `shares ${shares}` : `shares ${shares} ± ${percent(what.tolerance)}`;
    }
    case 'status':
      return [...what.statuses].map(([target, status]) => `${target} is ${status}`).join(', ');
    case 'agree':
      return `${what.servers.join(' and ')} agree`;
    case 'max-flips':
      return what.flips === 0 ? 'no change of the answer' : `at most ${count(what.flips, 'change')} of the answer`;
    case 'probes': {
      const rate = what.rate === undefined ? [] : [`${what.rate} a second`];
      const burst = what.burst === undefined ? [] : [`${what.burst} in one round`];
      return `probes of ${what.target ?? 'all targets'} at most ${[...rate, ...burst].join(' and ')}`;
    }
    case 'alert':
      return `alert ${what.alert} fires`;
    case 'invariant':
      return what.invariant === 'single-writer'
        ? 'only one region writes'
        : `nobody is sent to what has been dead for more than ${duration(what.after)}`;
  }
}

/** `by 61 s and until 119 s, eu@ns1: answer hel`. */
export function expectedText(expected: ExpectedReport | undefined): string {
  if (expected === undefined) return '';
  const { when, who, what, modality } = expected;
  const possible = modality === 'possible' ? 'possibly ' : '';
  return `${[when, who].filter((part) => part !== '').join(', ')}: ${possible}${what}`;
}

/** `fsn at 61 s by eu@ns1`. */
export function failedText({
  seen,
  atSeconds,
  client,
  server,
  record,
}: NonNullable<ExpectationReport['counterexample']>): string {
  const when = atSeconds === undefined ? '' : `${seen.includes(', ') ? ',' : ''} at ${secondsText(atSeconds)}`;
  const who = [client, server].filter((part) => part !== '').join('@');
  const which = record === undefined ? '' : `${record}: `;
  return `${which}${seen}${when}${who === '' ? '' : ` by ${who}`}`;
}

/** `80 %`, `33.33 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** `fsn`, `fsn:5432`: targets by their names, where they have one. */
export function targetText(
  target: string,
  targets: readonly { readonly name: string; readonly address: string }[],
): string {
  for (const { name, address } of targets) {
    if (target === address) return name;
    if (target.startsWith(`${address}:`) && !address.includes(':')) return name + target.slice(address.length);
    if (target.startsWith(`[${address}]:`)) return name + target.slice(address.length + 2);
  }
  return target;
}

/** `7 expectations`, `1 expectation`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** `PowerDNS 5.1, simulate`. */
export function runText({ profile, engine }: { readonly profile: string; readonly engine: string }): string {
  return `PowerDNS ${profile}, ${engine}`;
}

/** How many expectations hold, and how surely. */
export function verdictText(result: ResultReport): string {
  if (result.verdict === 'skip') return result.skipped ?? 'no reason is known';
  const { expectations, phases } = result;
  const failed = expectations.filter(({ verdict }) => verdict === 'fail').length;
  const courses = count(phases.courses, 'course');
  const looked = phases.complete ? `every phase, in ${courses}` : `${count(phases.courses, 'phase')} tried`;
  if (expectations.length === 0) return `nothing is expected (${looked})`;
  const all = count(expectations.length, 'expectation');
  const toldNothing = expectations.filter(({ untold }) => untold !== undefined).length;
  const besides = toldNothing === 0 ? '' : `, ${toldNothing} of which this run cannot tell`;
  if (failed > 0) return `${failed} of ${all} ${failed === 1 ? 'fails' : 'fail'}${besides} (${looked})`;
  if (toldNothing === expectations.length) return `this run can tell nothing of ${all} (${looked})`;
  return `${all} ${expectations.length === 1 ? 'holds' : 'hold'}${besides} (${looked})`;
}

/** When the rounds of servers begin, and how far their wall clocks are in a second at the start. */
export function phasesText(phases: PhasesReport): string {
  const alike = Map.groupBy(Object.keys(phases), (server) => phaseText(phases[server]));
  return [...alike].map(([phase, servers]) => `${servers.join(' and ')} ${phase}`).join('; ');
}

export function phaseText(phase: PhasesReport[string] | undefined): string {
  if (phase === undefined) return '';
  const { offsetSeconds, fractionSeconds } = phase;
  return `first asked at ${secondsText(offsetSeconds)}, clock ${secondsText(fractionSeconds)} into its second`;
}

/** `proven` for every phase, or only seen in those that were `tried`; `not always`: in some no answer changes. */
export function boundText({ proven, alwaysChanges }: FailoverReport): string {
  return `${proven ? 'proven' : 'tried'}${alwaysChanges ? '' : ', not always'}`;
}

/** `60 s, fsn: http 503`; `over: ` where the bound is about the end of the fault. */
export function edgeText({ faults }: Pick<ScenarioReport, 'faults'>, { fault, edge }: FailoverReport): string {
  const found = faults[fault];
  const at = edge === 'begins' ? found?.atSeconds : found?.untilSeconds;
  const when = at === undefined ? '' : `${secondsText(at)}, `;
  return `${when}${edge === 'begins' ? '' : 'over: '}${found?.text ?? `fault ${fault}`}`;
}

/** Which run it is whose events are told. */
export function shownText({ faults: all }: Pick<ScenarioReport, 'faults'>, { phases, faults }: ShownReport): string {
  const reduced = faults.length < all.length ? `, with ${faults.length} of ${count(all.length, 'fault')}` : '';
  const phase = phasesText(phases);
  return phase === '' ? `One of the runs${reduced}.` : `One of the runs${reduced}: ${phase}.`;
}

/** In which phases it fails. What must be possible fails in all that were looked at, what must be certain in one at least. */
export function failedPhasesText(
  { proven, counterexample }: ExpectationReport,
  expected: ExpectedReport | undefined,
): string {
  const looked = proven ? 'every phase' : 'every phase that was tried';
  if (expected?.modality === 'possible') return `in ${looked}`;
  return counterexample === undefined ? '' : phasesText(counterexample.phases);
}
