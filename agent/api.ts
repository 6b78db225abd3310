/** The agent over HTTP: metrics, health, and the JSON behind the page. Read-only but for `/-/reload`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { UserError } from '../geoip/errors.ts';
import type { Agent } from './agent.ts';
import { type Endpoint, formatEndpoint } from './config.ts';
import { publishMetrics } from './publish.ts';
import { checksView, crossCheckView, driftView, explainView, stateView } from './view.ts';

export interface ApiParts {
  /** The agent of now: a reload may put another in its place. */
  readonly agent: () => Agent;
  readonly reload: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

type Handler = (parts: ApiParts, query: URLSearchParams) => Answer | Promise<Answer>;

const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /metrics': async ({ agent }) => {
    publishMetrics(agent());
    return { status: 200, type: agent().metrics.contentType, body: await agent().metrics.text() };
  },
  'GET /-/healthy': () => text(200, 'healthy\n'),
  'GET /-/ready': ({ agent }) =>
    agent().isReady ? text(200, 'ready\n') : text(503, 'not ready: the first sweep over all records is not done\n'),
  'POST /-/reload': async ({ reload }) => {
    try {
      await reload();
      return text(200, 'reloaded\n');
    } catch (error) {
      if (error instanceof UserError) return text(400, `${error.describe()}\nThe old configuration goes on.\n`);
      throw error;
    }
  },
  'GET /api/v1/state': ({ agent }) => json(200, stateView(agent())),
  'GET /api/v1/drifts': ({ agent }) => json(200, agent().book.all().map((drift) => driftView(agent(), drift))),
  'GET /api/v1/records': ({ agent }) =>
    json(
      200,
      agent().servers.flatMap((server) =>
        (server.content?.crossChecks ?? []).map((crossCheck) => crossCheckView(server, crossCheck)),
      ),
    ),
  'GET /api/v1/checks': ({ agent }) => json(200, checksView(agent())),
  'GET /api/v1/explain': ({ agent }, query) => explain(agent(), query),
};

/** Listens until closed. Rejects with `E_LISTEN` where the address cannot be had. */
export async function serveApi(endpoint: Endpoint, parts: ApiParts): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(parts, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'something else listens there' : cause.message;
      const message = `cannot listen on ${formatEndpoint(endpoint)}: ${why}`;
      reject(new UserError('E_LISTEN', message, { hint: 'Choose another address with listen: ADDRESS:PORT.', cause }));
    });
    server.listen({ host: endpoint.address, port: endpoint.port }, resolve);
  });
  return server;
}

async function answer(parts: ApiParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://agent');
  const handler = ROUTES[`${request.method} ${url.pathname}`];
  let result: Answer;
  try {
    result = handler === undefined ? notFound(url.pathname) : await handler(parts, url.searchParams);
  } catch (error) {
    result = json(500, { code: 'E_INTERNAL', message: error instanceof Error ? error.message : String(error) });
  }
  response.writeHead(result.status, { 'content-type': result.type, 'cache-control': 'no-store' });
  response.end(result.body);
}

function explain(agent: Agent, query: URLSearchParams): Answer {
  const wanted = { name: query.get('name'), type: query.get('type'), client: query.get('client'), server: query.get('server') };
  if (wanted.name === null) {
    const message = 'name is missing: /api/v1/explain?name=api.acme.test&type=A&client=eu&server=ns1';
    return json(400, { code: 'E_EXPLAIN_NAME', message });
  }
  const name = absolute(wanted.name);
  const found = agent.servers.flatMap((server) =>
    (server.content?.crossChecks ?? [])
      .filter(
        ({ watched, client }) =>
          (absolute(watched.owner) === name || absolute(watched.questionName) === name) &&
          (wanted.type === null || watched.type === wanted.type.toUpperCase()) &&
          (wanted.client === null || client === wanted.client) &&
          (wanted.server === null || server.config.name === wanted.server),
      )
      .map((crossCheck) => ({ server, crossCheck })),
  );
  const [first] = found;
  if (first === undefined) {
    const known = [...new Set(agent.servers.flatMap((server) => server.content?.names.map(({ owner }) => owner) ?? []))];
    const message = `no watched record fits; watched are ${known.slice(0, 20).join(', ') || 'none'}`;
    return json(404, { code: 'E_EXPLAIN_UNKNOWN', message });
  }
  if (found.length === 1) return json(200, explainView(agent, first.server, first.crossCheck));
  return json(200, found.map(({ server, crossCheck }) => explainView(agent, server, crossCheck)));
}

function absolute(name: string): string {
  return name.toLowerCase().replace(/\.?$/, '.');
}

function notFound(path: string): Answer {
  const known = Object.keys(ROUTES).map((route) => route.replace(/^GET /, ''));
  return json(404, { code: 'E_NOT_FOUND', message: `${path} does not exist; there is ${known.join(', ')}` });
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value, undefined, 2)}\n` };
}
