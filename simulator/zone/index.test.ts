import { expect, test } from 'vitest';
import { indexZone, wildcardFor } from './index.ts';
import { parseZoneFile } from './zonefile.ts';

const TEXT = `@ 60 IN SOA ns1 host 1 60 60 60 60
*.w 60 IN TXT "wildcard"
deep.er.w 60 IN A 192.0.2.1
`;
const zone = indexZone({
  name: 'acme.test.',
  records: parseZoneFile(TEXT, { file: 'acme.test', origin: 'acme.test.' }),
});

test('a name that only others hang below exists without records', () => {
  expect(zone.at('er.w.acme.test.')).toEqual([]);
  expect(zone.at('ER.w.acme.test.')).toEqual([]);
  expect(zone.at('w.acme.test.')).toEqual([]);
  expect(zone.at('other.w.acme.test.')).toBeUndefined();
});

test('no wildcard covers a name below one that exists without records', () => {
  expect(wildcardFor(zone, 'x.er.w.acme.test.')).toBeUndefined();
  expect(wildcardFor(zone, 'x.w.acme.test.')).toHaveLength(1);
});
