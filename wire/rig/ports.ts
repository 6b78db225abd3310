import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv6 } from 'node:net';

const attempts = 50;

/** A port that is free for UDP and for TCP on an address now. Another process may take it before it is used. */
export async function freePort(address: string): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = await portFreeOverTcp(address);
    if (await isFreeOverUdp(address, port)) return port;
  }
  throw new Error(`no port of ${address} is free for both UDP and TCP (${attempts} tried)`);
}

async function portFreeOverTcp(address: string): Promise<number> {
  const server = createServer();
  server.listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  if (bound === null || typeof bound === 'string') throw new Error(`a TCP socket on ${address} has no port`);
  return bound.port;
}

async function isFreeOverUdp(address: string, port: number): Promise<boolean> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    socket.bind(port, address);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
