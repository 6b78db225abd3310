import { pdns47 } from './pdns-4.7.ts';
import { pdns48 } from './pdns-4.8.ts';
import { pdns49, pdns49BeforeWakeUp } from './pdns-4.9.ts';
import { pdns50 } from './pdns-5.0.ts';
import { pdns51 } from './pdns-5.1.ts';
import type { Profile, ReleaseLine } from './profile.ts';

export const PROFILES: Readonly<Record<ReleaseLine, Profile>> = {
  '4.7': pdns47,
  '4.8': pdns48,
  '4.9': pdns49,
  '5.0': pdns50,
  '5.1': pdns51,
};

/** The first patch release of 4.9 whose new checks wake the checker. */
const WAKE_UP_PATCH = 18;

/**
 * The profile of a version such as `4.9.17`, `5.1.5-1+b1` or a bare line (`5.1`), which stands for its latest release;
 * undefined for a line that is not known, which must be said and never be taken for a neighbour.
 */
export function profileOfVersion(version: string): Profile | undefined {
  const [, line, patch] = /^(\d+\.\d+)(?:\.(\d+))?(?:\D|$)/.exec(version.trim()) ?? [];
  if (line === '4.9' && patch !== undefined && Number(patch) < WAKE_UP_PATCH) return pdns49BeforeWakeUp;
  return Object.values(PROFILES).find((profile) => profile.line === line);
}
