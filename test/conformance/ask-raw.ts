/** Asks a server one question and keeps the bytes of the answers, names in them uncompressed. */
import { createSocket } from 'node:dgram';
import { wireName } from '../../simulator/zone/name.ts';
import type { RunningPowerDns } from '../../wire/rig/rig.ts';

export interface RawAnswer {
  readonly type: number;
  readonly ttlSeconds: number;
  readonly rdata: Buffer;
}

export interface RawReply {
  readonly rcode: string;
  readonly answers: readonly RawAnswer[];
}

const TIMEOUT_MS = 3000;
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
/** Types whose names a server may compress, by the bytes in front of the names and the number of names. */
const COMPRESSED: ReadonlyMap<number, readonly [before: number, names: number]> = new Map([
  [2, [0, 1]],
  [5, [0, 1]],
  [6, [0, 2]],
  [12, [0, 1]],
  [15, [2, 1]],
]);

/** Over UDP, without EDNS and recursion. */
export async function askRaw(
  server: Pick<RunningPowerDns, 'address' | 'port'>,
  name: string,
  type: number,
): Promise<RawReply> {
  const header = Buffer.from([0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const question = Buffer.concat([header, wireName(name), Buffer.from([type >> 8, type & 0xff, 0, 1])]);
  const socket = createSocket('udp4');
  try {
    const reply = await new Promise<Buffer>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer for ${name}`)), TIMEOUT_MS);
      socket.once('message', (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      socket.send(question, server.port, server.address);
    });
    return readReply(reply);
  } finally {
    socket.close();
  }
}

function readReply(message: Buffer): RawReply {
  let at = readName(message, 12).end + 4;
  const answers: RawAnswer[] = [];
  for (let i = message.readUInt16BE(6); i > 0; i--) {
    at = readName(message, at).end;
    const type = message.readUInt16BE(at);
    const size = message.readUInt16BE(at + 8);
    answers.push({ type, ttlSeconds: message.readUInt32BE(at + 4), rdata: readRdata(message, type, at + 10, size) });
    at += 10 + size;
  }
  return { rcode: RCODES[message.readUInt16BE(2) & 15] ?? 'other', answers };
}

function readRdata(message: Buffer, type: number, start: number, size: number): Buffer {
  const [before, names] = COMPRESSED.get(type) ?? [size, 0];
  const parts = [message.subarray(start, start + before)];
  let at = start + before;
  for (let i = 0; i < names; i++) {
    const name = readName(message, at);
    parts.push(name.bytes);
    at = name.end;
  }
  return Buffer.concat([...parts, message.subarray(at, start + size)]);
}

/** A name with its length bytes, pointers followed, and where it ends in the message. */
function readName(message: Buffer, start: number): { bytes: Buffer; end: number } {
  const labels: Buffer[] = [];
  let end: number | undefined;
  let at = start;
  for (let size = message.readUInt8(at); size !== 0; size = message.readUInt8(at)) {
    if (size < 64) {
      labels.push(message.subarray(at, at + 1 + size));
      at += 1 + size;
    } else {
      end ??= at + 2;
      at = message.readUInt16BE(at) & 0x3fff;
    }
  }
  return { bytes: Buffer.concat([...labels, Buffer.from([0])]), end: end ?? at + 1 };
}
