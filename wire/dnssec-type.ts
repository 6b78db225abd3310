/** Numbers of the record types that DNSSEC treats apart. */

export const NS = 2;
export const CNAME = 5;
export const SOA = 6;
export const DNAME = 39;
export const DS = 43;
export const RRSIG = 46;
export const NSEC = 47;
export const DNSKEY = 48;
export const NSEC3 = 50;
export const ANY = 255;
