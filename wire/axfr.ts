/** Whole zones by zone transfer, as a secondary gets them. */
import { randomInt } from 'node:crypto';
import net from 'node:net';
import { UserError } from '../input/errors.ts';
import { canonicalName } from '../simulator/zone/name.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { TransferRefused, ZoneAssembly } from './axfr-assembly.ts';
import { encodeQuery } from './message.ts';
import { describeNetworkError } from './probe-error.ts';
import { readMessage } from './raw-message.ts';
import { MalformedMessage } from './raw-name.ts';
import { TcpFrames, tcpFrame } from './tcp-frames.ts';
import type { ServerAddress } from './transport.ts';

export interface TransferOptions {
  /** For the whole transfer. */
  readonly timeoutMs: number;
  /** The most that the server may send, over all messages. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/**
 * The records of `zone` in the order in which the server sends them (not the one in which it finds them when asked),
 * without the second SOA and without what a signer makes: RRSIG, NSEC, NSEC3 and NSEC3PARAM, and of a signed zone also
 * DNSKEY, CDS and CDNSKEY. PowerDNS 4.7 to 5.1 send LUA records as TYPE65402, and names in lower case at times.
 *
 * A transfer does not carry everything that a zone file or a database says. A backslash before a character that needs none
 * (`\n`) is gone; a byte that is not printable may have been written as such or as `\DDD` (`hasEscapedBlank`); a chunk of
 * more than 255 bytes comes in pieces of 255 (`mayHaveBeenCut`).
 *
 * Throws `E_AXFR`: not reachable, refused, cut off, too slow, too large, or not a transfer of that zone.
 */
export function transferZone(server: ServerAddress, zone: string, options: TransferOptions): Promise<Zone> {
  const name = canonicalName(zone);
  const id = randomInt(65_536);
  const query = encodeQuery(id, { name, type: 'AXFR' });
  const { timeoutMs, maxBytes, signal } = options;
  return new Promise((resolve, reject) => {
    const assembly = new ZoneAssembly(name, id);
    const frames = new TcpFrames();
    let receivedBytes = 0;
    const socket = net.connect({ host: server.address, port: server.port });
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      settle();
    };
    const fail = (why: string, details: FailureDetails): void =>
      end(() => reject(transferError(server, name, why, details)));
    const abort = (): void => end(() => reject(signal?.reason));
    const timer = setTimeout(() => fail(`it was not complete within ${timeoutMs} ms`, UNREACHABLE), timeoutMs);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort);
    socket.on('error', (error) => fail(describeNetworkError(error), { ...UNREACHABLE, cause: error }));
    socket.on('close', () => fail('the server closed the connection before the end of the zone', CUT_OFF));
    socket.on('connect', () => socket.write(tcpFrame(query)));
    socket.on('data', (bytes) => {
      receivedBytes += bytes.length;
      if (receivedBytes > maxBytes) return fail(`it takes more than ${maxBytes} bytes`, TOO_LARGE);
      try {
        for (const frame of frames.push(bytes)) {
          const complete = assembly.add(readMessage(frame));
          if (complete !== undefined) return end(() => resolve(complete));
        }
      } catch (cause) {
        if (cause instanceof TransferRefused) fail(cause.message, { ...refusalHint(cause.rcode), cause });
        else if (cause instanceof MalformedMessage) fail(cause.message, { ...NO_TRANSFER, cause });
        else end(() => reject(cause));
      }
    });
  });
}

/** Whether the text of a LUA record as transferred may have been one chunk of more than 255 bytes. */
export function mayHaveBeenCut(text: string): boolean {
  const chunks = [...text.matchAll(/"((?:\\\d{3}|\\.|[^"\\])*)"/g)].map((match) => match[1] ?? '');
  return chunks.slice(0, -1).some((chunk) => chunk.replace(/\\\d{3}|\\./g, '.').length === MAX_STRING_BYTES);
}

/** Whether a text as transferred holds a tab or a line break, which the server may store as such or as `\DDD`. */
export function hasEscapedBlank(text: string): boolean {
  return [...text.matchAll(/\\(\d{3}|.)/g)].some(([, escaped = '']) => BLANKS.has(escaped));
}

const MAX_STRING_BYTES = 255;
const BLANKS: ReadonlySet<string> = new Set(['009', '010', '013']);

interface FailureDetails {
  readonly hint: string;
  readonly exitCode?: 2 | 3;
  readonly cause?: unknown;
}

const UNREACHABLE: FailureDetails = {
  hint: 'Does PowerDNS listen there over TCP, and does a firewall let TCP port 53 through?',
  exitCode: 3,
};
const CUT_OFF: FailureDetails = {
  hint: 'PowerDNS does so when it cannot read a record of the zone; its log says which. `pdnsutil check-zone` does too.',
};
const TOO_LARGE: FailureDetails = { hint: 'Read a zone of that size from files or from the API.' };
const NO_TRANSFER: FailureDetails = { hint: 'Is that a PowerDNS Authoritative Server, 4.7 to 5.1?' };

function refusalHint(rcode: string): FailureDetails {
  if (rcode !== 'REFUSED' && rcode !== 'NOTAUTH') return CUT_OFF;
  return {
    hint: 'Add this machine’s address to allow-axfr-ips (or to the zone’s ALLOW-AXFR-FROM metadata), leave disable-axfr off, and see whether the server holds that zone. Transfers with TSIG are not supported.',
  };
}

function transferError(server: ServerAddress, zone: string, why: string, details: FailureDetails): UserError {
  const where = server.address.includes(':')
    ? `[${server.address}]:${server.port}`
    : `${server.address}:${server.port}`;
  return new UserError('E_AXFR', `the zone ${zone} cannot be transferred from ${where}: ${why}`, details);
}
