/** Asks two servers the same questions from the same sockets: what code sees of its client is then the same, ports too. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type IpAddress, parseAddress, parseNetmask } from '../../geoip/address.ts';
import type { Question } from '../../simulator/answer/question.ts';
import { type DnsQuery, decodeQuery } from '../../wire/dns-query.ts';
import { type DnsResponse, decodeResponse, encodeQuery } from '../../wire/message.ts';
import { TcpFrames, tcpFrame } from '../../wire/tcp-frames.ts';
import type { ServerAddress } from '../../wire/transport.ts';
import type { FuzzQuestion } from './arbitrary-question.ts';

const TIMEOUT_MS = 8000;
const OPT_BYTES = 11;
const OPT_SIZE_AT = 3;
const CLIENT_SUBNET = 8;
const ARCOUNT_AT = 10;
const FLAGS_AT = 3;
const CHECKING_DISABLED = 0x10;

interface Waiting {
  readonly server: ServerAddress;
  readonly resolve: (response: DnsResponse) => void;
}

export class DnsClient {
  readonly #sockets: ReadonlyMap<string, Socket>;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;

  private constructor(sockets: ReadonlyMap<string, Socket>) {
    this.#sockets = sockets;
    for (const socket of sockets.values()) {
      socket.on('message', (bytes, from) => {
        const id = bytes.readUInt16BE(0);
        const waiting = this.#waiting.get(id);
        if (waiting === undefined || waiting.server.port !== from.port) return;
        this.#waiting.delete(id);
        waiting.resolve(decodeResponse(bytes));
      });
    }
  }

  static async open(addresses: readonly string[]): Promise<DnsClient> {
    const sockets = new Map<string, Socket>();
    for (const address of addresses) {
      const socket = createSocket('udp4');
      socket.bind(0, address);
      await once(socket, 'listening');
      sockets.set(address, socket);
    }
    return new DnsClient(sockets);
  }

  /** The question as the simulator takes it. The port of a TCP client is not known beforehand. */
  modelled(question: FuzzQuestion): Question {
    const { name, edns, recursionDesired, checkingDisabled } = readQuery(question);
    return {
      name,
      type: question.type,
      client: requireAddress(question.from),
      clientPort: this.#socket(question.from).address().port,
      tcp: question.tcp,
      recursionDesired,
      checkingDisabled,
      ...(edns === undefined ? {} : { ednsSize: edns.udpSize, dnssecOk: edns.dnssecOk }),
      ...(edns?.clientSubnet === undefined ? {} : { ecs: edns.clientSubnet.prefix }),
    };
  }

  /** Undefined where no answer comes in time. */
  async ask(server: ServerAddress, question: FuzzQuestion): Promise<DnsResponse | undefined> {
    this.#nextId = (this.#nextId + 1) & 0xffff;
    const id = this.#nextId;
    const query = bytesOf(id, question);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<undefined>((resolve) => {
      // What has arrived while this process was busy comes first.
      timer = setTimeout(() => setImmediate(() => resolve(undefined)), TIMEOUT_MS);
    });
    const answer = question.tcp
      ? overTcp(server, query, question.from)
      : this.#overUdp(server, id, query, question.from);
    try {
      return await Promise.race([answer, timeout]);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
  }

  #overUdp(server: ServerAddress, id: number, query: Buffer, from: string): Promise<DnsResponse> {
    return new Promise((resolve) => {
      this.#waiting.set(id, { server, resolve });
      this.#socket(from).send(query, server.port, server.address);
    });
  }

  #socket(address: string): Socket {
    const socket = this.#sockets.get(address);
    if (socket === undefined) throw new RangeError(`no socket at ${address}`);
    return socket;
  }
}

function overTcp(server: ServerAddress, query: Buffer, from: string): Promise<DnsResponse | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port, localAddress: from });
    const frames = new TcpFrames();
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
    socket.on('data', (bytes) => {
      const [message] = frames.push(bytes);
      if (message === undefined) return;
      resolve(decodeResponse(message));
      socket.destroy();
    });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.write(tcpFrame(query));
  });
}

/** The question as a server reads it; the bytes of queries have tests of their own. */
export function readQuery(question: FuzzQuestion): DnsQuery {
  const decoded = decodeQuery(bytesOf(0, question), question.tcp ? 'tcp' : 'udp');
  if (decoded.kind === 'drop') throw new RangeError(decoded.reason);
  return decoded.query;
}

function bytesOf(id: number, question: FuzzQuestion): Buffer {
  const { name, type, dnssecOk, recursionDesired, udpSize } = question;
  const withEdns = encodeQuery(id, { name, type, dnssecOk, recursionDesired });
  const bare = withEdns.subarray(0, withEdns.length - OPT_BYTES);
  if (udpSize === undefined) bare.writeUInt16BE(0, ARCOUNT_AT);
  if (question.checkingDisabled) bare.writeUInt8(bare.readUInt8(FLAGS_AT) | CHECKING_DISABLED, FLAGS_AT);
  if (udpSize === undefined) return bare;
  const opt = Buffer.from(withEdns.subarray(bare.length));
  const options = subnetsOf(question).map((data) => Buffer.concat([u16(CLIENT_SUBNET), u16(data.length), data]));
  opt.writeUInt16BE(udpSize, OPT_SIZE_AT);
  opt.writeUInt16BE(Buffer.concat(options).length, OPT_BYTES - 2);
  return Buffer.concat([bare, opt, ...options]);
}

/** The data of the client subnet options. */
function subnetsOf({ ecs }: FuzzQuestion): Buffer[] {
  if (ecs === undefined) return [];
  if (ecs.startsWith('0x'))
    return ecs
      .split('0x')
      .slice(1)
      .map((hex) => Buffer.from(hex, 'hex'));
  const [network = '', scope = '0'] = ecs.split('/scope ');
  const prefix = parseNetmask(network);
  if (prefix === undefined) throw new RangeError(`'${network}' is no network`);
  const { address, length } = prefix;
  const bytes = address.bytes.subarray(0, Math.ceil(length / 8));
  return [Buffer.concat([u16(address.family === 4 ? 1 : 2), Buffer.from([length, Number(scope)]), bytes])];
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function requireAddress(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(`'${text}' is no address`);
  return address;
}
