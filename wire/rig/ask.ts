import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { type Answer, type DecodedPacket, decode, encode, type OptAnswer } from 'dns-packet';

export interface AskOptions {
  /** The client network to send in EDNS Client Subnet: `203.0.113.0/24`. */
  readonly ecs?: string;
  /** The source address of the question. */
  readonly from?: string;
  readonly tcp?: boolean;
  /** Default 10000: whoever waits for silence says how long. */
  readonly timeoutMs?: number;
}

export interface Reply {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, … */
  readonly rcode: string;
  /** The answer section: type, TTL and data as text, in the order of the message. */
  readonly answers: readonly {
    readonly name: string;
    readonly type: string;
    readonly ttlSeconds: number;
    readonly data: string;
  }[];
  /** The prefix length for which the server says that the answer holds; `undefined` without ECS in the reply. */
  readonly ecsScope: number | undefined;
  readonly authoritative: boolean;
  readonly truncated: boolean;
}

export type AskedServer = { readonly address: string; readonly port: number };

const defaultTimeoutMs = 10_000;
const rcodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** Asks one question of one server, once: no retry, no cache, no fallback to TCP. Rejects when the time is up. */
export async function ask(
  server: AskedServer,
  name: string,
  type: Answer['type'],
  options: AskOptions = {},
): Promise<Reply> {
  const id = Math.floor(Math.random() * 65_536);
  const question = encode({
    type: 'query',
    id,
    questions: [{ name, type }],
    additionals: options.ecs === undefined ? [] : [clientSubnet(options.ecs)],
  });
  const message = options.tcp ? await overTcp(server, question, options) : await overUdp(server, question, options);
  return readReply(decode(message), message);
}

function overUdp(server: AskedServer, question: Buffer, options: AskOptions): Promise<Buffer> {
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  const answer = new Promise<Buffer>((resolve, reject) => {
    socket.once('error', reject);
    socket.on('message', (message) => {
      if (message.length >= 12 && message.readUInt16BE(0) === question.readUInt16BE(0)) resolve(message);
    });
    const send = () => socket.send(question, server.port, server.address);
    if (options.from === undefined) send();
    else socket.bind(0, options.from, send);
  });
  return inTime(answer, server, options).finally(() => socket.close());
}

function overTcp(server: AskedServer, question: Buffer, options: AskOptions): Promise<Buffer> {
  const socket = connect({
    host: server.address,
    port: server.port,
    ...(options.from === undefined ? {} : { localAddress: options.from }),
  });
  const answer = new Promise<Buffer>((resolve, reject) => {
    let received = Buffer.alloc(0);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`${formatServer(server)} closed the connection without an answer`)));
    socket.on('data', (part) => {
      received = Buffer.concat([received, part]);
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        resolve(received.subarray(2, 2 + received.readUInt16BE(0)));
      }
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(question.length);
    socket.write(Buffer.concat([length, question]));
  });
  return inTime(answer, server, options).finally(() => socket.destroy());
}

function inTime(answer: Promise<Buffer>, server: AskedServer, options: AskOptions): Promise<Buffer> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`${formatServer(server)} did not answer within ${timeoutMs} ms`));
    // A busy process finds its timers due before it has looked at its sockets: what has arrived meanwhile comes first.
    const timer = setTimeout(() => setImmediate(fail), timeoutMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function formatServer(server: AskedServer): string {
  return `${server.address} port ${server.port}`;
}

function clientSubnet(network: string): OptAnswer {
  const [ip, length] = network.split('/');
  const family = isIPv6(ip ?? '') ? 2 : 1;
  const sourcePrefixLength = length === undefined ? (family === 2 ? 128 : 32) : Number(length);
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 1232,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [{ code: 8, ip, family, sourcePrefixLength, scopePrefixLength: 0 }],
  };
}

function readReply(packet: DecodedPacket, message: Buffer): Reply {
  const rcode = message.readUInt16BE(2) & 0x0f;
  return {
    rcode: rcodes[rcode] ?? `RCODE${rcode}`,
    answers: (packet.answers ?? []).map(readAnswer),
    ecsScope: ecsScope(packet),
    authoritative: packet.flag_aa,
    truncated: packet.flag_tc,
  };
}

function readAnswer(answer: Answer): Reply['answers'][number] {
  const data: unknown = 'data' in answer ? answer.data : undefined;
  const ttl = 'ttl' in answer ? answer.ttl : undefined;
  return { name: answer.name, type: answer.type, ttlSeconds: ttl ?? 0, data: formatData(data) };
}

function formatData(data: unknown): string {
  if (typeof data === 'string') return data;
  if (Array.isArray(data)) return data.map(String).join('');
  return JSON.stringify(data);
}

function ecsScope(packet: DecodedPacket): number | undefined {
  for (const record of packet.additionals ?? []) {
    if (record.type !== 'OPT') continue;
    for (const option of record.options) {
      if ('scopePrefixLength' in option) return option.scopePrefixLength;
    }
  }
  return undefined;
}
