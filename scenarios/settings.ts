/** The settings of `pdns.conf` that a scenario can set: those that decide what is answered and when it is probed. */
import type { ReleaseLine } from '../simulator/profile/profile.ts';

export interface KnownSetting {
  readonly kind: 'switch' | 'shared switch' | 'seconds' | 'number' | 'list';
  /** The first release line that knows it: older ones are run without it. */
  readonly since: ReleaseLine;
}

export const KNOWN_SETTINGS: Readonly<Record<string, KnownSetting>> = {
  launch: { kind: 'list', since: '4.7' },
  'enable-lua-records': { kind: 'shared switch', since: '4.7' },
  'edns-subnet-processing': { kind: 'switch', since: '4.7' },
  'lua-health-checks-interval': { kind: 'seconds', since: '4.7' },
  'lua-health-checks-expire-delay': { kind: 'seconds', since: '4.7' },
  'lua-records-exec-limit': { kind: 'number', since: '4.7' },
  'lua-records-insert-whitespace': { kind: 'switch', since: '4.9' },
  'enable-lua-record-updates': { kind: 'switch', since: '5.1' },
  'cache-ttl': { kind: 'seconds', since: '4.7' },
  'query-cache-ttl': { kind: 'seconds', since: '4.7' },
  'negquery-cache-ttl': { kind: 'seconds', since: '4.7' },
};
