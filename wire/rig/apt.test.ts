import { expect, it } from 'vitest';
import { filesInPlan, isNeededAtRunTime, mirrorInTargets, packageAndVersion } from './apt.ts';

it('takes the mirror of a main Debian suite, not of its updates or of another vendor', () => {
  const listing = [
    'Packages|main|nodistro|https://vendor.example/node/',
    'Packages|main|bookworm-security|http://mirror.example/debian-security/',
    'Contents-deb|main|bookworm|http://contents.example/debian/',
    'Packages|main|bookworm|http://mirror.example/debian/',
  ].join('\n');
  expect(mirrorInTargets(listing)).toBe('http://mirror.example/debian/');
});

it('finds no Debian mirror on an Ubuntu host', () => {
  expect(mirrorInTargets('Packages|main|noble|http://mirror.example/ubuntu/')).toBeUndefined();
});

it('reads the packages of a plan and leaves those of installation scripts out', () => {
  const plan = [
    'Reading package lists...',
    "'http://mirror.example/pool/p/passwd/passwd_4.13_amd64.deb' passwd_1%3a4.13_amd64.deb 972180 SHA256:00",
    "'http://mirror.example/pool/z/zlib/zlib1g_1.2.13_amd64.deb' zlib1g_1%3a1.2.13.dfsg-1_amd64.deb 86684 SHA256:00",
    "'http://mirror.example/pool/g/glibc/libc6_2.36_amd64.deb' libc6_2.36-9+deb12u14_amd64.deb 2759320 SHA256:00",
    "'http://mirror.example/pool/p/pdns/pdns-server_4.7.3-2_amd64.deb' pdns-server_4.7.3-2_amd64.deb 2322656 SHA256:00",
  ].join('\n');
  expect(filesInPlan(plan).filter(isNeededAtRunTime).map(packageAndVersion)).toEqual([
    'zlib1g=1:1.2.13.dfsg-1',
    'libc6=2.36-9+deb12u14',
    'pdns-server=4.7.3-2',
  ]);
});
