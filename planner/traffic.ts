/**
 * What one probe sends, both ways, in bytes of IP packets. A model: a connection is opened and closed with packets that carry
 * timestamps, a request and its answer are acknowledged once each, and nothing is lost.
 */
import type { Check } from '../simulator/health/check.ts';
import { probeRequest } from '../simulator/health/check.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import type { TargetAssumptions, TargetState } from './fleet.ts';

/** Headers of IPv4 and TCP with timestamps; the first two packets also agree on window and segment sizes. */
const PACKET_BYTES = 52;
const SYN_BYTES = 60;
const RST_BYTES = 40;
const IPV6_BYTES = 20;
const SEGMENT_BYTES = 1448;

export function probeBytes(check: Check, state: TargetState, targets: TargetAssumptions, profile: Profile): number {
  const request = probeRequest(check, profile);
  if (request.kind === 'failing') return 0;
  const address = request.address ?? '';
  const more = address.includes(':') ? IPV6_BYTES : 0;
  const packets = (count: number) => count * (PACKET_BYTES + more);
  const handshake = 2 * (SYN_BYTES + more) + packets(1);
  if (state === 'refuses') return SYN_BYTES + RST_BYTES + 2 * more;
  // Sent again after a second, within the default timeout of two.
  if (state === 'hangs') return 2 * (SYN_BYTES + more);
  if (request.kind === 'tcp') return handshake + packets(3);
  const isTls = /^https:/i.test(request.url);
  const sent = requestBytes(request.url, request.userAgent, request.headers);
  const answered = targets.responseBytes;
  const segments = (bytes: number) => Math.ceil(bytes / SEGMENT_BYTES) * 2;
  const tls = isTls ? targets.tlsBytes + packets(segments(targets.tlsBytes)) : 0;
  return handshake + tls + sent + answered + packets(segments(sent) + segments(answered)) + packets(3);
}

/** As libcurl in PowerDNS writes it. */
function requestBytes(url: string, userAgent: string, headers: Readonly<Record<string, string>>): number {
  const [, host = '', path = ''] = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(url) ?? [];
  const lines = [
    `GET ${path === '' ? '/' : path} HTTP/1.1`,
    `Host: ${host}`,
    `User-Agent: ${userAgent}`,
    'Accept: */*',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return lines.reduce((sum, line) => sum + line.length + 2, 2);
}
