import { isIP } from 'node:net';
import { errors } from 'undici';

/** The longest delay a timer of Node keeps; more would fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** Why a probe cannot leave from `source` for `address`, or undefined. */
export function sourceProblem(source: string | undefined, address: string): string | undefined {
  if (source === undefined) return undefined;
  if (isIP(source) === 0) return `source ${source} is not an address`;
  return isIP(source) === isIP(address) ? undefined : `source ${source} is of another family than ${address}`;
}

/** The `code` of a system or undici error. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** One line for people. */
export function describeNetworkError(error: unknown): string {
  const code = errorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (message === 'other side closed') return 'connection closed before the answer was complete';
  const words = code === undefined ? undefined : WORDS[code];
  if (words !== undefined) return words;
  if (code === 'UND_ERR_SOCKET' || error instanceof errors.HTTPParserError) {
    return `answer is not HTTP as this prober's strict parser reads it, libcurl may accept it (${message})`;
  }
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed by the target',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EADDRNOTAVAIL: 'source address is not an address of this machine',
  ENOTFOUND: 'name does not resolve',
  EAI_AGAIN: 'name does not resolve (resolver failure)',
};
