/** What is odd about a scenario that is right: parts of it that cannot do what their writer thinks. */
import { formatAddress, parseAddress } from '../../geoip/address.ts';
import type { InputPlace } from '../../input/errors.ts';
import { luaCode } from '../../simulator/zone/lua-code.ts';
import { sameName } from '../../simulator/zone/name.ts';
import type { LuaRecord } from '../../simulator/zone/record.ts';
import type { Scenario } from '../scenario.ts';
import { changedZone } from '../zone.ts';
import type { Reading } from './reading.ts';
import type { LoadedZone } from './zone.ts';

export function lintScenario(reading: Reading, scenario: Scenario, { zone, placeOf }: LoadedZone): void {
  if (zone === undefined) return;
  const start = reading.yaml.placeOfPath(['zone']);
  const written = zone.records
    .filter((record) => record.kind === 'lua')
    .map(
      (record): CheckingRecord => ({
        record,
        place: record.place === undefined ? start : placeOf(record.place),
      }),
    );
  const later = scenario.timeline.flatMap(({ fault, place }): CheckingRecord[] => {
    if (fault.kind !== 'record-change') return [];
    const { records } = changedZone({ name: zone.name, records: [] }, fault);
    return records.filter((record) => record.kind === 'lua').map((record) => ({ record, place }));
  });
  const checking = [...written, ...later].filter(({ record }) => CHECKS.test(codeOf(record)));
  lintTraffic(reading, scenario, checking);
  lintTargets(reading, scenario, checking);
  lintServers(reading, scenario);
  if (scenario.expect.length === 0) {
    const hint = 'Add expect: with what must be true of the answers.';
    reading.warn(
      'W_SCENARIO_EXPECT',
      reading.yaml.placeOfPath(['name']),
      'nothing is expected, so nothing can fail',
      hint,
    );
  }
}

interface CheckingRecord {
  readonly record: LuaRecord;
  readonly place: InputPlace;
}

/** Functions of PowerDNS that look at a check's state. */
const CHECKS = /\bif(?:port|url|urlext)up\b/;

const QUOTED_WORD = /'([0-9A-Fa-f.:]+)'/g;

function codeOf({ text }: LuaRecord): string {
  return luaCode(text, true);
}

function lintTraffic(reading: Reading, { traffic }: Scenario, checking: readonly CheckingRecord[]): void {
  for (const { record, place } of checking) {
    const isAsked = traffic.some(
      ({ name, type }) =>
        (sameName(name, record.owner) || covers(record.owner, name)) && (type ?? record.type) === record.type,
    );
    if (isAsked) continue;
    const message = `nobody asks for ${record.owner} ${record.type}: PowerDNS checks only what is asked for`;
    const hint = `Add traffic: [{ name: ${record.owner}, from: CLIENT, every: 1s }].`;
    reading.warn('W_SCENARIO_UNASKED', place, message, hint);
  }
}

function covers(owner: string, name: string): boolean {
  return owner.startsWith('*.') && name.toLowerCase().endsWith(owner.slice(1).toLowerCase());
}

function lintTargets(reading: Reading, { targets }: Scenario, checking: readonly CheckingRecord[]): void {
  const known = new Set([...targets.values()].map(({ address }) => address));
  const checked = new Set<string>();
  for (const { record, place } of checking) {
    for (const address of addressesIn(codeOf(record))) {
      if (!checked.has(address) && !known.has(address)) {
        const hint = `Add targets: { NAME: { address: ${address} } }.`;
        reading.warn('W_SCENARIO_TARGET', place, `${address} is no target: nothing answers probes of it`, hint);
      }
      checked.add(address);
    }
  }
  // Where nothing is checked at all, targets are there to name answers.
  if (checking.length === 0) return;
  for (const { name, address } of targets.values()) {
    if (checked.has(address)) continue;
    const hint = 'Leave it out, or use its address in a record with ifurlup or ifportup.';
    const place = reading.yaml.placeOfPath(['targets', name]);
    reading.warn('W_SCENARIO_TARGET', place, `no record checks ${name} (${address})`, hint);
  }
}

function addressesIn(code: string): readonly string[] {
  const found = [...code.matchAll(QUOTED_WORD)].map((match) => parseAddress(match[1] ?? ''));
  return [...new Set(found.filter((address) => address !== undefined).map(formatAddress))];
}

function lintServers(reading: Reading, { servers, clients, geo }: Scenario): void {
  const all = [...servers.values()];
  for (const { name, settings } of all) {
    const launched = (settings.get('launch') ?? '').split(/[ ,]+/);
    if (geo === undefined || launched.some((backend) => backend.split(':')[0] === 'geoip')) continue;
    const place = reading.yaml.placeOfPath(['servers', name, 'settings', 'launch']);
    const hint = 'Write launch: [bind, geoip], or leave launch out.';
    reading.warn('W_SCENARIO_GEO', place, `${name} does not launch geoip, so it knows no location at all`, hint);
  }
  for (const client of clients.values()) {
    if (!client.ecs || all.some(({ settings }) => settings.get('edns-subnet-processing') === 'yes')) continue;
    const place = reading.yaml.placeOfPath(['clients', client.name, 'ecs']);
    const hint = 'Add settings: { edns-subnet-processing: true } to a server.';
    reading.warn('W_SCENARIO_ECS', place, `no server looks at the network of ${client.name}`, hint);
  }
}
