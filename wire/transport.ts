/**
 * Asks a DNS server: UDP, and TCP when the answer was truncated. Checks who answered and to what; every question ends
 * within its timeout, with an answer or with a reason.
 */
import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import { type DnsQuestion, type DnsResponse, decodeResponse, encodeQuery } from './message.ts';

export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

export type Reply =
  | {
      readonly kind: 'answer';
      readonly response: DnsResponse;
      readonly transport: 'udp' | 'tcp';
      /** The address that the server saw the question come from. */
      readonly localAddress: string;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export interface AskOptions {
  readonly timeoutMs: number;
  readonly tcp?: boolean;
}

/** Never rejects: a server that does not answer is a result. */
export async function ask(server: ServerAddress, question: DnsQuestion, options: AskOptions): Promise<Reply> {
  const id = randomInt(65_536);
  const query = encodeQuery(id, question);
  const reply = options.tcp === true ? undefined : await overUdp(server, id, query, question, options.timeoutMs);
  if (reply !== undefined && (reply.kind === 'failed' || !reply.response.truncated)) return reply;
  return overTcp(server, id, query, options.timeoutMs);
}

function overUdp(
  server: ServerAddress,
  id: number,
  query: Buffer,
  question: DnsQuestion,
  timeoutMs: number,
): Promise<Reply> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(net.isIPv6(server.address) ? 'udp6' : 'udp4');
    const timer = setTimeout(
      () => afterArrivals(() => end({ kind: 'failed', reason: `no answer within ${timeoutMs} ms` })),
      timeoutMs,
    );
    let localAddress = '';
    let ended = false;
    const end = (reply: Reply): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.close();
      resolve(reply);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => end({ kind: 'failed', reason: reasonOf(error) }));
    socket.on('message', (bytes) => {
      const response = decode(bytes);
      // A datagram that does not fit the question may be somebody else's: keep waiting for ours.
      if (response === undefined || response.id !== id || !sameQuestion(response, question)) return;
      end({ kind: 'answer', response, transport: 'udp', localAddress });
    });
    // Connected, so that the kernel drops datagrams of strangers and reports a closed port.
    socket.connect(server.port, server.address, () => {
      if (ended) return;
      localAddress = socket.address().address;
      socket.send(query);
    });
  });
}

function overTcp(server: ServerAddress, id: number, query: Buffer, timeoutMs: number): Promise<Reply> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: server.address, port: server.port });
    const timer = setTimeout(
      () => afterArrivals(() => end({ kind: 'failed', reason: `no answer over TCP within ${timeoutMs} ms` })),
      timeoutMs,
    );
    let received: Buffer = Buffer.alloc(0);
    let localAddress = '';
    let ended = false;
    const end = (reply: Reply): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => end({ kind: 'failed', reason: `TCP: ${reasonOf(error)}` }));
    socket.on('close', () => end({ kind: 'failed', reason: 'the server closed the TCP connection without an answer' }));
    socket.on('connect', () => {
      localAddress = socket.localAddress ?? '';
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const response = decode(received.subarray(2, 2 + received.readUInt16BE(0)));
      if (response?.id === id) end({ kind: 'answer', response, transport: 'tcp', localAddress });
      else end({ kind: 'failed', reason: 'the answer over TCP is no reply to the question' });
    });
  });
}

/** A busy process finds its timers due before it has looked at its sockets: what has arrived meanwhile comes first. */
function afterArrivals(task: () => void): void {
  setImmediate(task);
}

const IS_RESPONSE = 0x80;

function decode(bytes: Buffer): DnsResponse | undefined {
  // A query that was sent back is no reply, though it has our id and our question.
  if (((bytes[2] ?? 0) & IS_RESPONSE) === 0) return undefined;
  try {
    return decodeResponse(bytes);
  } catch {
    // Bytes that are no DNS message are treated as if they had not come.
    return undefined;
  }
}

function sameQuestion(response: DnsResponse, question: DnsQuestion): boolean {
  const bare = (name: string) => name.replace(/\.$/, '').toLowerCase();
  return response.questionName === '' || bare(response.questionName) === bare(question.name);
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code === 'ECONNREFUSED' ? 'connection refused: nothing listens on that port' : error.message;
}
