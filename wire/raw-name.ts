import { nameFromWireLabels } from '../simulator/zone/name.ts';

/** Bytes that are no DNS message, or not the one they claim to be. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

/** A name needs at most one pointer a label, and no name has more labels than this. */
const MAX_POINTER_HOPS = 128;
const MAX_NAME_BYTES = 255;

export interface RawName {
  /** Canonical presentation format, in the case it was sent in. */
  readonly name: string;
  /** Where the next field starts: behind the first pointer, if there is one. */
  readonly end: number;
}

/**
 * The name at `offset`, compression undone. Labels are bytes: a dot or an 8-bit character inside one is kept apart from the
 * dots between them. Throws `MalformedMessage` for a name that is cut off, has more than 255 bytes, an unknown kind of
 * label, or more than 128 pointers, so that no message can make a reader work for long.
 */
export function readName(message: Uint8Array, offset: number): RawName {
  const labels: Uint8Array[] = [];
  let nameBytes = 1;
  let hops = 0;
  let end: number | undefined;
  let at = offset;
  for (;;) {
    const length = message[at];
    if (length === undefined) throw new MalformedMessage('a name goes beyond the end of the message');
    if (length === 0) return { name: nameFromWireLabels(labels), end: end ?? at + 1 };
    if (length >= 0xc0) {
      const low = message[at + 1];
      if (low === undefined) throw new MalformedMessage('a name goes beyond the end of the message');
      hops += 1;
      if (hops > MAX_POINTER_HOPS) throw new MalformedMessage(`a name has more than ${MAX_POINTER_HOPS} pointers`);
      end ??= at + 2;
      at = ((length & 0x3f) << 8) | low;
      continue;
    }
    if (length > 63) throw new MalformedMessage('a name has a label of a kind that is not in use');
    if (at + 1 + length > message.length) throw new MalformedMessage('a name goes beyond the end of the message');
    nameBytes += length + 1;
    if (nameBytes > MAX_NAME_BYTES) throw new MalformedMessage(`a name is longer than ${MAX_NAME_BYTES} bytes`);
    labels.push(message.subarray(at + 1, at + 1 + length));
    at += length + 1;
  }
}
