import { expect, test } from 'vitest';
import { zoneOf } from '../simulator/answer/fixtures/zone-model.ts';
import { parseZoneFile } from '../simulator/zone/zonefile.ts';
import { onLoopback, zoneText } from './loopback.ts';

const targets = { addresses: ['127.0.77.1', '127.0.77.2'], port: 8080 };
const codeOf = (code: string) => {
  const [record] = onLoopback(zoneOf(`www A ${code}`), targets).records;
  return record?.kind === 'lua' ? record.text : '';
};

test('records that are measured name no address but loopback', () => {
  expect(codeOf("ifurlup('https://svc.test/health',{{'192.0.2.1'},{'192.0.2.2:81','192.0.2.1'}},{timeout=1})")).toBe(
    `"ifurlup('http://measured.test:8080/',{{'127.0.77.1'},{'127.0.77.2','127.0.77.1'}},{timeout=1})"`,
  );
  expect(codeOf("ifportup( 443, {'2001:db8::1'})")).toBe(`"ifportup(8080, {'::1'})"`);
});

test('networks of clients stay as they are', () => {
  expect(codeOf("view({{{'192.0.2.0/24'},{'192.0.2.1'}}})")).toContain("'192.0.2.0/24'");
});

test('the zone can be read again', () => {
  const moved = onLoopback(zoneOf("www A pickrandom({'192.0.2.1'})"), targets);
  const records = parseZoneFile(zoneText(moved), { file: 'moved', origin: moved.name });
  expect(records.map(({ owner, type }) => `${owner} ${type}`)).toEqual([
    'example.org. SOA',
    'example.org. NS',
    'www.example.org. A',
  ]);
});
