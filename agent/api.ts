/** The agent over HTTP: the page, metrics, health, and JSON. Read-only but for `/-/reload`. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { UserError } from '../input/errors.ts';
import { closestWord } from '../input/spelling.ts';
import type { Agent } from './agent.ts';
import { type Endpoint, formatEndpoint } from './config.ts';
import { explain } from './explain.ts';
import { driftsSince } from './history-view.ts';
import { INSTANT_FORMS, parseInstant } from './instant.ts';
import { publishMetrics } from './publish.ts';
import { checksView, crossCheckView, driftView, stateView } from './view.ts';

export interface ApiParts {
  /** The agent of now: a reload may put another in its place. */
  readonly agent: () => Agent;
  /** Rejects with a `UserError` where the new configuration is not good; the old one then goes on. */
  readonly reload: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Handler = (parts: ApiParts, query: URLSearchParams) => Answer | Promise<Answer>;

/** By path, then by method. */
const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/': { GET: () => page() },
  '/metrics': {
    GET: async ({ agent }) => {
      const { metrics } = agent();
      publishMetrics(agent());
      return { status: 200, type: metrics.contentType, body: await metrics.text() };
    },
  },
  '/-/healthy': { GET: () => text(200, 'healthy\n') },
  '/-/ready': { GET: ({ agent }) => ready(agent()) },
  '/-/reload': { POST: ({ reload }) => reloaded(reload) },
  '/api/v1/state': { GET: ({ agent }) => json(200, stateView(agent())) },
  '/api/v1/drifts': {
    GET: ({ agent }, query) => driftList(agent(), query.get('since')),
  },
  '/api/v1/records': {
    GET: ({ agent }) => {
      const views = agent().servers.flatMap((server) =>
        (server.content?.crossChecks ?? []).map((crossCheck) => crossCheckView(server, crossCheck)),
      );
      return json(200, views);
    },
  },
  '/api/v1/checks': { GET: ({ agent }) => json(200, checksView(agent())) },
  '/api/v1/explain': {
    GET: ({ agent }, query) => {
      const { status, value } = explain(agent(), query);
      return json(status, value);
    },
  },
};

/**
 * Listens until closed. Rejects with `E_LISTEN` (exit code 3: this machine does not have the address to give) where it
 * cannot be had.
 */
export async function serveApi(endpoint: Endpoint, parts: ApiParts): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(parts, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(endpoint, cause)));
    server.listen({ host: endpoint.address, port: endpoint.port }, resolve);
  });
  return server;
}

const LAST_ANSWER_MS = 500;

/** Stops listening at once; answers that are being sent have half a second to end. */
export function closeApi(server: Server): void {
  server.close();
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), LAST_ANSWER_MS).unref();
}

function listenError(endpoint: Endpoint, cause: NodeJS.ErrnoException): UserError {
  const why = LISTEN_PROBLEMS[cause.code ?? ''] ?? cause.message;
  const message = `cannot listen on ${formatEndpoint(endpoint)}: ${why}`;
  const hint = 'Choose another address: listen: ADDRESS:PORT in the configuration, or --listen ADDRESS:PORT.';
  return new UserError('E_LISTEN', message, { hint, exitCode: 3, cause });
}

const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'this user may not; ports below 1024 are for root',
};

async function answer(parts: ApiParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, type, body, headers } = await route(parts, request).catch(failure);
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function route(parts: ApiParts, request: IncomingMessage): Promise<Answer> {
  // Not resolved against a base: a path such as `//` would be taken for a host.
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const methods = ROUTES[path];
  if (methods === undefined) return notFound(path);
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  const handler = methods[method];
  if (handler === undefined) return notAllowed(path, method, Object.keys(methods));
  return handler(parts, new URLSearchParams(query));
}

function failure(error: unknown): Answer {
  const isStarting = error instanceof UserError;
  const code = isStarting ? error.code : 'E_INTERNAL';
  return json(isStarting ? 503 : 500, { code, message: error instanceof Error ? error.message : String(error) });
}

function driftList(agent: Agent, since: string | null): Answer {
  if (since === null) {
    const drifts = agent.book.all();
    return json(
      200,
      drifts.map((drift) => driftView(agent, drift)),
    );
  }
  const sinceMs = parseInstant(since);
  if (sinceMs !== undefined) return json(200, driftsSince(agent, sinceMs));
  return json(400, { code: 'E_DRIFTS_SINCE', message: `since=${since} is no time; write ${INSTANT_FORMS}` });
}

function ready(agent: Agent): Answer {
  if (agent.isReady) return text(200, 'ready\n');
  const waiting = agent.servers.filter(({ sweeps, sourceProblem }) => sweeps === 0 && sourceProblem === undefined);
  const names = waiting.map(({ config }) => config.name).join(', ');
  return text(503, `not ready: the first sweep over all records is not done on ${names}\n`);
}

async function reloaded(reload: () => Promise<void>): Promise<Answer> {
  try {
    await reload();
    return text(200, 'reloaded\n');
  } catch (error) {
    if (error instanceof UserError) return text(400, `${error.describe()}\nThe old configuration goes on.\n`);
    throw error;
  }
}

const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

let pageText: string | undefined;

function page(): Answer {
  pageText ??= readFileSync(new URL('./page.html', import.meta.url), 'utf8');
  return { status: 200, type: 'text/html; charset=utf-8', body: pageText, headers: PAGE_HEADERS };
}

function notFound(path: string): Answer {
  const known = Object.keys(ROUTES);
  const meant = closestWord(path, known);
  const hint = meant === undefined ? `there is ${known.join(', ')}` : `did you mean ${meant}?`;
  return json(404, { code: 'E_NOT_FOUND', message: `${path} does not exist; ${hint}` });
}

function notAllowed(path: string, method: string, allowed: readonly string[]): Answer {
  const allow = allowed.join(', ');
  const refused = json(405, { code: 'E_METHOD', message: `${path} takes ${allow}, not ${method}` });
  return { ...refused, headers: { allow } };
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value, undefined, 2)}\n` };
}
