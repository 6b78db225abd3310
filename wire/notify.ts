/** Hears NOTIFY (RFC 1996): a primary tells that a zone has changed. */
import dgram from 'node:dgram';
import net from 'node:net';
import { UserError } from '../input/errors.ts';
import { typeNumber } from '../simulator/zone/record-type.ts';
import { errorCode } from './probe-error.ts';
import { HEADER_BYTES, readMessage } from './raw-message.ts';
import { MalformedMessage, readName } from './raw-name.ts';
import { TcpFrames, tcpFrame } from './tcp-frames.ts';
import type { ServerAddress } from './transport.ts';

export interface NotifyListener {
  close(): Promise<void>;
}

/**
 * Listens over UDP and TCP. `onNotify` gets the zone's name in canonical spelling, and the address the message came from,
 * once for each message: a primary that sees no answer sends again. Whatever is no NOTIFY gets no answer.
 *
 * Throws `E_NOTIFY_LISTEN` where it cannot listen.
 */
export async function listenForNotify(
  at: ServerAddress,
  onNotify: (zone: string, from: string) => void,
): Promise<NotifyListener> {
  const udp = await listenUdp(at, onNotify);
  try {
    const tcp = await listenTcp(at, onNotify);
    return {
      close: async () => {
        await Promise.all([udp.close(), tcp.close()]);
      },
    };
  } catch (error) {
    await udp.close();
    throw error;
  }
}

/** What a message notifies of, and the answer to it; undefined for any other message. */
export function readNotify(message: Buffer): { readonly zone: string; readonly answer: Buffer } | undefined {
  try {
    const { isResponse, opcode, questions } = readMessage(message);
    const [question, ...more] = questions;
    if (isResponse || opcode !== NOTIFY || question === undefined || more.length > 0) return undefined;
    if (question.type !== SOA_TYPE || question.class !== CLASS_IN) return undefined;
    return { zone: question.name, answer: answerTo(message) };
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined;
    throw error;
  }
}

const NOTIFY = 4;
const SOA_TYPE = typeNumber('SOA');
const CLASS_IN = 1;
const QR = 0x8000;
const AA = 0x0400;

/** The header and the question as they came, with QR and AA, and nothing else. */
function answerTo(message: Buffer): Buffer {
  const answer = Buffer.from(message.subarray(0, readName(message, HEADER_BYTES).end + 4));
  answer.writeUInt16BE(QR | AA | (NOTIFY << 11), 2);
  answer.writeUInt16BE(1, 4);
  answer.fill(0, 6, HEADER_BYTES);
  return answer;
}

function listenUdp(at: ServerAddress, onNotify: (zone: string, from: string) => void): Promise<NotifyListener> {
  const socket = dgram.createSocket(net.isIPv6(at.address) ? 'udp6' : 'udp4');
  const close = () => new Promise<void>((resolve) => socket.close(() => resolve()));
  socket.on('message', (message, { address, port }) => {
    const notify = readNotify(message);
    if (notify === undefined) return;
    // Port 0 is a forged one: nothing can be sent there.
    if (port !== 0) socket.send(notify.answer, port, address, () => {});
    onNotify(notify.zone, address);
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(listenError(at, 'UDP', error));
    });
    socket.bind(at.port, at.address, () => {
      socket.removeAllListeners('error');
      // Later errors are those of single answers: the sender asks again.
      socket.on('error', () => {});
      resolve({ close });
    });
  });
}

const MAX_CONNECTIONS = 32;
const IDLE_TIMEOUT_MS = 5000;

function listenTcp(at: ServerAddress, onNotify: (zone: string, from: string) => void): Promise<NotifyListener> {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    const from = socket.remoteAddress ?? '';
    const frames = new TcpFrames();
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy());
    socket.on('data', (bytes) => {
      for (const message of frames.push(bytes)) {
        const notify = readNotify(message);
        if (notify === undefined) {
          socket.destroy();
          return;
        }
        socket.write(tcpFrame(notify.answer));
        onNotify(notify.zone, from);
      }
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of open) socket.destroy();
      server.close(() => resolve());
    });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(at, 'TCP', error)));
    server.listen({ host: at.address, port: at.port }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {});
      resolve({ close });
    });
  });
}

function listenError(at: ServerAddress, transport: string, cause: Error): UserError {
  const code = errorCode(cause) ?? '';
  const where = at.address.includes(':') ? `[${at.address}]:${at.port}` : `${at.address}:${at.port}`;
  return new UserError(
    'E_NOTIFY_LISTEN',
    `cannot listen for NOTIFY on ${where} (${transport}): ${REASONS[code] ?? cause.message}`,
    {
      hint: 'Give notify: an address of this machine and a free port, and name the same in also-notify of the primary. Without NOTIFY changes are still found by asking for the serial.',
      exitCode: 3,
      cause,
    },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'that is no address of this machine',
  EACCES: 'this user may not listen on that port',
};
