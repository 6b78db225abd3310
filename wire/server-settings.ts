/** The settings of a PowerDNS server that decide what it answers and when it probes. */
import type { AnswerSettings } from '../simulator/answer/server-model.ts';
import type { Profile } from '../simulator/profile/profile.ts';

export interface ServerSettings {
  readonly answer: AnswerSettings;
  /** `lua-health-checks-interval` */
  readonly checkIntervalSeconds: number;
  /** `lua-health-checks-expire-delay` */
  readonly checkExpireDelaySeconds: number;
  /** The longest that the server may go on with records as they were: `query-cache-ttl`, `negquery-cache-ttl`. */
  readonly contentCacheSeconds: number;
  /** `cache-ttl`: how long an old SOA may be answered. */
  readonly packetCacheSeconds: number;
}

/** For zones that come without a configuration. */
export const LUA_RECORDS_ON: ReadonlyMap<string, string> = new Map([['enable-lua-records', 'yes']]);

/** `values`: settings by name as `pdns.conf` or the API has them; what is missing has PowerDNS's default. */
export function serverSettings(values: ReadonlyMap<string, string>, profile: Profile): ServerSettings {
  const number = (name: string, absent: number): number => {
    const value = Number(values.get(name) ?? '');
    return values.get(name) === undefined || Number.isNaN(value) ? absent : value;
  };
  const enabled = (name: string, absent: boolean): boolean => {
    const value = values.get(name);
    return value === undefined
      ? absent
      : value === '' || value === 'yes' || value === 'on' || value === '1' || value === 'true';
  };
  return {
    answer: {
      luaRecords: (values.get('enable-lua-records') ?? 'no') !== 'no',
      ednsSubnetProcessing: enabled('edns-subnet-processing', false),
      luaRecordsInsertWhitespace: enabled('lua-records-insert-whitespace', profile.insertWhitespace),
      luaRecordsExecLimit: number('lua-records-exec-limit', 1000),
    },
    checkIntervalSeconds: Math.max(1, number('lua-health-checks-interval', 5)),
    checkExpireDelaySeconds: number('lua-health-checks-expire-delay', 3600),
    contentCacheSeconds: Math.max(number('query-cache-ttl', 20), number('negquery-cache-ttl', 60)),
    packetCacheSeconds: number('cache-ttl', 20),
  };
}
