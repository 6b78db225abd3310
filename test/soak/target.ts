import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export const BEHAVIOURS = [
  'ok',
  'slow',
  'unavailable',
  'reset',
  'hang',
  'refuse',
  'only for the shadow',
  'never for the shadow',
] as const;

/**
 * How a target treats a probe. `slow` is up all the same; `unavailable` answers 503; `reset` ends the connection after
 * the request; `hang` takes the request and stays silent; `refuse` does not listen. `only for the shadow` answers 503 to
 * requests without `X-Pdns-Shadow`, `never for the shadow` to those with it.
 */
export type Behaviour = (typeof BEHAVIOURS)[number];

const SLOW_MS = 300;
const UNAVAILABLE = 503;

/** An HTTP server that behaves as it is told, from one request to the next. For TCP checks it is down only in `refuse`. */
export class Target {
  readonly #address: string;
  readonly #port: number;
  #behaviour: Behaviour = 'ok';
  #server: Server | undefined;

  constructor(address: string, port: number) {
    this.#address = address;
    this.#port = port;
  }

  async become(behaviour: Behaviour): Promise<void> {
    this.#behaviour = behaviour;
    if (behaviour === 'refuse') this.#close();
    else if (this.#server === undefined) await this.#listen();
  }

  close(): void {
    this.#close()?.closeAllConnections();
  }

  async #listen(): Promise<void> {
    const server = createServer((request, response) => this.#treat(request, response));
    this.#server = server;
    server.listen(this.#port, this.#address, 1024);
    await once(server, 'listening');
  }

  #close(): Server | undefined {
    const server = this.#server;
    this.#server = undefined;
    // The listening socket is gone at once; requests under way end as they would have.
    server?.close();
    return server;
  }

  #treat(request: IncomingMessage, response: ServerResponse): void {
    const isShadow = request.headers['x-pdns-shadow'] !== undefined;
    switch (this.#behaviour) {
      case 'hang':
        break;
      case 'reset':
        request.socket.resetAndDestroy();
        break;
      case 'slow':
        setTimeout(() => answer(response, true), SLOW_MS);
        break;
      case 'ok':
        answer(response, true);
        break;
      case 'only for the shadow':
        answer(response, isShadow);
        break;
      case 'never for the shadow':
        answer(response, !isShadow);
        break;
      case 'unavailable':
      case 'refuse':
        answer(response, false);
        break;
    }
  }
}

function answer(response: ServerResponse, isUp: boolean): void {
  response.writeHead(isUp ? 200 : UNAVAILABLE, { connection: 'close' }).end(isUp ? 'ok\n' : 'out of order\n');
}
