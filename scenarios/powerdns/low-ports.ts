/**
 * Ports below 1024, where this process may not listen on them: the records then name ports that it may listen on. Different
 * ports stay different, so that checks are shared or not as before.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

const FIRST_FREE_PORT = 1024;
const RAISED_BY = 30_000;

/** By trying; every address of loopback is as good as another. */
export async function canListenLow(address: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(FIRST_FREE_PORT - 1, address);
    await once(server, 'listening');
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'EACCES');
  } finally {
    server.close();
  }
}

export function raisedPort(port: number): number {
  return port < FIRST_FREE_PORT ? port + RAISED_BY : port;
}

/** In the text of a zone: the ports of URLs, written or not, those of `ifportup`, and those written behind addresses. */
export function raiseLowPorts(text: string): string {
  return text
    .replace(URL, (whole, scheme: string, host: string, written: string | undefined) => {
      const port = written === undefined ? (scheme.toLowerCase() === 'https' ? 443 : 80) : Number(written);
      return port < FIRST_FREE_PORT ? `${scheme}://${host}:${raisedPort(port)}` : whole;
    })
    .replace(IFPORTUP, (_, before: string, port: string) => `${before}${raisedPort(Number(port))}`)
    .replace(BEHIND_ADDRESS, (_, before: string, port: string) => `${before}${raisedPort(Number(port))}`);
}

const URL = /\b(https?):\/\/([^/:?#'"\s]+)(?::(\d+))?(?=[/?#'"])/gi;
const IFPORTUP = /(\bifportup\s*\(\s*['"]?)(\d+)/g;
const BEHIND_ADDRESS = /(['"]\d+(?:\.\d+){3}:)(\d+)(?=['"])/g;
