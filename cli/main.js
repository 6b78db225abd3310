/**
 * Where the command line starts: the rest is loaded once its compiled code has a place to be kept. JavaScript, so that an
 * older Node can say what is missing, and so that not even this file needs the compiler of types, which takes longer to
 * load than most commands to run.
 */
import module from 'node:module';
import { isAbsolute, join } from 'node:path';

const OLDEST_NODE = 24;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  console.error(`pdns-shadow needs Node ${OLDEST_NODE} or newer; this is ${process.version}.`);
  process.exit(3);
}

// Where nothing can be written there, nothing is lost but time.
const cache = cacheFolder();
if (cache !== undefined) module.enableCompileCache(cache);

await import('./program.ts');

/**
 * A folder of the user's own: code that others put there would be run. `NODE_COMPILE_CACHE` names another and
 * `NODE_DISABLE_COMPILE_CACHE` none; Node itself sees to both.
 */
function cacheFolder() {
  const { XDG_CACHE_HOME = '', HOME = '' } = process.env;
  const parent = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : isAbsolute(HOME) ? join(HOME, '.cache') : undefined;
  return parent === undefined ? undefined : join(parent, 'pdns-shadow');
}
