import { describe, expect, test } from 'vitest';
import { PROFILES } from '../simulator/profile/index.ts';
import { serverSettings } from './server-settings.ts';

const read = (values: Record<string, string>, line: keyof typeof PROFILES = '5.1') =>
  serverSettings(new Map(Object.entries(values)), PROFILES[line]);

test('what is not set has the default of PowerDNS', () => {
  expect(read({})).toEqual({
    answer: {
      luaRecords: false,
      ednsSubnetProcessing: false,
      luaRecordsInsertWhitespace: false,
      luaRecordsExecLimit: 1000,
    },
    checkIntervalSeconds: 5,
    checkExpireDelaySeconds: 3600,
    contentCacheSeconds: 60,
    packetCacheSeconds: 20,
  });
});

test('4.9 inserts whitespace between chunks by default', () => {
  expect(read({}, '4.9').answer.luaRecordsInsertWhitespace).toBe(true);
  expect(read({ 'lua-records-insert-whitespace': 'no' }, '4.9').answer.luaRecordsInsertWhitespace).toBe(false);
});

test('lua-records-exec-limit is read', () => {
  expect(read({ 'lua-records-exec-limit': '5000' }).answer.luaRecordsExecLimit).toBe(5000);
  expect(read({ 'lua-records-exec-limit': '0' }).answer.luaRecordsExecLimit).toBe(0);
});

describe('enable-lua-records', () => {
  test.each([
    ['no', false],
    ['yes', true],
    ['shared', true],
    ['', true],
  ])('%j', (value, isOn) => {
    expect(read({ 'enable-lua-records': value }).answer.luaRecords).toBe(isOn);
  });
});

describe('a setting that is on or off', () => {
  test.each([
    ['yes', true],
    ['on', true],
    ['1', true],
    ['true', true],
    ['', true],
    ['no', false],
    ['off', false],
    ['0', false],
  ])('%j', (value, isOn) => {
    expect(read({ 'edns-subnet-processing': value }).answer.ednsSubnetProcessing).toBe(isOn);
  });
});

test('times', () => {
  const settings = read({
    'lua-health-checks-interval': '2',
    'lua-health-checks-expire-delay': '60',
    'query-cache-ttl': '90',
    'negquery-cache-ttl': '10',
    'cache-ttl': '0',
  });
  expect(settings).toMatchObject({
    checkIntervalSeconds: 2,
    checkExpireDelaySeconds: 60,
    contentCacheSeconds: 90,
    packetCacheSeconds: 0,
  });
});

test('an interval of 0 makes PowerDNS spin, and is not shadowed faster than once a second', () => {
  expect(read({ 'lua-health-checks-interval': '0' }).checkIntervalSeconds).toBe(1);
});

test('what is no number counts as not set', () => {
  expect(read({ 'cache-ttl': 'long', 'lua-health-checks-interval': 'often' })).toMatchObject({
    packetCacheSeconds: 20,
    checkIntervalSeconds: 5,
  });
});
