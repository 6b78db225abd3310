/** Two fake regions: web servers on loopback addresses whose health can be changed. */
import { createServer, type Server } from 'node:http';

export type Health = 'well' | 'failing' | 'failing for PowerDNS only';

export interface Region {
  readonly name: string;
  readonly address: string;
  health: Health;
}

export interface Regions {
  readonly port: number;
  readonly fsn: Region;
  readonly hel: Region;
  close(): void;
}

/** Both regions listen on one port, so that one URL fits both. */
export async function startRegions(): Promise<Regions> {
  const fsn: Region = { name: 'fsn', address: '127.0.0.2', health: 'well' };
  const hel: Region = { name: 'hel', address: '127.0.0.3', health: 'well' };
  for (let attempt = 0; ; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const servers = [fsn, hel].map(webServer);
    try {
      await Promise.all(servers.map((server, i) => listen(server, port, [fsn, hel][i]?.address ?? '')));
      return { port, fsn, hel, close: () => servers.forEach(end) };
    } catch (error) {
      servers.forEach(end);
      if (attempt === 10) throw error;
    }
  }
}

function webServer(region: Region): Server {
  return createServer((request, response) => {
    const fromAgent = request.headers['x-pdns-shadow'] !== undefined;
    const isWell = region.health === 'well' || (region.health === 'failing for PowerDNS only' && fromAgent);
    response.writeHead(isWell ? 200 : 503, { connection: 'close' });
    response.end(isWell ? 'OK\n' : 'unavailable\n');
  });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => resolve());
  });
}

function end(server: Server): void {
  server.closeAllConnections();
  server.close();
}
