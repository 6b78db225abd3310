/** Where the command line starts. Everything else is loaded from `program.ts`, once its compiled code has a place to be kept. */
import module from 'node:module';
import { isAbsolute, join } from 'node:path';

const OLDEST_NODE = 24;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  console.error(`pdns-shadow needs Node ${OLDEST_NODE} or newer; this is ${process.version}.`);
  process.exit(3);
}

// Without one, half of a short run is the compiling of our own sources. Where it cannot be written, nothing is lost but time.
const cache = cacheFolder();
if (cache !== undefined) module.enableCompileCache(cache);

await import('./program.ts');

/**
 * A folder of the user's own: code that others could put there would be run. `NODE_COMPILE_CACHE` names another, and
 * `NODE_DISABLE_COMPILE_CACHE` none, which Node itself looks at first.
 */
function cacheFolder(): string | undefined {
  const { XDG_CACHE_HOME, HOME } = process.env;
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'pdns-shadow');
  return HOME !== undefined && isAbsolute(HOME) ? join(HOME, '.cache', 'pdns-shadow') : undefined;
}
