/** A source that is a secondary: zones by transfer when their serial changes, at once when the primary notifies. */
import pLimit from 'p-limit';
import { canonicalName, lowerCaseName } from '../simulator/zone/name.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { hasEscapedBlank, mayHaveBeenCut, transferZone } from '../wire/axfr.ts';
import { listenForNotify } from '../wire/notify.ts';
import { LUA_RECORDS_ON } from '../wire/server-settings.ts';
import { ask } from '../wire/transport.ts';
import { type Endpoint, formatEndpoint } from './config.ts';
import type { Source } from './source.ts';
import { sameZone, serialOf, serialsOf } from './zones.ts';

export interface AxfrSourceOptions {
  readonly axfr: Endpoint;
  readonly zones: readonly string[];
  /** Where to listen for NOTIFY. */
  readonly notify?: Endpoint | undefined;
}

const SERIAL_TIMEOUT_MS = 2000;
const TRANSFER_TIMEOUT_MS = 60_000;
const MAX_TRANSFER_BYTES = 256 * 1024 * 1024;
const CONCURRENT_ZONES = 8;
/** Anybody can send a NOTIFY, so it may not make us transfer more often than this. */
const NEWS_GAP_MS = 1000;

/** Settings do not come with a transfer: they are PowerDNS's defaults, with LUA records on. */
export function axfrSource({ axfr, zones: wanted, notify }: AxfrSourceOptions): Source {
  const names = [...new Set(wanted.map((zone) => lowerCaseName(canonicalName(zone))))];
  const known = new Map<string, Transferred>();
  const notified = new Set<string>();

  async function readZone(name: string, whole: boolean, signal: AbortSignal): Promise<Transferred> {
    const old = known.get(name);
    // After a NOTIFY the serial is not asked for: the server may answer the old one from its packet cache.
    const isNotified = notified.delete(name);
    try {
      if (old !== undefined && !whole && !isNotified && (await askSerial(axfr, name)) === old.serial) return old;
      const limits = { timeoutMs: TRANSFER_TIMEOUT_MS, maxBytes: MAX_TRANSFER_BYTES, signal };
      const zone = await transferZone(axfr, name, limits);
      if (old !== undefined && sameZone(old.zone, zone)) return old;
      const transferred = { zone, serial: serialOf(zone), warnings: warningsOf(zone) };
      known.set(name, transferred);
      return transferred;
    } catch (error) {
      if (isNotified) notified.add(name);
      throw error;
    }
  }

  const source: Source = {
    description: `zone transfer from ${formatEndpoint(axfr)}`,
    async read(whole, signal) {
      const limit = pLimit(CONCURRENT_ZONES);
      const read = await Promise.all(names.map((name) => limit(() => readZone(name, whole, signal))));
      const zones = read.map(({ zone }) => zone);
      const warnings = read.flatMap((each) => each.warnings);
      return { zones, serials: serialsOf(zones), settings: LUA_RECORDS_ON, warnings };
    },
  };
  if (notify === undefined) return source;
  return {
    ...source,
    async watch(onNews, signal) {
      const news = atMostEvery(NEWS_GAP_MS, onNews);
      const listener = await listenForNotify(notify, (zone) => {
        const name = lowerCaseName(zone);
        if (!names.includes(name)) return;
        notified.add(name);
        news.tell();
      });
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      news.cancel();
      await listener.close();
    },
  };
}

interface Transferred {
  readonly zone: Zone;
  readonly serial: number | undefined;
  readonly warnings: readonly string[];
}

/** Undefined where the server does not tell: the transfer then says why. */
async function askSerial(server: Endpoint, zone: string): Promise<number | undefined> {
  const reply = await ask(server, { name: zone, type: 'SOA' }, { timeoutMs: SERIAL_TIMEOUT_MS });
  const soa = reply.kind === 'answer' ? reply.response.answers.find(({ type }) => type === 'SOA') : undefined;
  return soa === undefined ? undefined : Number(soa.rdata.split(' ')[2]);
}

/** What a transfer does not tell about code, and what could make the server run other code than is read here. */
const DOUBTS: readonly { readonly fits: (text: string) => boolean; readonly says: string }[] = [
  {
    fits: mayHaveBeenCut,
    says: 'a chunk of 255 bytes with another behind it may be one longer chunk, which a transfer cuts; with lua-records-insert-whitespace (the default up to 4.9) the server then runs other code than is read here',
  },
  {
    fits: hasEscapedBlank,
    says: 'a tab or line break in the code may be written as such or as \\DDD, which a transfer does not tell; it is read as \\DDD, which Lua takes inside a string only',
  },
];

function warningsOf({ records }: Zone): string[] {
  return records
    .filter((record) => record.kind === 'lua')
    .flatMap(({ owner, type, text }) =>
      DOUBTS.filter(({ fits }) => fits(text)).map(({ says }) => `${owner} LUA ${type}: ${says}`),
    );
}

/** Tells at once, but not again before `gapMs` have passed; what comes in between is told then, as one. */
function atMostEvery(gapMs: number, act: () => void): { tell(): void; cancel(): void } {
  let actedAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const now = () => {
    timer = undefined;
    actedAtMs = performance.now();
    act();
  };
  return {
    tell() {
      timer ??= setTimeout(now, Math.max(0, actedAtMs + gapMs - performance.now()));
    },
    cancel() {
      clearTimeout(timer);
    },
  };
}
