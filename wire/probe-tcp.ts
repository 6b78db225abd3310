import { isIP, connect as netConnect, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { ProbeResult, TcpProbeRequest } from '../simulator/health/probe.ts';
import { describeNetworkError, errorCode, MAX_TIMER_MS, sourceProblem } from './probe-error.ts';

export type ConnectFunction = (options: TcpNetConnectOpts) => Socket;

/**
 * PowerDNS's TCP check: up once the connection is established, which is then closed without a byte sent. With a timeout
 * of 0 it does not wait: up, unless the attempt could not even start (no such source address, no route).
 *
 * Never rejects. Aborting `signal` destroys the socket and settles the promise with a result nobody should use.
 */
export function probeTcp(
  request: TcpProbeRequest,
  signal: AbortSignal,
  connect: ConnectFunction = netConnect,
): Promise<ProbeResult> {
  const problem = requestProblem(request);
  if (problem !== undefined) return Promise.resolve({ up: false, reason: problem });
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const socket = connect({
      host: request.address,
      port: request.port,
      ...(request.source === undefined ? {} : { localAddress: request.source }),
    });
    let timer: NodeJS.Timeout | undefined;
    let immediate: NodeJS.Immediate | undefined;
    const settle = (result: ProbeResult): void => {
      clearTimeout(timer);
      clearImmediate(immediate);
      signal.removeEventListener('abort', cancel);
      socket.destroy();
      resolve(result);
    };
    const cancel = (): void => settle({ up: false, reason: 'cancelled' });
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) return cancel();
    socket.once('connect', () =>
      settle({ up: true, reason: `connected in ${Math.round(performance.now() - startedMs)} ms` }),
    );
    // Stays after settling: a destroyed socket may still complain.
    socket.on('error', (error) => {
      if (request.timeoutMs > 0 || !answeredByNetwork(error)) {
        settle({ up: false, reason: describeNetworkError(error) });
      }
    });
    if (request.timeoutMs > 0) {
      timer = setTimeout(
        () => settle({ up: false, reason: `no connection within ${request.timeoutMs} ms` }),
        Math.min(request.timeoutMs, MAX_TIMER_MS),
      );
    } else {
      immediate = setImmediate(() => settle({ up: true, reason: 'timeout 0: up without waiting for the connection' }));
    }
  });
}

function requestProblem(request: TcpProbeRequest): string | undefined {
  if (isIP(request.address) === 0) return `${request.address} is not an address`;
  if (!Number.isInteger(request.port) || request.port < 0 || request.port > 65535) {
    return `${request.port} is not a port`;
  }
  return sourceProblem(request.source, request.address);
}

/** Errors that come back from the network, after PowerDNS with a timeout of 0 has stopped looking. */
function answeredByNetwork(error: Error): boolean {
  return ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH'].includes(errorCode(error) ?? '');
}
