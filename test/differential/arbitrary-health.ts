/** Code that asks for the health of targets, at random, as the whole of a record: every check is asked by the first question. */
import fc, { type Arbitrary } from 'fast-check';
import type { Profile } from '../../simulator/profile/profile.ts';

export interface TargetPlace {
  /** Addresses on which something listens, and ones on which nothing does. */
  readonly up: readonly string[];
  readonly down: readonly string[];
  readonly httpPort: number;
}

const SELECTORS = ['random', 'all', 'hashed', 'pickclosest', 'empty', 'All', 'pickfirst'];

/**
 * Options of checks whose status settles within seconds: no interval, and a timeout that no busy machine takes for an answer. Never `source`: with it
 * options servers of every line have died in their checks (SIGSEGV), some seconds after the question.
 */
function options(path: readonly string[]): Arbitrary<string> {
  return fc
    .record(
      {
        selector: fc.constantFrom(...SELECTORS),
        backupSelector: fc.constantFrom(...SELECTORS),
        timeout: fc.constantFrom('8', "'9'"),
        minimumFailures: fc.constantFrom("'2'", '1', "'x'"),
        failOnIncompleteCheck: fc.constantFrom("'true'", "'false'"),
        ...Object.fromEntries(path.map((line) => [line.split('=')[0], fc.constantFrom(line.split('=')[1])])),
      },
      { requiredKeys: [] },
    )
    .map((drawn) =>
      Object.entries(drawn).map(([name, value]) => {
        const isWord = name === 'selector' || name === 'backupSelector';
        return `${name}=${isWord ? `'${value}'` : value}`;
      }),
    )
    .map((entries) => (entries.length === 0 ? '' : `,{${entries.join(',')}}`));
}

/** Checks over HTTP only, for servers of every line have died in `IsUpOracle::checkTCP`, or any. */
export type HealthKind = 'http' | 'any';

/** Code for an A record. */
export function arbitraryHealthCode(
  profile: Profile,
  { up, down, httpPort }: TargetPlace,
  kind: HealthKind,
): Arbitrary<string> {
  const address = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...up) },
    { weight: 2, arbitrary: fc.constantFrom(...down) },
  );
  const list = fc.array(address, { minLength: 1, maxLength: 4 }).map((drawn) => `{${drawn.map((a) => `'${a}'`)}}`);
  const groups = fc.array(list, { minLength: 1, maxLength: 3 }).map((drawn) => `{${drawn}}`);
  const shapes = fc.oneof(
    { weight: 3, arbitrary: list },
    { weight: 3, arbitrary: groups },
    fc.constantFrom('{}', '{{}}'),
  );
  const path = fc.constantFrom('/ok', '/weight', '/missing', '/empty');
  const url = path.map((p) => `'http://health.test:${httpPort}${p}'`);
  const httpOptions = options(["stringmatch='ok'", "useragent='fuzz'", 'httpcode=404', "byteslimit='2'"]);
  const port = fc.tuple(shapes, options([])).map(([s, o]) => `ifportup(${httpPort},${s}${o})`);
  const http = fc.tuple(url, shapes, httpOptions).map(([u, s, o]) => `ifurlup(${u},${s}${o})`);
  const pair = fc.tuple(address, address, path).map(([a, b, p]) => `['${a}']='http://${b}:${httpPort}${p}'`);
  const pairs = fc.array(fc.array(pair, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 });
  const external = fc
    .tuple(pairs, httpOptions)
    .map(([drawn, o]) => `ifurlextup({${drawn.map((group) => `{${group}}`)}}${o})`);
  const self = fc.tuple(url, list, httpOptions).map(([u, s, o]) => `pickselfweighted(${u},${s}${o})`);
  const choices = kind === 'http' ? [http, http, external] : [port, http, http, external];
  return fc.oneof(...(profile.functions.has('pickselfweighted') ? [...choices, self] : choices));
}
