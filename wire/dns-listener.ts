/**
 * Listens for questions over UDP and TCP. dns2 holds the sockets, cuts TCP into messages and answers several questions of a
 * connection; what a message says is read by `dns-query`, because dns2's own reading loses bytes and drops OPT records.
 */
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import dns2 from 'dns2';
import { formatAddress, parseAddress } from '../geoip/address.ts';
import { UserError } from '../input/errors.ts';
import { type DnsQuery, decodeQuery } from './dns-query.ts';
import { type DnsReply, encodeReply, UDP_TRUNCATION_THRESHOLD } from './dns-reply.ts';
import { keepBytes, messageOf } from './dns2-bytes.ts';

export interface SocketEnd {
  /** IPv4 also where the socket is of IPv6 and the address is mapped. */
  readonly address: string;
  readonly port: number;
}

/** Between whom a question travels. */
export interface DnsPeers {
  readonly transport: 'udp' | 'tcp';
  readonly client: SocketEnd;
  /** Over UDP the address that was listened on, which may be `0.0.0.0` or `::`. */
  readonly local: SocketEnd;
}

export interface DnsListenOptions {
  /** IPv4 or IPv6. */
  readonly address: string;
  /** For both transports; 0 takes one that is free. */
  readonly port: number;
  /**
   * Called for every question that PowerDNS would read. `undefined`: no reply, which ends a TCP connection. Where it
   * throws, or names a record that no message can hold, the client gets SERVFAIL and `onError` the error.
   */
  readonly answer: (query: DnsQuery, peers: DnsPeers) => DnsReply | undefined;
  /** PowerDNS: `max-tcp-connections`, 20. Further ones are closed at once. */
  readonly maxTcpConnections: number;
  /** How long a TCP connection may say nothing. PowerDNS: `tcp-idle-timeout`, 5000 ms. */
  readonly idleTimeoutMs: number;
  /** PowerDNS: `udp-truncation-threshold`, 1232 bytes. */
  readonly udpTruncationThreshold?: number;
  readonly onError?: (error: unknown) => void;
}

export interface DnsListener {
  readonly port: number;
  /** Ends all connections too. May be called again. */
  close(): Promise<void>;
}

/**
 * Listens on one address, resolves when both transports do. No packet and no broken socket ends it. Throws `E_DNS_LISTEN`
 * where the address or the port cannot be had.
 */
export async function listenDns(options: DnsListenOptions): Promise<DnsListener> {
  keepBytes();
  for (let attempt = 1; ; attempt += 1) {
    const tcp = openTcp(options);
    const udp = openUdp(options);
    try {
      const port = await listenTcp(tcp.server, options);
      await listenUdp(udp, options.address, port);
      return { port, close: closeOnce(tcp, udp) };
    } catch (error) {
      await closeOnce(tcp, udp)();
      // The port that was free over TCP may be another's over UDP.
      const retry = options.port === 0 && attempt < PORT_ATTEMPTS && codeOf(error) === 'EADDRINUSE';
      if (!retry) throw listenError(options, error);
    }
  }
}

const PORT_ATTEMPTS = 20;
/** A client that asks on and on and reads no reply is cut off when so much waits for it. */
const MAX_UNREAD_BYTES = 1_048_576;

type Udp = InstanceType<typeof dns2.UDPServer>;

interface Tcp {
  readonly server: InstanceType<typeof dns2.TCPServer>;
  readonly connections: Set<Socket>;
}

function openUdp(options: DnsListenOptions): Udp {
  const server = new DatagramServer(net.isIPv6(options.address) ? 'udp6' : 'udp4', (bytes, client) => {
    const { address, port } = server.address();
    return replyTo(bytes, options, {
      transport: 'udp',
      client: socketEnd(client),
      local: socketEnd({ address, port }),
    });
  });
  server.on('error', ignore);
  return server;
}

/** dns2's server without its reader, and without its idea of what fits a datagram, which comes from that reader. */
class DatagramServer extends dns2.UDPServer {
  readonly #reply: (bytes: Buffer, client: SocketEnd) => Buffer | undefined;

  constructor(type: 'udp4' | 'udp6', reply: (bytes: Buffer, client: SocketEnd) => Buffer | undefined) {
    super({ type });
    this.#reply = reply;
  }

  override handle(bytes: Buffer, client: SocketEnd): void {
    const reply = this.#reply(bytes, client);
    if (reply !== undefined) this.send(reply, client.port, client.address, ignore);
  }
}

function openTcp(options: DnsListenOptions): Tcp {
  const connections = new Set<Socket>();
  const server = new dns2.TCPServer();
  server.maxConnections = options.maxTcpConnections;
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    socket.setTimeout(options.idleTimeoutMs);
    // dns2 only ends its own half then, and a client that keeps the other would hold its place for ever.
    socket.once('timeout', () => socket.destroy());
  });
  server.on('request', (request, send, client) => {
    // dns2 goes through all that has come, also when an earlier message has ended the connection.
    if (!(client instanceof net.Socket) || client.destroyed) return;
    const message = messageOf(request.header);
    const reply = message === undefined ? undefined : replyTo(message, options, peersOf(client));
    if (reply === undefined || client.writableLength > MAX_UNREAD_BYTES) client.destroy();
    else void send(reply);
  });
  server.on('requestError', ignore);
  return { server, connections };
}

function peersOf(socket: Socket): DnsPeers {
  return {
    transport: 'tcp',
    client: socketEnd({ address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }),
    local: socketEnd({ address: socket.localAddress ?? '', port: socket.localPort ?? 0 }),
  };
}

function replyTo(bytes: Buffer, options: DnsListenOptions, peers: DnsPeers): Buffer | undefined {
  const decoded = decodeQuery(bytes, peers.transport);
  if (decoded.kind === 'drop') return undefined;
  const { query } = decoded;
  const { udpTruncationThreshold = UDP_TRUNCATION_THRESHOLD } = options;
  const limits = { transport: peers.transport, udpTruncationThreshold };
  let reply: DnsReply | undefined;
  try {
    reply = options.answer(query, peers);
    return reply === undefined ? undefined : encodeReply(query, reply, limits);
  } catch (error) {
    options.onError?.(error);
    return encodeReply(query, failure(reply), limits);
  }
}

/** PowerDNS does without the records where it cannot read one, and then they do not narrow the scope either. */
function failure(reply: DnsReply | undefined): DnsReply {
  const ecsScope = reply?.ecsScope === undefined ? undefined : 0;
  return { rcode: 'SERVFAIL', authoritative: true, serverId: reply?.serverId, ecsScope };
}

function socketEnd({ address, port }: SocketEnd): SocketEnd {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const parsed = parseAddress(mapped ?? address);
  return { address: parsed === undefined ? address : formatAddress(parsed), port };
}

async function listenTcp(server: net.Server, { address, port }: DnsListenOptions): Promise<number> {
  server.listen({ port, host: address });
  await once(server, 'listening');
  server.on('error', ignore);
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : port;
}

async function listenUdp(server: Udp, address: string, port: number): Promise<void> {
  const listening = once(server, 'listening');
  server.bind(port, address);
  await listening;
}

function closeOnce(tcp: Tcp, udp: Udp): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const close = async () => {
    for (const socket of tcp.connections) socket.destroy();
    await Promise.all([closedTcp(tcp.server), closedUdp(udp)]);
  };
  return () => {
    closed ??= close();
    return closed;
  };
}

/** A server that never listened is closed already. */
function closedTcp(server: net.Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function closedUdp(server: Udp): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function listenError({ address, port }: DnsListenOptions, error: unknown): UserError {
  const code = codeOf(error);
  const reason = REASONS[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
  return new UserError('E_DNS_LISTEN', `cannot listen for DNS on ${address} port ${port}: ${reason}`, {
    hint: 'Choose another address or port; 0 takes a port that is free.',
    cause: error,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'ports below 1024 take privileges',
  EADDRNOTAVAIL: 'this machine does not have that address',
};

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function ignore(): void {
  // A packet that cannot be sent and a connection that breaks concern the client alone.
}
