import { stoi } from '../simulator/health/c-number.ts';

/** Reads a body as it arrives and remembers only what a verdict needs, however long the body is. */
export interface BodyReader {
  add(chunk: Uint8Array): void;
  readonly bytes: number;
  /** Whether the text occurs in what has arrived; an empty text always does. */
  readonly matched: boolean;
  /** The integer at the start of the body, looked for in its first 16 kB. */
  readonly number: number | undefined;
}

/** `stringMatch` is compared byte by byte as UTF-8, case and all. */
export function bodyReader(stringMatch: string): BodyReader {
  const wanted = Buffer.from(stringMatch);
  let bytes = 0;
  let matched = wanted.length === 0;
  let start: Buffer = Buffer.alloc(0);
  let tail: Buffer = Buffer.alloc(0);
  return {
    add(chunk) {
      bytes += chunk.length;
      if (start.length < START_BYTES) {
        start = Buffer.concat([start, chunk.subarray(0, START_BYTES - start.length)]);
      }
      if (matched) return;
      // A match may straddle two chunks: the end of the last one is searched again with this one.
      const searched = Buffer.concat([tail, chunk]);
      matched = searched.includes(wanted);
      tail = searched.subarray(Math.max(0, searched.length - wanted.length + 1));
    },
    get bytes() {
      return bytes;
    },
    get matched() {
      return matched;
    },
    get number() {
      return stoi(start.toString('latin1'));
    },
  };
}

const START_BYTES = 16_384;
