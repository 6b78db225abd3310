/**
 * What PowerDNS answers before it looks at a zone: to operations it does not do, questions about itself, names and classes
 * it refuses. Measured on 4.7.3, 4.9.17 and 5.1.5, which agree in all of it but their version.
 */

import { quoteCharacterString } from '../simulator/answer/rdata.ts';
import { splitLabels } from '../simulator/zone/name.ts';
import type { DnsQuery } from './dns-query.ts';
import type { DnsReply, ReplyCode } from './dns-reply.ts';
import type { DnsRecord } from './message.ts';

/** Settings of PowerDNS that these replies hang on. */
export interface ServerManners {
  /**
   * What `version.bind` is answered with: `PowerDNS Authoritative Server 5.1.5` unless `version-string` says otherwise.
   * Undefined (`anonymous`): SERVFAIL.
   */
  readonly versionString: string | undefined;
  /** `server-id`; the default is the host's name. Undefined (`disabled`): it does not tell. */
  readonly serverId: string | undefined;
  /** `any-to-tcp` (default yes): questions of type ANY over UDP are sent to TCP. */
  readonly anyToTcp: boolean;
}

/**
 * The reply to a question that no zone has to be looked at for; undefined where one has to. Without an ECS scope, which is
 * the caller's to add (0, or the client's on 4.9 and later). Zone transfers and updates are refused, and so is a signature,
 * for nobody here knows a key.
 */
export function standingReply(query: DnsQuery, transport: 'udp' | 'tcp', manners: ServerManners): DnsReply | undefined {
  const { serverId } = manners;
  const say = (rcode: ReplyCode): DnsReply => ({ rcode, authoritative: true, serverId });
  if (transport === 'tcp' && (query.type === 'AXFR' || query.type === 'IXFR')) return say('NOTAUTH');
  if (query.edns !== undefined && query.edns.version > 0) return say('BADVERS');
  const unknownKey = say(query.opcode === 'UPDATE' ? 'REFUSED' : 'NOTAUTH');
  if (query.hasTsig) return unknownKey;
  if (query.typeNumber === TKEY) return query.hasTkey ? unknownKey : say('FORMERR');
  if (!query.hasQuestion || !isNameServed(query)) return say('SERVFAIL');
  if (query.opcode !== 'QUERY') return say('REFUSED');
  if (query.type === 'IXFR') return say('REFUSED');
  if (query.class === 'CH') return { ...say('NOERROR'), ...aboutItself(query, manners) };
  if (query.class !== 'IN' && query.class !== 'ANY') return say('REFUSED');
  if (query.type === 'ANY' && transport === 'udp' && manners.anyToTcp) return { ...say('NOERROR'), truncated: true };
  return undefined;
}

const TKEY = 249;

/** PowerDNS answers SERVFAIL to names with any other byte in them. */
function isNameServed({ name }: DnsQuery): boolean {
  return splitLabels(name).every((label) => /^(?:[A-Za-z0-9 *\-/:@_]|\\\\|\\\.|\\032)*$/.test(label));
}

function aboutItself(query: DnsQuery, { versionString, serverId }: ServerManners): Partial<DnsReply> {
  if (query.type !== 'TXT') return { rcode: 'NOTIMP' };
  switch (query.name.toLowerCase()) {
    case 'version.bind.':
    case 'version.pdns.':
      return versionString === undefined ? { rcode: 'SERVFAIL' } : { answers: [textRecord(query.name, versionString)] };
    case 'id.server.':
      return serverId === undefined ? { rcode: 'REFUSED' } : { answers: [textRecord(query.name, serverId)] };
    default:
      return { rcode: 'REFUSED' };
  }
}

function textRecord(owner: string, text: string): DnsRecord {
  return { owner, type: 'TXT', ttlSeconds: 5, rdata: quoteCharacterString(Buffer.from(text)) };
}
