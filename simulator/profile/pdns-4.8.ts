import { pdns47 } from './pdns-4.7.ts';
import type { Profile } from './profile.ts';

/** What 4.8.0 changed. Known from its source only: no 4.8 server was run. */
export const pdns48: Profile = {
  ...pdns47,
  line: '4.8',
  portGroups: true,
  portRange: 'clamped',
  bytesLimit: 'lenient',
  forward: { ...pdns47.forward, hexLabel: 'last eight', hexLabel6: true },
};
