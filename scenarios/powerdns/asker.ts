/** Asks one server over UDP, many questions at once, each as the client of a scenario that it stands for. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Question } from '../../simulator/answer/question.ts';
import { type DnsResponse, decodeResponse, encodeQuery } from '../../wire/message.ts';
import { proxyHeader } from './proxy-header.ts';

export interface AskedReply {
  /** Undefined: none came. */
  readonly response: DnsResponse | undefined;
  /** `performance.now()`, between which the server made the answer. */
  readonly sentMs: number;
  readonly heardMs: number;
}

interface Waiting {
  readonly sentMs: number;
  readonly timer: NodeJS.Timeout;
  resolve(reply: AskedReply): void;
}

/** A server on a machine that is busy may need so long; then it says nothing. */
const PATIENCE_MS = 3000;
const CLIENT_PORT = 40_000;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export class Asker {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #id = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (bytes) => this.#heard(bytes));
    // A port that nobody listens on: the question times out.
    socket.on('error', () => {});
  }

  /** `from`: the loopback address that the server takes PROXY headers from. */
  static async open(from: string): Promise<Asker> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    socket.bind(0, from);
    await once(socket, 'listening');
    return new Asker(socket);
  }

  /** Never rejects. */
  ask(server: { readonly address: string; readonly port: number }, question: Question): Promise<AskedReply> {
    const id = this.#nextId();
    const { name, type, client, ecs } = question;
    const query = encodeQuery(id, { name, type, ...(ecs === undefined ? {} : { ecs }) });
    const header = proxyHeader(client, question.clientPort ?? CLIENT_PORT, server.port);
    return new Promise((resolve) => {
      const sentMs = performance.now();
      const timer = setTimeout(() => this.#end(id, undefined), PATIENCE_MS);
      this.#waiting.set(id, { sentMs, timer, resolve });
      this.#socket.send(Buffer.concat([header, query]), server.port, server.address);
    });
  }

  close(): void {
    for (const id of [...this.#waiting.keys()]) this.#end(id, undefined);
    this.#socket.close();
  }

  #heard(bytes: Buffer): void {
    try {
      const response = decodeResponse(bytes);
      this.#end(response.id, response);
    } catch {
      // No DNS message: as if it had not come.
    }
  }

  #end(id: number, response: DnsResponse | undefined): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve({ response, sentMs: waiting.sentMs, heardMs: performance.now() });
  }

  #nextId(): number {
    do this.#id = (this.#id + 1) % 65_536;
    while (this.#waiting.has(this.#id));
    return this.#id;
  }
}
