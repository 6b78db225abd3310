import { connect } from 'node:net';
import { join } from 'node:path';

const timeoutMs = 5_000;

/**
 * Sends one command to the control socket of a server, as `pdns_control` does, and returns its answer without the final
 * line end. Rejects where the server does not answer within five seconds.
 */
export function control(socketDir: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: join(socketDir, 'pdns.controlsocket'), timeout: timeoutMs });
    let answer = '';
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(`${command}\n`));
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.once('close', () => resolve(answer.trimEnd()));
    socket.once('error', reject);
    socket.once('timeout', () => {
      socket.destroy();
      reject(new Error(`the server did not answer "${command}" within ${timeoutMs} ms`));
    });
  });
}
