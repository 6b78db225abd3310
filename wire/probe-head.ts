import type { HttpProbeRequest } from '../simulator/health/probe.ts';
import type { ProbeUrl } from './probe-url.ts';

/** One request of a probe: the first one, or one that a redirect leads to. */
export interface ProbeHop {
  readonly url: ProbeUrl;
  /** The URL that the probe began with; the same object for the first hop. */
  readonly first: ProbeUrl;
}

/**
 * The bytes that libcurl writes for a PowerDNS probe: request line, `Host`, `User-Agent`, `Accept` of anything, the
 * record's headers, and last `X-Pdns-Shadow` where `shadowVersion` is given.
 *
 * As in libcurl a configured header replaces the one of the same name; an empty one only removes it (`Host` is sent
 * empty). A configured `Host` goes to the first host name only, `Authorization` and `Cookie` to the first origin only.
 */
export function probeHead(
  request: Pick<HttpProbeRequest, 'userAgent' | 'headers'>,
  hop: ProbeHop,
  shadowVersion: string | undefined,
): string {
  const configured = Object.entries(request.headers);
  const sameHost = hop.url.host.toLowerCase() === hop.first.host.toLowerCase();
  const sameOrigin = sameHost && hop.url.port === hop.first.port && hop.url.secure === hop.first.secure;
  const named = (name: string): [string, string] | undefined =>
    configured.find(([configuredName]) => configuredName.toLowerCase() === name);

  const lines = [`GET ${hop.url.target} HTTP/1.1`];
  const host = sameHost ? named('host') : undefined;
  lines.push(`Host: ${host?.[1] ?? hop.url.hostHeader}`);
  if (hop.url.userInfo !== undefined && named('authorization') === undefined) {
    lines.push(`Authorization: Basic ${basicCredentials(hop.url.userInfo)}`);
  }
  if (named('user-agent') === undefined && request.userAgent !== '') lines.push(`User-Agent: ${request.userAgent}`);
  if (named('accept') === undefined) lines.push('Accept: */*');
  for (const [name, value] of configured) {
    const lowerName = name.toLowerCase();
    if (lowerName === 'host' || value.trim() === '') continue;
    if (!sameOrigin && (lowerName === 'authorization' || lowerName === 'cookie')) continue;
    lines.push(`${name}: ${value}`);
  }
  if (shadowVersion !== undefined) lines.push(`X-Pdns-Shadow: ${shadowVersion}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/**
 * Why these headers are not sent: a record's text that breaks out of its header line would write requests of its own.
 * PowerDNS sends it; nobody needs it.
 */
export function headProblem(request: Pick<HttpProbeRequest, 'userAgent' | 'headers'>): string | undefined {
  const texts = [request.userAgent, ...Object.entries(request.headers).flat()];
  return texts.some((text) => /[\r\n\0]/.test(text)) ? 'a header or the user agent contains a line break' : undefined;
}

function basicCredentials(userInfo: string): string {
  const colon = userInfo.indexOf(':');
  const user = colon === -1 ? userInfo : userInfo.slice(0, colon);
  const password = colon === -1 ? '' : userInfo.slice(colon + 1);
  return Buffer.from(`${percentDecode(user)}:${percentDecode(password)}`).toString('base64');
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
