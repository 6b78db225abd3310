/** Where the whole seconds of a server's clock begin. */
import { parseAddress } from '../../geoip/address.ts';
import { MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import type { Asker } from './asker.ts';
import { CLOCK_NAME, type RealServer } from './real-server.ts';

/** Longer than a second of a server's clock takes at any dilation. */
const PATIENCE_MS = 1500;

/**
 * The fraction of the second that the server's clock shows at a moment (`performance.now()`), as exactly as a question and its
 * answer tell: asks until the second changes. Undefined where the server does not tell.
 */
export async function fractionAt(
  momentMs: number,
  server: RealServer,
  asker: Asker,
  dilation: number,
): Promise<Micros | undefined> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  let before: { second: number; sentMs: number } | undefined;
  while (performance.now() < deadlineMs) {
    const reading = await readSecond(server, asker);
    if (reading === undefined) return undefined;
    if (before !== undefined && reading.second !== before.second) {
      const changedMs = (before.sentMs + reading.heardMs) / 2;
      const past = Math.round((momentMs - changedMs) * dilation * 1000);
      return ((past % MICROS_PER_SECOND) + MICROS_PER_SECOND) % MICROS_PER_SECOND;
    }
    before = { second: reading.second, sentMs: reading.sentMs };
  }
  return undefined;
}

async function readSecond(server: RealServer, asker: Asker) {
  const { address } = server;
  if (address === undefined) return undefined;
  const { response, sentMs, heardMs } = await asker.ask(address, { name: CLOCK_NAME, type: 'TXT', client: LOOPBACK });
  const second = Number(/\d+/.exec(response?.answers[0]?.rdata ?? '')?.[0] ?? Number.NaN);
  return Number.isNaN(second) ? undefined : { second, sentMs, heardMs };
}

const LOOPBACK = parseAddress('127.0.0.1') ?? { family: 4, bytes: new Uint8Array(4) };
