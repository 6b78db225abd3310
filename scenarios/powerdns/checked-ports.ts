/** The ports at which targets are probed: read from the code of a scenario's records, now and after changes. */
import { luaCode } from '../../simulator/zone/lua-code.ts';
import type { Zone } from '../../simulator/zone/record.ts';
import type { Scenario } from '../scenario.ts';
import { changedZone, nameInZone } from '../zone.ts';

export interface CheckedPort {
  readonly number: number;
  readonly isTls: boolean;
  /** It is checked by connecting alone. */
  readonly isBare: boolean;
  /** It is checked by connecting alone, and must be able to swallow packets: only a deaf listener does that. */
  readonly canGoDeaf: boolean;
}

export interface PortsInCode {
  /** Of `ifportup`. */
  readonly tcp: readonly number[];
  /** Of URLs. */
  readonly http: readonly { readonly number: number; readonly isTls: boolean }[];
}

const IFPORTUP = /\bifportup\s*\(\s*['"]?(\d+)/g;
const WRITTEN_PORT = /['"]\d+(?:\.\d+){3}:(\d+)['"]/g;
const URL = /\b(https?):\/\/[^/:'"\s]+(?::(\d+))?/gi;

export function portsInCode(code: string): PortsInCode {
  const tcp = [...code.matchAll(IFPORTUP), ...code.matchAll(WRITTEN_PORT)].map((match) => Number(match[1]));
  const http = [...code.matchAll(URL)].map(([, scheme = '', port]) => {
    const isTls = scheme.toLowerCase() === 'https';
    return { number: port === undefined ? (isTls ? 443 : 80) : Number(port), isTls };
  });
  return { tcp: [...new Set(tcp)], http: http.filter((one, i) => http.findIndex((other) => same(one, other)) === i) };
}

/** The code of every LUA record that the zone ever has. */
export function codeOf(scenario: Scenario, zone: Zone): string {
  const later = scenario.timeline.flatMap(({ fault }) =>
    fault.kind === 'record-change'
      ? changedZone({ name: zone.name, records: [] }, { ...fault, name: nameInZone(fault.name, zone.name) }).records
      : [],
  );
  return [...zone.records, ...later]
    .flatMap((record) => (record.kind === 'lua' ? [luaCode(record.text, true)] : []))
    .join('\n');
}

export function checkedPorts({ tcp, http }: PortsInCode, vanishes: boolean): CheckedPort[] {
  const connected = tcp
    .filter((number) => !http.some((one) => one.number === number))
    .map((number) => ({ number, isTls: false, isBare: true, canGoDeaf: vanishes }));
  return [...http.map((one) => ({ ...one, isBare: false, canGoDeaf: false })), ...connected];
}

function same(a: { number: number; isTls: boolean }, b: { number: number; isTls: boolean }): boolean {
  return a.number === b.number && a.isTls === b.isTls;
}
