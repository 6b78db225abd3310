import { expect, test } from 'vitest';
import { aliasesIn } from './aliases.ts';

const aliases = aliasesIn('127.20.7', 2, ['192.0.2.1', '192.0.2.10']);

test.each([
  ["ifportup(443, {'192.0.2.1','192.0.2.10'})", "ifportup(443, {'127.20.7.2','127.20.7.3'})"],
  ["ifportup(1, {'192.0.2.10:8080'})", "ifportup(1, {'127.20.7.3:8080'})"],
  ['192.0.2.10/32', '127.20.7.3/32'],
  ["ifurlup('http://192.0.2.1/', {'192.0.2.1'})", "ifurlup('http://127.20.7.2/', {'127.20.7.2'})"],
  ['api 30 IN A 192.0.2.1', 'api 30 IN A 127.20.7.2'],
])('%s moves to loopback and back', (written, moved) => {
  expect(aliases.toAliases(written)).toBe(moved);
  expect(aliases.toTargets(moved)).toBe(written);
});

test.each(['192.0.2.100', '192.0.2.1.example.', '1.192.0.2.1', 'a192.0.2.1', '192.0.2.2'])(
  '%s is no target',
  (text) => {
    expect(aliases.toAliases(text)).toBe(text);
  },
);
