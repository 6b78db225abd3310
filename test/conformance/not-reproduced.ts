/**
 * Recorded questions that the simulator does not answer as the servers did, each with its reason. A test fails when an entry
 * starts to pass, so the list can only be as long as it has to be. Nearly all of them are opaque: the simulator says that it
 * cannot know, which is the right answer wherever the server's memory, clock, hash seed or exact LuaJIT decides.
 */
import type { Release } from './recorded.ts';

export interface NotReproduced {
  readonly file: string;
  readonly key: string;
  /** All, if not given. */
  readonly releases?: readonly Release[];
  readonly reason: string;
}

const BEFORE_51: readonly Release[] = ['4.7.3', '4.9.17'];
const FROM_51: readonly Release[] = ['5.1.5'];

export const notReproduced: readonly NotReproduced[] = [
  ...listed('variables-and-libs', 'the malformed ECS option that was sent is not in the recording', [
    'var-bestwho#8',
    'var-bestwho#11',
  ]),
  ...listed('variables-and-libs', 'the number that a backend gives a zone is known to the server only', ['var-zoneid']),
  ...listed('variables-and-libs', 'the id of a query is random', ['var-dhid'], BEFORE_51),
  ...listed('variables-and-libs', 'Lua 5.1 has no goto', ['lib-goto']),
  ...listed('variables-and-libs', 'walks over all globals of the server', ['lib-list']),
  ...listed('pick-edge', 'the order of hashed keys', ['pickhashed-kv']),
  ...oddWeights('pickwrandom', BEFORE_51),
  ...oddWeights('pickwhashed', BEFORE_51),
  ...oddWeights('picknamehashed', ['4.9.17']),
  ...listed(
    'create-forward-reverse',
    'whether the good or the bad exception is tried first hangs on a hash',
    ['createReverse-exc#0'],
    BEFORE_51,
  ),
  ...own('whether the good or the bad exception is tried first hangs on a hash', ['name#114', 'name#115'], BEFORE_51),
  ...own('hints are taken from the addresses of the target', ['data#158']),
  ...own('rare types have no layout here', ['data#183']),
  ...own('what the lenient decoder of this release makes of malformed base64', ['data#108'], ['4.7.3']),
  ...own('what the decoder makes of base64 that goes on behind its end', ['data#209']),
  ...own('escapes in alpn lists', ['data#253', 'data#254']),
  ...own('PowerDNS takes the first number behind a blank for minutes', ['data#307']),
  ...own('numbers of 64 bits', ['lua#81']),
  ...own('Lua 5.1 has no goto', ['lua#93', 'lua#96']),
  ...own(
    'empty statements and break in the middle need this build of LuaJIT',
    ['lua#99', 'lua#100', 'lua#102'],
    FROM_51,
  ),
  ...own('these events work in this build of LuaJIT only', ['lua#246', 'lua#247', 'lua#248'], FROM_51),
  ...own("'arg' is a table in Lua 5.1", ['lua#107']),
  ...own('the length of a list with holes differs between Lua 5.1 and LuaJIT', ['lua#223', 'lua#322']),
  ...own('Lua 5.1 cannot yield inside pcall', ['lua#242']),
  ...own('the order of hashed keys', ['lua#274', 'lua#311', 'lua#312', 'lua#324', 'object#99']),
  ...own('the patterns of LuaJIT know %g and zero bytes', ['lua#158', 'lua#159']),
  ...own('the patterns of LuaJIT know %g and zero bytes', ['lua#161', 'lua#162'], BEFORE_51),
  ...own('control characters in %q', ['lua#23'], BEFORE_51),
  ...own('hexadecimal fractions in string.format', ['lua#26']),
  ...own('byte code', ['lua#50']),
  ...own('the text of an error of PowerDNS', ['lua#58', 'lua#60']),
  ...own('reaches for the host', ['lua#231', 'lua#263', 'lua#265']),
  ...own('replaces a library function behind the back of strings', ['lua#254']),
  ...own('metatables of objects', ['object#74']),
  ...own('this release keeps lengths beyond the address', ['object#45'], ['4.7.3']),
  ...own('DNSRecord objects', ['object#77']),
  ...own('a draw among 2^32 numbers', ['object#96']),
  ...own('tabulation and widths of * in boost::format', ['name#100', 'name#105']),
];

export function reasonFor(file: string, key: string, release: Release): string | undefined {
  return notReproduced.find(
    (entry) => entry.file === file && entry.key === key && (entry.releases?.includes(release) ?? true),
  )?.reason;
}

function oddWeights(fn: string, only: readonly Release[]): NotReproduced[] {
  const keys = ['negative', 'negsum', 'big', 'bignum'].map((shape) => `${fn}-${shape}`);
  return listed('pick-weighted-edge', 'with negative or overflowing sums the server reads behind its list', keys, only);
}

function own(reason: string, keys: readonly string[], only?: readonly Release[]): NotReproduced[] {
  return listed('own/recorded', reason, keys, only);
}

function listed(file: string, reason: string, keys: readonly string[], only?: readonly Release[]): NotReproduced[] {
  return keys.map((key) => ({ file, key, reason, ...(only === undefined ? {} : { releases: only }) }));
}
