/** DNS messages over TCP: each behind its length in two bytes (RFC 1035, 4.2.2), cut anywhere by the network. */
export class TcpFrames {
  /** What has come of the frame that is not complete yet. */
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that `bytes` completes. */
  push(bytes: Buffer): Buffer[] {
    const received = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const messages: Buffer[] = [];
    let at = 0;
    while (at + 2 <= received.length) {
      const end = at + 2 + received.readUInt16BE(at);
      if (end > received.length) break;
      messages.push(received.subarray(at + 2, end));
      at = end;
    }
    this.#rest = received.subarray(at);
    return messages;
  }
}

/** A message of at most 65535 bytes with its length before it. */
export function tcpFrame(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
