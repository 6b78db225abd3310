import { readFile } from 'node:fs/promises';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { UserError } from '../input/errors.ts';
import type { ResourceRecord, Zone } from '../simulator/zone/record.ts';
import { describeNetworkError } from './probe-error.ts';

const MAX_BODY_BYTES = 256 * 1024 * 1024;

export interface PowerDnsApiOptions {
  /** `http://host:port` of the server's webserver; a path up to `/api/v1` may follow. */
  readonly url: string;
  readonly key: string;
  /** Where the key was read from, for messages. */
  readonly keyFile?: string;
  /** Longest time for one call, body included. */
  readonly timeoutMs: number;
  readonly dispatcher?: Dispatcher;
}

export interface ServerInfo {
  /** `4.7.3`, `5.1.5`, … */
  readonly version: string;
  /** `authoritative` for the server this is written for. */
  readonly daemonType: string;
}

export interface ZoneSummary {
  /** Absolute, with the final dot. */
  readonly name: string;
  /** `Native`, `Master`, `Primary`, … as the server spells it. */
  readonly kind: string;
  readonly serial: number;
  /** The serial that clients see, with SOA-EDIT applied. */
  readonly editedSerial: number;
  readonly dnssec: boolean;
}

/** New content of an rrset; `records` in presentation format, for LUA `A "code"`. */
export interface RrsetReplacement {
  readonly kind: 'replace';
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  readonly records: readonly string[];
}

export interface RrsetDeletion {
  readonly kind: 'delete';
  readonly name: string;
  readonly type: string;
}

export type RrsetChange = RrsetReplacement | RrsetDeletion;

/**
 * What is used of PowerDNS's REST API. Every call may throw a `UserError`: `E_API_UNREACHABLE` (refused, timed out, cut
 * off), `E_API_KEY` (401), `E_API_STATUS` (any other answer that is not a success), `E_API_FORMAT` (a success that is not
 * what PowerDNS 4.7 to 5.1 sends).
 */
export interface PowerDnsApi {
  readonly url: string;
  serverInfo(signal?: AbortSignal): Promise<ServerInfo>;
  /** Every setting by name; secrets come as `***`. */
  config(signal?: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Counters and gauges by name (`uptime` in seconds); ring buffers and maps are left out. */
  statistics(signal?: AbortSignal): Promise<ReadonlyMap<string, number>>;
  zones(signal?: AbortSignal): Promise<readonly ZoneSummary[]>;
  /**
   * A zone by name. Disabled records are left out. The order is the API's own, not that of the backend, and every record
   * of an rrset has the same TTL, whatever the backend holds.
   */
  zone(name: string, signal?: AbortSignal): Promise<Zone>;
  /** The values of one kind of metadata; empty where there is none, also where the backend keeps no metadata. */
  zoneMetadata(name: string, kind: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** All changes or none. Since 5.1 LUA rrsets are refused (422) unless `enable-lua-record-updates=yes`. */
  changeRrsets(zoneName: string, changes: readonly RrsetChange[], signal?: AbortSignal): Promise<void>;
  replaceRrset(zoneName: string, rrset: Omit<RrsetReplacement, 'kind'>, signal?: AbortSignal): Promise<void>;
  deleteRrset(zoneName: string, name: string, type: string, signal?: AbortSignal): Promise<void>;
}

/** A client for the server at `url`. Opens nothing until it is called; throws `E_API_URL` or `E_API_KEY` for a bad option. */
export function powerDnsApi(options: PowerDnsApiOptions): PowerDnsApi {
  const base = serverUrl(options.url);
  const key = usableKey(options.key, options.keyFile);
  const api = { ...options, base, key };

  const changeRrsets: PowerDnsApi['changeRrsets'] = async (zoneName, changes, signal) => {
    const body = JSON.stringify({ rrsets: changes.map(rrsetPatch) });
    await call(api, { method: 'PATCH', path: zonePath(zoneName), body, signal });
  };

  return {
    url: options.url,
    serverInfo: async (signal) => {
      const info = await get(api, '', ServerSchema, signal);
      return { version: info.version, daemonType: info.daemon_type };
    },
    config: async (signal) => {
      const settings = await get(api, '/config', SettingsSchema, signal);
      return new Map(settings.map((setting) => [setting.name, setting.value]));
    },
    statistics: async (signal) => plainStatistics(await get(api, '/statistics', StatisticsSchema, signal)),
    zones: async (signal) => (await get(api, '/zones', z.array(ZoneSummarySchema), signal)).map(zoneSummary),
    zone: async (name, signal) => {
      const zone = await get(api, zonePath(name), ZoneSchema, signal);
      return { name: zone.name, records: zone.rrsets.flatMap(rrsetRecords) };
    },
    zoneMetadata: async (name, kind, signal) => {
      const path = `${zonePath(name)}/metadata/${encodeURIComponent(kind)}`;
      const answer = await call(api, { method: 'GET', path, signal, accepted: [404] });
      return answer.status === 404 ? [] : parse(api, path, answer.body, MetadataSchema).metadata;
    },
    changeRrsets,
    replaceRrset: (zoneName, rrset, signal) => changeRrsets(zoneName, [{ kind: 'replace', ...rrset }], signal),
    deleteRrset: (zoneName, name, type, signal) => changeRrsets(zoneName, [{ kind: 'delete', name, type }], signal),
  };
}

/** The key in a file, without the line break behind it. Throws `E_API_KEY` when there is none to read. */
export async function readApiKeyFile(path: string): Promise<string> {
  try {
    return usableKey((await readFile(path, 'utf8')).trim(), path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('E_API_KEY', `the API key file '${path}' cannot be read`, {
      hint: 'Put the value of PowerDNS’s api-key setting into that file and make it readable for this user.',
      cause: error,
    });
  }
}

const ServerSchema = z.object({ version: z.string(), daemon_type: z.string() });
const SettingsSchema = z.array(z.object({ name: z.string(), value: z.string() }));
const StatisticsSchema = z.array(z.object({ name: z.string(), type: z.string(), value: z.unknown() }));
const SerialSchema = z.int().nonnegative();
const ZoneSummarySchema = z.object({
  name: z.string(),
  kind: z.string(),
  serial: SerialSchema,
  edited_serial: SerialSchema.optional(),
  dnssec: z.boolean().optional(),
});
const RrsetSchema = z.object({
  name: z.string(),
  type: z.string(),
  ttl: z.int().nonnegative(),
  records: z.array(z.object({ content: z.string(), disabled: z.boolean().optional() })),
});
const ZoneSchema = z.object({ name: z.string(), rrsets: z.array(RrsetSchema) });
const MetadataSchema = z.object({ metadata: z.array(z.string()) });
const ErrorSchema = z.object({ error: z.string() });

type Client = Omit<PowerDnsApiOptions, 'key'> & { readonly base: string; readonly key: string };

interface Call {
  readonly method: 'GET' | 'PATCH';
  /** Below `/api/v1/servers/localhost`. */
  readonly path: string;
  readonly body?: string;
  readonly signal: AbortSignal | undefined;
  /** Statuses that are an answer although they are no success. */
  readonly accepted?: readonly number[];
}

async function get<T>(api: Client, path: string, schema: z.ZodType<T>, signal: AbortSignal | undefined): Promise<T> {
  const { body } = await call(api, { method: 'GET', path, signal });
  return parse(api, path, body, schema);
}

async function call(api: Client, wanted: Call): Promise<{ status: number; body: string }> {
  const answer = await exchange(api, wanted);
  const { status } = answer;
  if ((status >= 200 && status < 300) || wanted.accepted?.includes(status)) return answer;
  throw status === 401 ? keyError(api) : statusError(api, wanted, answer);
}

async function exchange(api: Client, wanted: Call): Promise<{ status: number; body: string }> {
  const deadline = AbortSignal.timeout(api.timeoutMs);
  const signal = wanted.signal === undefined ? deadline : AbortSignal.any([deadline, wanted.signal]);
  try {
    const response = await request(api.base + wanted.path, {
      method: wanted.method,
      headers: { 'x-api-key': api.key, accept: 'application/json', 'content-type': 'application/json' },
      signal,
      ...(wanted.body === undefined ? {} : { body: wanted.body }),
      ...(api.dispatcher === undefined ? {} : { dispatcher: api.dispatcher }),
    });
    return { status: response.statusCode, body: await readBody(api, wanted.path, response.body) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (wanted.signal?.aborted) throw wanted.signal.reason;
    throw unreachableError(api, deadline.aborted ? `no complete answer within ${api.timeoutMs} ms` : error);
  }
}

async function readBody(api: Client, path: string, body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw formatError(api, path, `more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse<T>(api: Client, path: string, body: string, schema: z.ZodType<T>): T {
  const json = parseJson(body);
  if (json === undefined) throw formatError(api, path, 'something that is not JSON');
  const result = schema.safeParse(json.value);
  if (!result.success) throw formatError(api, path, `unexpected JSON: ${z.prettifyError(result.error)}`);
  return result.data;
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function rrsetRecords(rrset: z.infer<typeof RrsetSchema>): ResourceRecord[] {
  return rrset.records
    .filter((record) => record.disabled !== true)
    .map((record) => apiRecord(rrset.name, rrset.ttl, rrset.type.toUpperCase(), record.content));
}

function apiRecord(owner: string, ttlSeconds: number, type: string, content: string): ResourceRecord {
  if (type !== 'LUA') return { kind: 'static', owner, ttlSeconds, type, rdata: content.trimEnd() };
  const [covered = ''] = /^\S*/.exec(content) ?? [];
  return { kind: 'lua', owner, ttlSeconds, type: covered.toUpperCase(), text: content.slice(covered.length).trim() };
}

function zoneSummary(zone: z.infer<typeof ZoneSummarySchema>): ZoneSummary {
  return {
    name: zone.name,
    kind: zone.kind,
    serial: zone.serial,
    editedSerial: zone.edited_serial ?? zone.serial,
    dnssec: zone.dnssec ?? false,
  };
}

function plainStatistics(items: z.infer<typeof StatisticsSchema>): Map<string, number> {
  return new Map(
    items
      .filter((item) => item.type === 'StatisticItem')
      .map((item): [string, number] => [item.name, Number(item.value)])
      .filter(([, value]) => Number.isFinite(value)),
  );
}

function rrsetPatch(change: RrsetChange): object {
  const { name, type } = change;
  if (change.kind === 'delete') return { name, type, changetype: 'DELETE' };
  const records = change.records.map((content) => ({ content, disabled: false }));
  return { name, type, ttl: change.ttlSeconds, changetype: 'REPLACE', records };
}

/** PowerDNS's zone ids: the name with every byte but letters, digits, dot and dash as `=XX`. */
function zonePath(name: string): string {
  const absolute = name.endsWith('.') ? name : `${name}.`;
  const id = Buffer.from(absolute, 'utf8').toString('latin1');
  return `/zones/${id.replace(/[^A-Za-z0-9.-]/g, (byte) => `=${hex(byte)}`).replace(/^\.$/, '=2E')}`;
}

function hex(byte: string): string {
  return byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
}

function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UserError('E_API_URL', `'${text}' is not the URL of a PowerDNS API`, {
      hint: 'Write it like http://127.0.0.1:8081 (PowerDNS: webserver-address and webserver-port).',
    });
  }
  const path = url.pathname.replace(/\/(api(\/v1(\/servers\/localhost)?)?)?\/?$/, '');
  return `${url.origin}${path}/api/v1/servers/localhost`;
}

function usableKey(key: string, keyFile: string | undefined): string {
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(key)) return key;
  const where = keyFile === undefined ? '' : ` in '${keyFile}'`;
  throw new UserError('E_API_KEY', `the API key${where} is empty or has characters that no HTTP header can carry`, {
    hint: 'It must be the value of PowerDNS’s api-key setting, on one line.',
  });
}

function keyError(api: Client): UserError {
  const which = api.keyFile === undefined ? 'the API key given' : `the API key in '${api.keyFile}'`;
  return new UserError('E_API_KEY', `${api.url} refuses ${which} (401)`, {
    hint: 'Use the value of api-key in that server’s pdns.conf. A hashed api-key ($scrypt$…) needs its clear text here.',
  });
}

function statusError(api: Client, wanted: Call, answer: { status: number; body: string }): UserError {
  const parsed = ErrorSchema.safeParse(parseJson(answer.body)?.value);
  const said = parsed.success ? parsed.data.error : answer.body.trim().slice(0, 200);
  const message = `${wanted.method} ${api.base}${wanted.path} was answered ${answer.status}${said === '' ? '' : `: ${said}`}`;
  const hint = statusHint(answer.status, said);
  return new UserError('E_API_STATUS', message, hint === undefined ? {} : { hint });
}

function statusHint(status: number, said: string): string | undefined {
  if (/lua records? is not allowed/i.test(said)) {
    return 'Since 5.1 PowerDNS takes LUA records over the API only with enable-lua-record-updates=yes.';
  }
  if (status === 403) return 'Add this machine’s address to webserver-allow-from in that server’s pdns.conf.';
  if (status === 404) return 'Does that server hold the zone, and is api=yes set in its pdns.conf?';
  if (status === 500)
    return 'PowerDNS could not read the zone itself; its log says which record. `pdnsutil check-zone` does too.';
  return undefined;
}

function unreachableError(api: Client, reason: unknown): UserError {
  const why = typeof reason === 'string' ? reason : describeNetworkError(reason);
  return new UserError('E_API_UNREACHABLE', `the PowerDNS API at ${api.url} cannot be reached: ${why}`, {
    hint: 'PowerDNS needs webserver=yes, api=yes, an api-key, and a webserver-address and webserver-allow-from that let this machine in.',
    exitCode: 3,
    cause: reason,
  });
}

function formatError(api: Client, path: string, what: string): UserError {
  return new UserError('E_API_FORMAT', `${api.base}${path} sent ${what}`, {
    hint: 'Is that the API of a PowerDNS Authoritative Server, 4.7 to 5.1?',
  });
}
