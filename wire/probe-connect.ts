import { isIP, type LookupFunction, connect as netConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { buildConnector } from 'undici';
import type { ProbeUrl } from './probe-url.ts';

export interface ProbeEndpoint {
  readonly url: ProbeUrl;
  /** Where to connect in place of the URL's host. */
  readonly address: string | undefined;
  readonly source: string | undefined;
  /** Resolves names that are not pinned; absent = the host's resolver. */
  readonly lookup: LookupFunction | undefined;
}

export interface ProbeConnector {
  readonly connect: buildConnector.connector;
  /** Ends the connection, established or not. */
  destroy(): void;
}

/**
 * Connects one undici client as libcurl would: to the pinned address, from `source`, TLS without any verification and
 * with the URL's host as SNI, at most 300 s for connecting. The first thing undici writes is replaced by `head`: undici
 * always adds a `connection` header and writes `host` its own way, PowerDNS's request has neither.
 */
export function probeConnector(endpoint: ProbeEndpoint, head: string): ProbeConnector {
  let socket: Socket | undefined;
  return {
    connect(_options, callback) {
      const connecting = endpoint.url.secure ? openTls(endpoint) : openPlain(endpoint);
      socket = connecting;
      const timer = setTimeout(
        () => connecting.destroy(new Error(`no connection within ${CONNECT_LIMIT_MS} ms`)),
        CONNECT_LIMIT_MS,
      );
      const fail = (error: Error): void => callback(error, null);
      connecting.once('close', () => clearTimeout(timer));
      connecting.once('error', fail);
      connecting.once(endpoint.url.secure ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer);
        connecting.off('error', fail);
        replaceFirstWrite(connecting, head);
        callback(null, connecting);
      });
    },
    destroy() {
      // A socket destroyed while connecting may still complain, and undici is not listening yet.
      socket?.on('error', () => {});
      socket?.destroy();
    },
  };
}

/** libcurl's own limit for connecting, which holds where the probe has none. */
const CONNECT_LIMIT_MS = 300_000;

function openPlain(endpoint: ProbeEndpoint): Socket {
  return netConnect(connectOptions(endpoint));
}

function openTls(endpoint: ProbeEndpoint): Socket {
  const serverName = endpoint.url.host.toLowerCase().replace(/\.$/, '');
  return tlsConnect({
    ...connectOptions(endpoint),
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
}

function connectOptions({ url, address, source, lookup }: ProbeEndpoint) {
  return {
    host: address ?? url.host,
    port: url.port,
    ...(source === undefined ? {} : { localAddress: source, family: isIP(source) }),
    ...(lookup === undefined ? {} : { lookup }),
  };
}

function replaceFirstWrite(socket: Socket, head: string): void {
  const write = socket.write;
  socket.write = (): boolean => {
    socket.write = write;
    return socket.write(head);
  };
}
