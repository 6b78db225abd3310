/** Where a server's records and settings are read from. */
import type { Zone } from '../simulator/zone/record.ts';
import { readApiKeyFile } from '../wire/powerdns-api.ts';
import { apiSource } from './api-source.ts';
import { axfrSource } from './axfr-source.ts';
import type { SourceConfig } from './config.ts';
import { directorySource } from './directory-source.ts';
import { fileSource } from './file-source.ts';

export interface SourceReading {
  readonly zones: readonly Zone[];
  /** By zone name in lower case: the serial that the server should answer with. */
  readonly serials: ReadonlyMap<string, number>;
  /** Settings by name. */
  readonly settings: ReadonlyMap<string, string>;
  /** Where the source is a running server. */
  readonly version?: string;
  readonly uptimeSeconds?: number;
  readonly warnings: readonly string[];
  /** Zones that should be there and could not be read while others could: nothing of them is watched. */
  readonly unreadZones?: readonly UnreadZone[];
}

export interface UnreadZone {
  readonly zone: string;
  /** A sentence for people. */
  readonly problem: string;
  /** The server cannot load it either, and answers SERVFAIL for it. */
  readonly isRejected?: true;
}

export interface Source {
  /** For people: `the API at http://…`. */
  readonly description: string;
  /** Throws `UserError`. `whole`: read everything again, also zones whose serial has not changed. */
  read(whole: boolean, signal: AbortSignal): Promise<SourceReading>;
  /**
   * Where the source itself tells that there is something new: calls `onNews`, after which `read` sees it, until `signal`
   * aborts. Throws `UserError` where it cannot listen; reading again and again still works then.
   */
  watch?(onNews: () => void, signal: AbortSignal): Promise<void>;
}

export function openSource(config: SourceConfig): Source {
  if ('api' in config) {
    const { api, keyFile, zones } = config;
    return apiSource(api, () => readApiKeyFile(keyFile), keyFile, zones);
  }
  if ('axfr' in config) return axfrSource(config);
  return 'configDir' in config ? directorySource(config.configDir) : fileSource(config.zoneFiles);
}
