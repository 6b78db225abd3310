/** Flags that several commands share. */
import type { InferredOptionTypes, Options } from 'yargs';
import { RELEASE_LINES } from '../simulator/profile/profile.ts';

export const zoneOptions = {
  zone: { type: 'string', array: true, requiresArg: true, describe: 'Zone file (repeatable)' },
  'config-dir': {
    type: 'string',
    requiresArg: true,
    describe: 'Folder of pdns.conf; zones, settings and GeoIP files come from there',
  },
  api: { type: 'string', requiresArg: true, describe: "URL of PowerDNS's REST API, such as http://127.0.0.1:8081" },
  'api-key-file': { type: 'string', requiresArg: true, describe: "File that holds the API's key" },
} as const satisfies Record<string, Options>;

export const modelOptions = {
  pdns: {
    type: 'string',
    choices: RELEASE_LINES,
    requiresArg: true,
    describe: 'Release line; default: that of the server whose API is read, else 5.1',
  },
  geoip: { type: 'string', requiresArg: true, describe: 'MMDB files, written as in geoip-database-files' },
  format: {
    type: 'string',
    choices: ['text', 'json'] as const,
    default: 'text' as const,
    requiresArg: true,
    describe: 'For people or for programs',
  },
} as const satisfies Record<string, Options>;

export type ZoneFlags = InferredOptionTypes<typeof zoneOptions>;
export type ModelFlags = InferredOptionTypes<typeof modelOptions>;
