/**
 * A check: what PowerDNS keeps one state for. Its identity is the target with its port, the URL, and *all* options —
 * also those that mean nothing: a record that spells one option differently has checks of its own.
 */
import type { Profile } from '../profile/profile.ts';
import { atoi, stoi } from './c-number.ts';
import type { ProbeRequest } from './probe.ts';

export type OptionValue = string | Readonly<Record<string, string>>;
export type CheckOptions = Readonly<Record<string, OptionValue>>;

export interface Check {
  /** Equal exactly where PowerDNS would share the state. Readable: `http 192.0.2.1 https://a.test/ {"timeout":"1"}`. */
  readonly id: string;
  readonly kind: 'http' | 'tcp';
  /** Canonical address text, with the port for TCP checks (`192.0.2.1:443`); empty for `ifurlextup`. */
  readonly target: string;
  /** Canonical address without a port; empty for `ifurlextup`. */
  readonly address: string;
  readonly port: number;
  /** Empty for TCP checks. */
  readonly url: string;
  readonly options: CheckOptions;
}

const DEFAULT_TIMEOUT_SECONDS = 2;
const DEFAULT_USER_AGENT = 'PowerDNS Authoritative Server';
const HTTP_OK = 200;

/** The check of `ifportup` for one candidate. */
export function tcpCheck(address: string, port: number, options: CheckOptions): Check {
  return freezeCheck('tcp', address, port, '', options);
}

/** The check of `ifurlup` for one candidate. `port` is the one written behind the address: part of the identity only. */
export function httpCheck(address: string, port: number, url: string, options: CheckOptions): Check {
  // An empty URL is what tells a TCP check in PowerDNS, so that one is tried, on the address's port.
  return freezeCheck(url === '' ? 'tcp' : 'http', address, port, url, options);
}

/** The check of `ifurlextup`: the URL alone, whatever candidate it stands for. */
export function externalCheck(url: string, options: CheckOptions): Check {
  return freezeCheck('http', '', 0, url, options);
}

function freezeCheck(kind: Check['kind'], address: string, port: number, url: string, options: CheckOptions): Check {
  const host = address.includes(':') && port !== 0 ? `[${address}]` : address;
  const target = kind === 'tcp' || port !== 0 ? `${host}:${port}` : address;
  const names = Object.keys(options).sort();
  const sorted = Object.fromEntries(names.map((name) => [name, options[name] ?? '']));
  const optionText = names.length === 0 ? '' : JSON.stringify(sorted);
  const id = [kind, target, url, optionText].filter((part) => part !== '').join(' ');
  const known = recentChecks.get(id);
  if (known !== undefined && known.url === url) return known;
  const check = Object.freeze({ id, kind, target, address, port, url, options: Object.freeze(sorted) });
  if (recentChecks.size >= MAX_RECENT_CHECKS) recentChecks.clear();
  recentChecks.set(id, check);
  return check;
}

/** Records ask for the same few checks over and over. */
const recentChecks = new Map<string, Check>();
const MAX_RECENT_CHECKS = 10_000;

/** Failed probes in a row after which the target is down. Always 1 before 5.0; negative numbers are huge ones there. */
export function minimumFailures(check: Check, profile: Profile): number {
  if (!profile.checkTuning) return 1;
  return Math.max(1, atoi(textOption(check, 'minimumFailures') ?? '1') >>> 0);
}

/** Seconds between probes that the record asks for; undefined = the server's interval, as for 0 and what is no number. */
export function ownIntervalSeconds(check: Check, profile: Profile): number | undefined {
  const seconds = profile.checkTuning ? atoi(textOption(check, 'interval') ?? '') : 0;
  return seconds === 0 ? undefined : seconds;
}

/** The greatest common divisor of two intervals: how long 5.0's checker sleeps when it has checks of both. */
export function commonIntervalSeconds(a: number, b: number): number {
  return b === 0 ? Math.max(1, Math.abs(a)) : commonIntervalSeconds(b, a % b);
}

/** The longest a probe of this check takes, in seconds; undefined = it may hang for ever (an HTTP timeout of 0). */
export function timeoutSeconds(check: Check): number | undefined {
  const seconds = Math.max(0, atoi(textOption(check, 'timeout') ?? `${DEFAULT_TIMEOUT_SECONDS}`));
  return seconds === 0 && check.kind === 'http' ? undefined : seconds;
}

/** What a probe of this check does on the network. */
export function probeRequest(check: Check, profile: Profile): ProbeRequest {
  const text = (name: string) => textOption(check, name);
  const timeoutMs = (timeoutSeconds(check) ?? 0) * 1000;
  const source = text('source');
  if (check.kind === 'tcp') {
    const request = { kind: 'tcp', address: check.address, port: check.port, timeoutMs } as const;
    return source === undefined ? request : { ...request, source };
  }
  const expectedStatus = profile.checkTuning ? numberOption(text('httpcode'), HTTP_OK) : HTTP_OK;
  if (expectedStatus === undefined) return { kind: 'failing', reason: `httpcode='${text('httpcode')}' is no number` };
  const bytesLimit = bytesLimitOf(text('byteslimit'), profile);
  if (bytesLimit === undefined) return { kind: 'failing', reason: `byteslimit='${text('byteslimit')}' is no number` };
  return {
    kind: 'http',
    url: check.url,
    ...(check.address === '' ? {} : { address: check.address }),
    ...(source === undefined ? {} : { source }),
    timeoutMs,
    userAgent: text('useragent') ?? DEFAULT_USER_AGENT,
    headers: headersOf(check, profile),
    stringMatch: text('stringmatch') ?? '',
    bytesLimit,
    expectedStatus,
    redirectLimit: profile.redirectLimit,
  };
}

function textOption(check: Check, name: string): string | undefined {
  const value = check.options[name];
  return typeof value === 'string' ? value : undefined;
}

function numberOption(text: string | undefined, absent: number): number | undefined {
  return text === undefined ? absent : stoi(text);
}

function bytesLimitOf(text: string | undefined, profile: Profile): number | undefined {
  if (text === undefined || profile.bytesLimit === 'ignored') return 0;
  return profile.bytesLimit === 'strict' ? stoi(text) : atoi(text);
}

function headersOf(check: Check, profile: Profile): Record<string, string> {
  const headers = profile.optionTables ? check.options.headers : undefined;
  if (headers === undefined || typeof headers === 'string') return {};
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replaceAll('_', '-'), value]));
}
