/** One reading of a source, for commands that end when they have said what they know. */
import type { SourceConfig } from './config.ts';
import type { Source, SourceReading } from './source.ts';

const READ_TIMEOUT_MS = 30_000;

/** Reads everything, within 30 s. Throws `UserError`. */
export async function readOnce(config: SourceConfig): Promise<SourceReading> {
  const source = await openQuickly(config);
  return source.read(true, AbortSignal.timeout(READ_TIMEOUT_MS));
}

/** Loads the code of this kind of source only: that of the others takes several times as long as reading a zone file. */
async function openQuickly(config: SourceConfig): Promise<Source> {
  if ('zoneFiles' in config) return (await import('./file-source.ts')).fileSource(config.zoneFiles, { isStrict: true });
  if ('configDir' in config) return (await import('./directory-source.ts')).directorySource(config.configDir);
  return (await import('./source.ts')).openSource(config);
}
