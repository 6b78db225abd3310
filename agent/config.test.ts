import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UserError } from '../input/errors.ts';
import { configForDirectory, formatEndpoint, parseConfig, parseDuration, parseEndpoint } from './config.ts';

const FOLDER = new URL('fixtures/config/', import.meta.url);
const ENDPOINT = 'expected ADDRESS:PORT, such as 127.0.0.1:53 or [::1]:53';
const DURATION = 'expected a duration with its unit, such as 5s, 500ms, 1h';
const PAUSE = 'expected a duration from 50ms to 1d, such as 5s';
const PROFILE = 'expected auto or one of 4.7, 4.8, 4.9, 5.0, 5.1, in quotes';
const SOURCE = 'expected { api, keyFile, zones? }, { configDir }, { zoneFiles } or { axfr, zones, notify? }';

/** Every file of the folder: where it is wrong and what is said. */
const WRONG: Readonly<Record<string, readonly [place: string, message: string, hint?: string]>> = {
  'address-is-a-name.yaml': [':3:5', `servers.0.address: ${ENDPOINT}`],
  'address-without-port.yaml': [':3:5', `servers.0.address: ${ENDPOINT}`],
  'alias-unknown.yaml': [
    ':4:13',
    'there is no &directory that *directory could mean',
    "Write &directory before a value above, or put '*directory' in quotes if it is text.",
  ],
  'client-twice.yaml': [
    ':7:5',
    "two clients are named 'plain'",
    'Names are labels of metrics, so each client needs one of its own.',
  ],
  'clients-empty.yaml': [':2:1', 'clients: expected at least one entry, got none'],
  'concurrency-fraction.yaml': [':6:3', 'probes.concurrency: expected a whole number from 1 to 10000'],
  'duration-unit-unknown.yaml': [':5:1', `sourceRefresh: ${DURATION}`],
  'duration-without-unit.yaml': [':6:3', `crossCheck.interval: ${DURATION}`],
  'empty-servers.yaml': [':1:1', 'servers: expected at least one server'],
  'empty.yaml': ['', 'servers is missing'],
  'interval-zero.yaml': [':6:3', `crossCheck.interval: ${PAUSE}`],
  'keep-zero.yaml': [':5:24', 'history.keep: expected at least 1m'],
  'key-file-missing.yaml': [':1:49', 'servers.0.source.keyFile is missing'],
  'key-twice.yaml': [':4:5', 'Map keys must be unique', 'Leave one of the two out, or put what they hold under one.'],
  'listen-port.yaml': [':5:1', `listen: ${ENDPOINT}`],
  'name-empty.yaml': [':1:13', 'servers.0.name: expected some text, got none'],
  'no-servers.yaml': ['', 'servers is missing'],
  'not-a-mapping.yaml': ['', 'expected a mapping that starts with servers:'],
  'profile-unknown.yaml': [':4:5', `servers.0.profile: ${PROFILE}`],
  'profile-unquoted.yaml': [':4:5', `servers.0.profile: ${PROFILE}`],
  'rate-negative.yaml': [':6:3', 'crossCheck.queriesPerSecond: expected a number above 0, up to 10000'],
  'refresh-too-long.yaml': [':5:1', `sourceRefresh: ${PAUSE}`],
  'refresh-zero.yaml': [':5:1', `sourceRefresh: ${PAUSE}`],
  'server-twice.yaml': [
    ':5:5',
    "two servers are named 'fra'",
    'Names are labels of metrics, so each server needs one of its own.',
  ],
  'source-missing.yaml': [':2:5', `servers.0.source: ${SOURCE}`],
  'source-mixed.yaml': [':4:5', `servers.0.source: ${SOURCE}`],
  'subnet-bad.yaml': [':7:5', 'clients.0.subnet: expected a network such as 198.51.100.0/24, host bits clear'],
  'tab.yaml': [':3:1', 'Tabs are not allowed as indentation', 'Indent with blanks.'],
  'timeout-zero.yaml': [':5:15', `crossCheck.timeout: ${PAUSE}`],
  'unknown-key.yaml': [':5:1', "unknown key 'crosCheck'", "Did you mean 'crossCheck'?"],
  'unknown-server-key.yaml': [':3:5', "servers.0: unknown key 'adress'", "Did you mean 'address'?"],
  'unknown-source-key.yaml': [':1:59', "servers.0.source: unknown key 'apii'", "Did you mean 'api'?"],
  'zone-files-empty.yaml': [':1:59', 'servers.0.source.zoneFiles: expected at least one entry, got none'],
  'zone-files-no-list.yaml': [':1:59', 'servers.0.source.zoneFiles: expected a list, got z.txt'],
  'zones-empty.yaml': [':1:81', 'servers.0.source.zones: expected at least one entry, got none'],
};

function problemOf(file: string): UserError {
  try {
    parseConfig(readFileSync(new URL(file, FOLDER), 'utf8'), file);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error(`${file} is taken for right`);
}

test.each(readdirSync(FOLDER))('a wrong configuration says where and what: %s', (file) => {
  const [place, message, hint] = WRONG[file] ?? ['', 'no message is expected of this file'];
  const problem = problemOf(file);
  expect(problem.code).toBe('E_CONFIG');
  expect(problem.describe()).toBe(`${file}${place}: ${message} (E_CONFIG)${hint === undefined ? '' : `\n  ${hint}`}`);
});

test('everything that is wrong is told at once, each with its place', () => {
  const server = "{ name: fra, address: '127.0.0.1:53', source: { zoneFiles: [a.zone] } }";
  const complaint = (text: string) => {
    try {
      parseConfig(text, 'agent.yaml');
    } catch (error) {
      if (error instanceof UserError) return error.describe().split('\n');
      throw error;
    }
    return [];
  };
  expect(complaint(`servers: [${server}]\nsourceRefresh: soon\nlisten: here\n`)).toEqual([
    `agent.yaml:2:1: sourceRefresh: ${DURATION} (E_CONFIG)`,
    `agent.yaml:3:1: listen: ${ENDPOINT} (E_CONFIG)`,
  ]);
  const twice = complaint(`servers: [${server}, ${server}]\nclients: [{ name: eu }, { name: eu }, { name: eu }]\n`);
  expect(twice.filter((line) => line.includes('named'))).toEqual([
    "agent.yaml:1:86: two servers are named 'fra' (E_CONFIG)",
    "agent.yaml:2:27: two clients are named 'eu' (E_CONFIG)",
    "agent.yaml:2:41: two clients are named 'eu' (E_CONFIG)",
  ]);
});

test('the smallest configuration has a default for all the rest', () => {
  const config = parseConfig(
    'servers: [{ name: fra, address: "127.0.0.1:53", source: { configDir: /etc/powerdns } }]',
    'agent.yaml',
  );
  expect(config).toEqual({
    servers: [
      {
        name: 'fra',
        address: { address: '127.0.0.1', port: 53 },
        profile: 'auto',
        source: { configDir: '/etc/powerdns' },
      },
    ],
    clients: [{ name: 'plain' }],
    crossCheck: { interval: 5000, queriesPerSecond: 50, timeout: 2000 },
    probes: { concurrency: 256 },
    sourceRefresh: 5000,
    listen: { address: '127.0.0.1', port: 9953 },
  });
});

test('a configuration for one directory is the same as a file that names it', () => {
  const file = 'servers: [{ name: pdns, address: "[::1]:5300", source: { configDir: /d } }]\ngeoip: /g.mmdb\n';
  const address = { address: '::1', port: 5300 };
  expect(configForDirectory('/d', address, '/g.mmdb')).toEqual(parseConfig(file, 'agent.yaml'));
});

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['5s', 5000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['5', undefined],
    ['s', undefined],
    ['-5s', undefined],
    ['5 s', undefined],
    ['5S', undefined],
  ])('%j', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });
});

describe('an endpoint', () => {
  test.each(['127.0.0.1:53', '[::1]:53', '[2001:db8::1]:65535'])('%s is written as it is read', (text) => {
    const endpoint = parseEndpoint(text);
    expect(endpoint === undefined ? undefined : formatEndpoint(endpoint)).toBe(text);
  });

  test.each(['127.0.0.1', '::1:53', '127.0.0.1:65536', 'localhost:53', '[127.0.0.1:53', ':53', '127.0.0.1:'])(
    '%j is none',
    (text) => {
      expect(parseEndpoint(text)).toBeUndefined();
    },
  );
});
