/**
 * DNS names as DNSSEC sees them: labels, leftmost first, in lower case, each a string with one character a byte (latin1), so
 * that comparing characters is comparing bytes.
 */
import { lowerCaseName, nameFromWireLabels, wireName } from '../simulator/zone/name.ts';
import { MalformedMessage, readName } from './raw-name.ts';

export type Labels = readonly string[];

/** The name at `offset`, compression undone, and the offset behind it; `undefined` where there is none. */
export function readLabels(bytes: Buffer, offset: number): { labels: Labels; end: number } | undefined {
  try {
    const { name, end } = readName(bytes, offset);
    return { labels: labelsOfName(name), end };
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined;
    throw error;
  }
}

/** The labels of a name in presentation format. Throws `E_NAME_SYNTAX`. */
export function labelsOfName(name: string): Labels {
  const bytes = Buffer.from(wireName(name));
  const labels: string[] = [];
  for (let at = 0; at < bytes.length - 1; at += 1 + bytes.readUInt8(at)) {
    labels.push(lowerCaseName(bytes.toString('latin1', at + 1, at + 1 + bytes.readUInt8(at))));
  }
  return labels;
}

/** The name in wire format, without compression. */
export function wireLabels(labels: Labels): Buffer {
  const parts = labels.map((label) => String.fromCharCode(label.length) + label);
  return Buffer.from(`${parts.join('')}\0`, 'latin1');
}

/** The name in presentation format, for messages. */
export function presentLabels(labels: Labels): string {
  return nameFromWireLabels(labels.map((label) => Buffer.from(label, 'latin1')));
}

export function sameLabels(left: Labels, right: Labels): boolean {
  return left.length === right.length && isWithin(left, right);
}

/** Whether `name` is `ancestor` or below it. */
export function isWithin(name: Labels, ancestor: Labels): boolean {
  const offset = name.length - ancestor.length;
  return offset >= 0 && ancestor.every((label, index) => name[offset + index] === label);
}

/** The order of names in a signed zone, RFC 4034 section 6.1: negative where `left` comes first. */
export function compareLabels(left: Labels, right: Labels): number {
  const shorter = Math.min(left.length, right.length);
  for (let depth = 1; depth <= shorter; depth += 1) {
    const a = left.at(-depth) ?? '';
    const b = right.at(-depth) ?? '';
    if (a !== b) return a < b ? -1 : 1;
  }
  return left.length - right.length;
}

/** How many labels from the right two names share. */
export function sharedLabels(left: Labels, right: Labels): number {
  let count = 0;
  while (count < left.length && count < right.length && left.at(-1 - count) === right.at(-1 - count)) count += 1;
  return count;
}
