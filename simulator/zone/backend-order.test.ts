import { expect, test } from 'vitest';
import { bindBackendOrder } from './backend-order.ts';
import { parseZoneFile } from './zonefile.ts';

test('the bind backend hands out the last written record of a name first', () => {
  const text = 'a 60 LUA A "\'192.0.2.9\'"\na 300 A 192.0.2.9\na CNAME b\na CNAME c';
  const records = bindBackendOrder(parseZoneFile(text, { file: 'z', origin: 'acme.test.' }));
  expect(records.map((record) => `${record.ttlSeconds} ${record.kind} ${record.type}`)).toEqual([
    '300 static CNAME',
    '300 static CNAME',
    '300 static A',
    '60 lua A',
  ]);
  expect(records[0]).toMatchObject({ rdata: 'c.acme.test.' });
});
