/** Asks two servers the same questions from the same sockets: what code sees of its client is then the same, ports too. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type IpAddress, parseAddress, parsePrefix } from '../../geoip/address.ts';
import type { Question } from '../../simulator/answer/evaluate.ts';
import { type DnsResponse, decodeResponse, encodeQuery } from '../../wire/message.ts';
import { TcpFrames, tcpFrame } from '../../wire/tcp-frames.ts';
import type { ServerAddress } from '../../wire/transport.ts';
import type { FuzzQuestion } from './arbitrary-case.ts';

const TIMEOUT_MS = 8000;
const OPT_BYTES = 11;
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
    const ecs = ecsOf(question);
    return {
      name: question.name,
      type: question.type,
      client: requireAddress(question.from),
      clientPort: this.#socket(question.from).address().port,
      tcp: question.tcp,
      dnssecOk: question.dnssecOk,
      recursionDesired: question.recursionDesired,
      checkingDisabled: question.checkingDisabled,
      ...(ecs === undefined ? {} : { ecs }),
      ...(question.edns ? { ednsSize: 1232 } : {}),
    };
  }

  /** Undefined where no answer comes in time. */
  async ask(server: ServerAddress, question: FuzzQuestion): Promise<DnsResponse | undefined> {
    this.#nextId = (this.#nextId + 1) & 0xffff;
    const id = this.#nextId;
    const query = bytesOf(id, question);
    const timer = new AbortController();
    const timeout = new Promise<undefined>((resolve) => {
      // What has arrived while this process was busy comes first.
      const handle = setTimeout(() => setImmediate(() => resolve(undefined)), TIMEOUT_MS);
      timer.signal.addEventListener('abort', () => clearTimeout(handle));
    });
    const answer = question.tcp
      ? overTcp(server, query, question.from)
      : this.#overUdp(server, id, query, question.from);
    try {
      return await Promise.race([answer, timeout]);
    } finally {
      timer.abort();
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

function bytesOf(id: number, question: FuzzQuestion): Buffer {
  const ecs = ecsOf(question);
  const { name, type, dnssecOk, recursionDesired } = question;
  const withEdns = encodeQuery(id, { name, type, dnssecOk, recursionDesired, ...(ecs === undefined ? {} : { ecs }) });
  const query = question.edns ? withEdns : withEdns.subarray(0, withEdns.length - OPT_BYTES);
  if (!question.edns) query.writeUInt16BE(0, ARCOUNT_AT);
  if (question.checkingDisabled) query.writeUInt8(query.readUInt8(FLAGS_AT) | CHECKING_DISABLED, FLAGS_AT);
  return query;
}

function ecsOf({ ecs }: FuzzQuestion) {
  return ecs === undefined ? undefined : parsePrefix(ecs);
}

function requireAddress(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(`'${text}' is no address`);
  return address;
}
