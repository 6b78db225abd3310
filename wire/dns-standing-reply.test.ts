import { describe, expect, it } from 'vitest';
import { decodeQuery } from './dns-query.ts';
import { type ServerManners, standingReply } from './dns-standing-reply.ts';
import { optBytes, type QueryParts, queryBytes, recordBytes, u8 } from './fixtures/query-bytes.ts';

const manners: ServerManners = { versionString: 'PowerDNS 0', serverId: 'vm', anyToTcp: true };

function said(parts: QueryParts, transport: 'udp' | 'tcp' = 'udp', of = manners): string | undefined {
  const decoded = decodeQuery(queryBytes(parts), transport);
  if (decoded.kind === 'drop') throw new Error(decoded.reason);
  const reply = standingReply(decoded.query, transport, of);
  const text = reply?.answers?.map(({ rdata }) => rdata).join(' ');
  return reply && [reply.rcode, text, reply.truncated === true ? 'TC' : undefined].filter(Boolean).join(' ');
}

const TSIG = recordBytes(u8(0), 250, 255, Buffer.alloc(17));
const TKEY = recordBytes(u8(0), 249, 255, Buffer.alloc(17));
/** Written out where it holds over TCP only. */
const NO_REPLY = 'no standing reply';
const [ANY, IXFR, AXFR, TKEY_TYPE] = [255, 251, 252, 249];

describe('without a look at a zone', () => {
  const cases: readonly (readonly [what: string, parts: QueryParts, overUdp: string | undefined, overTcp?: string])[] =
    [
      ['an address', {}, undefined],
      ['class ANY', { class: 255 }, undefined],
      ['another class', { class: 4 }, 'REFUSED'],
      ['EDNS of another version', { flags: 0x2000, records: [optBytes({ version: 1 })] }, 'BADVERS'],
      ['a notification', { flags: 0x2000, type: 6 }, 'REFUSED'],
      ['an update', { flags: 0x2800, type: 6 }, 'REFUSED'],
      ['a signature', { records: [TSIG] }, 'NOTAUTH'],
      ['a signed update', { flags: 0x2800, records: [TSIG] }, 'REFUSED'],
      ['TKEY without a key', { type: TKEY_TYPE }, 'FORMERR'],
      ['TKEY with a key', { type: TKEY_TYPE, records: [TKEY] }, 'NOTAUTH'],
      ['a name with a semicolon', { name: 'a;b.example.org.' }, 'SERVFAIL'],
      ['a name with a byte above 127', { name: 'a\\200.example.org.' }, 'SERVFAIL'],
      ['a name with all that is served', { name: 'aZ0\\032*-/:@_\\\\\\..example.org.' }, undefined],
      ['ANY', { type: ANY }, 'NOERROR TC', NO_REPLY],
      ['IXFR', { type: IXFR }, 'REFUSED', 'NOTAUTH'],
      ['AXFR', { type: AXFR }, undefined, 'NOTAUTH'],
      ['AXFR with EDNS of another version', { type: AXFR, records: [optBytes({ version: 1 })] }, 'BADVERS', 'NOTAUTH'],
      ['its version', { name: 'Version.BIND.', type: 16, class: 3 }, 'NOERROR "PowerDNS 0"'],
      ['its name', { name: 'id.server.', type: 16, class: 3 }, 'NOERROR "vm"'],
      ['another name of class CHAOS', { name: 'hostname.bind.', type: 16, class: 3 }, 'REFUSED'],
      ['another type of class CHAOS', { name: 'version.bind.', class: 3 }, 'NOTIMP'],
    ];
  const rows = cases.map(([what, parts, overUdp, overTcp = overUdp]) => ({ what, parts, overUdp, overTcp }));
  it.each(rows)('$what', ({ parts, overUdp, overTcp }) => {
    expect(said(parts)).toBe(overUdp);
    expect(said(parts, 'tcp') ?? NO_REPLY).toBe(overTcp ?? NO_REPLY);
  });

  it('no question at all, which only TCP lets through', () => {
    expect(said({ counts: [0, 0, 0, 0], question: u8() }, 'tcp')).toBe('SERVFAIL');
  });

  it('as the settings say', () => {
    const silent: ServerManners = { versionString: undefined, serverId: undefined, anyToTcp: false };
    expect(said({ type: ANY }, 'udp', silent)).toBeUndefined();
    expect(said({ name: 'version.bind.', type: 16, class: 3 }, 'udp', silent)).toBe('SERVFAIL');
    expect(said({ name: 'id.server.', type: 16, class: 3 }, 'udp', silent)).toBe('REFUSED');
  });
});
