/** Targets of health checks that are either up or not there at all, and where all addresses of the fuzzer are on the globe. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeDatabase } from '../../geoip/writer.ts';
import type { TargetPlace } from './arbitrary-health.ts';

const UP = ['127.0.1.1', '127.0.1.2', '127.0.1.3', '127.0.1.4'];
const DOWN = ['127.0.1.101', '127.0.1.102', '127.0.1.103'];

export interface RunningTargets extends TargetPlace {
  close(): Promise<void>;
}

export async function startTargets(): Promise<RunningTargets> {
  const servers: Server[] = [];
  let httpPort = 0;
  for (const [i, address] of UP.entries()) {
    const server = createServer((request, response) => {
      const body = bodyOf(request.url ?? '', i);
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    httpPort = await listen(server, address, httpPort);
    servers.push(server);
  }
  return { up: UP, down: DOWN, httpPort, close: async () => void (await Promise.all(servers.map(close))) };
}

/** Each target has a weight of its own. */
function bodyOf(path: string, index: number): string | undefined {
  if (path === '/ok') return 'all is ok';
  if (path === '/weight') return `${(index + 1) * 10} apples`;
  return path === '/empty' ? '' : undefined;
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Places for the targets and for clients without a network. */
export function loopbackDatabase(): Buffer {
  return writeDatabase([
    { network: '127.0.0.1', country: 'DE', continent: 'EU', region: 'BE', lat: 52.5, lon: 13.4, asn: 64_500 },
    { network: '127.9.8.0/24', country: 'US', continent: 'NA', region: 'NY', city: 'New York', lat: 40.7, lon: -74 },
    { network: '127.0.1.1', country: 'NL', lat: 52.4, lon: 4.9 },
    { network: '127.0.1.2', country: 'US', lat: 37.3, lon: -121.9 },
    { network: '127.0.1.3', country: 'JP', lat: 35.7, lon: 139.7 },
    { network: '127.0.1.101', country: 'FR', lat: 48.9, lon: 2.4 },
    { network: '127.0.1.102', country: 'BR', lat: -23.5, lon: -46.6 },
  ]);
}
