import { isIP, type LookupFunction } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import type { HttpProbeRequest, ProbeResult } from '../simulator/health/probe.ts';
import { failed, httpVerdict, timedOut } from '../simulator/health/verdict.ts';
import { type BodyReader, bodyReader } from './probe-body.ts';
import { type ProbeEndpoint, probeConnector } from './probe-connect.ts';
import { describeNetworkError, MAX_TIMER_MS, sourceProblem } from './probe-error.ts';
import { headProblem, probeHead } from './probe-head.ts';
import { type ProbeUrl, parsePin, parseProbeUrl, pinnedAddress, resolveLocation } from './probe-url.ts';

export interface HttpProbeOptions {
  /** Sent as `X-Pdns-Shadow`; absent = PowerDNS's own bytes only. */
  readonly shadowVersion?: string;
  /** Resolves names that are not pinned; absent = the host's resolver. */
  readonly lookup?: LookupFunction;
}

/**
 * PowerDNS's HTTP check: up once the transfer is complete, its final status is the expected one and the body contains
 * `stringMatch`. Redirects are followed as libcurl follows them, each hop on a connection of its own; the address holds
 * for the URL's own host and port only. Certificates are never verified. A wrong status is reported at once, where
 * PowerDNS may read the body first.
 *
 * Never rejects. Aborting `signal` closes the connection and settles the promise with a result nobody should use.
 *
 * Differs from PowerDNS: HTTP/1.1 only (libcurl may negotiate HTTP/2 over TLS), no proxy from the environment, and
 * undici's parser refuses what libcurl tolerates (lines that end in LF alone, an unasked `100 Continue`); the reason
 * says so.
 */
export async function probeHttp(
  request: HttpProbeRequest,
  signal: AbortSignal,
  options: HttpProbeOptions = {},
): Promise<ProbeResult> {
  const startedMs = performance.now();
  const ending = new AbortController();
  const cancel = (): void => ending.abort(new Error('cancelled'));
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const timer =
    request.timeoutMs > 0
      ? setTimeout(
          () => ending.abort(new Error(timedOut(request.timeoutMs).reason)),
          Math.min(request.timeoutMs, MAX_TIMER_MS),
        )
      : undefined;
  try {
    const answer = await followRedirects(request, options, ending.signal);
    ending.signal.throwIfAborted();
    return judge(request, answer, performance.now() - startedMs);
  } catch (error) {
    return failed(describeNetworkError(ending.signal.aborted ? ending.signal.reason : error));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

/** What a whole probe or one hop of it came to. */
type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: BodyReader }
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  | { readonly kind: 'failed'; readonly reason: string };

function judge(request: HttpProbeRequest, answer: Answer, elapsedMs: number): ProbeResult {
  if (answer.kind === 'failed') return failed(answer.reason);
  if (answer.kind === 'redirect' && answer.status === request.expectedStatus) {
    return failed(`${answer.status} to ${answer.location} was not followed`);
  }
  const { matched, number } = answer.kind === 'answer' ? answer.body : { matched: true, number: undefined };
  return httpVerdict(request, { status: answer.status, matched, bodyNumber: number, elapsedMs });
}

async function followRedirects(
  request: HttpProbeRequest,
  options: HttpProbeOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const problem = headProblem(request);
  if (problem !== undefined) return { kind: 'failed', reason: problem };
  const parsed = parseProbeUrl(request.url);
  if (parsed.kind === 'unusable') return { kind: 'failed', reason: parsed.reason };
  const parsedPin = request.address === undefined ? undefined : parsePin(request.url, request.address);
  if (parsedPin?.kind === 'unusable') return { kind: 'failed', reason: parsedPin.reason };

  let url = parsed.url;
  for (let followed = 0; ; followed++) {
    signal.throwIfAborted();
    const address = pinnedAddress(parsedPin?.pin, url);
    const endpoint = { url, address, source: request.source, lookup: options.lookup };
    const answer = await askOnce(
      request,
      endpoint,
      probeHead(request, { url, first: parsed.url }, options.shadowVersion),
      signal,
    );
    if (answer.kind !== 'redirect') return answer;
    if (request.redirectLimit !== undefined && followed >= request.redirectLimit) {
      return { kind: 'failed', reason: `more than ${request.redirectLimit} redirects` };
    }
    const next = resolveLocation(url, answer.location);
    if (next.kind === 'unusable') {
      return { kind: 'failed', reason: `${answer.status} to ${answer.location}: ${next.reason}` };
    }
    url = next.url;
  }
}

async function askOnce(
  request: HttpProbeRequest,
  endpoint: ProbeEndpoint,
  head: string,
  signal: AbortSignal,
): Promise<Answer> {
  const target = endpoint.address ?? endpoint.url.host;
  const problem = isIP(target) === 0 ? undefined : sourceProblem(endpoint.source, target);
  if (problem !== undefined) return { kind: 'failed', reason: problem };

  const connector = probeConnector(endpoint, head);
  const client = new Client(originOf(endpoint.url), {
    connect: connector.connect,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  const abandon = (): void => {
    connector.destroy();
    client.destroy(asError(signal.reason)).catch(() => {});
  };
  signal.addEventListener('abort', abandon, { once: true });
  try {
    // Path and headers are those of `head`; what is given here is never sent.
    const response = await client.request({ method: 'GET', path: '/' });
    return await readAnswer(request, response);
  } finally {
    signal.removeEventListener('abort', abandon);
    connector.destroy();
    await client.destroy();
  }
}

/** libcurl refuses more since 8.3. */
const MAX_HEADER_BYTES = 300 * 1024;

/** libcurl hands a body over in buffers of this size and looks at the byte limit after each. */
const LIBCURL_BUFFER_BYTES = 16_384;

/** For undici's eyes only: the connector decides where the connection goes. */
function originOf(url: ProbeUrl): string {
  return url.secure ? 'https://target.invalid' : 'http://target.invalid';
}

async function readAnswer(request: HttpProbeRequest, response: Dispatcher.ResponseData): Promise<Answer> {
  const { statusCode: status, headers, body } = response;
  // Leaving a body unread makes undici's stream complain; nobody else is listening.
  body.on('error', () => {});
  const location = redirectLocation(status, headers.location);
  const reader = bodyReader(request.stringMatch);
  if (location === undefined) {
    if (status === request.expectedStatus) await readBody(body, reader, request.bytesLimit);
    return { kind: 'answer', status, body: reader };
  }
  if (bodyIsDelimited(headers)) {
    const stopped = await readBody(body, reader, request.bytesLimit).catch(() => 'broken' as const);
    // The byte limit ends the whole transfer, here before the redirect was followed.
    if (stopped === 'limit') return { kind: 'answer', status, body: reader };
  }
  return { kind: 'redirect', status, location };
}

/** The first `Location` that is not empty; libcurl follows it from every 3xx. */
function redirectLocation(status: number, header: string | string[] | undefined): string | undefined {
  if (status < 300 || status > 399) return undefined;
  return [header ?? []]
    .flat()
    .map((location) => location.trim())
    .find((location) => location !== '');
}

/** Whether libcurl reads (and ignores) the body of a redirect: it does where the connection could be kept. */
function bodyIsDelimited(headers: Dispatcher.ResponseData['headers']): boolean {
  if (/\bclose\b/i.test([headers.connection ?? []].flat().join())) return false;
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

async function readBody(
  body: AsyncIterable<Uint8Array>,
  reader: BodyReader,
  bytesLimit: number,
): Promise<'end' | 'limit'> {
  for await (const chunk of body) {
    for (let offset = 0; offset < chunk.length; offset += LIBCURL_BUFFER_BYTES) {
      reader.add(chunk.subarray(offset, offset + LIBCURL_BUFFER_BYTES));
      if (bytesLimit > 0 && reader.bytes > bytesLimit) return 'limit';
    }
  }
  return 'end';
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
