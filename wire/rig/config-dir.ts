import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** PowerDNS settings by name, in the order in which they are written to `pdns.conf`. */
export type Settings = Readonly<Record<string, string>>;

/** Writes `pdns.conf` (the server is started with `--config-dir=folder`). */
export async function writePdnsConf(folder: string, settings: Settings): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, 'pdns.conf'), lines.join(''));
}

/** Writes the list of zones that the bind backend reads, each zone in a file of its own. */
export async function writeNamedConf(folder: string, zones: Iterable<string>): Promise<void> {
  const statements = [...zones].map(
    (zone) => `zone "${withoutFinalDot(zone)}" { type native; file "${zoneFile(folder, zone)}"; };\n`,
  );
  await replaceFile(join(folder, 'named.conf'), statements.join(''));
}

export async function writeZoneFile(folder: string, zone: string, text: string): Promise<void> {
  await replaceFile(zoneFile(folder, zone), text.endsWith('\n') ? text : `${text}\n`);
}

/** `Example.org.` and `example.org` are one zone. The root zone stays `.`. */
export function withoutFinalDot(zone: string): string {
  const name = zone.toLowerCase();
  return name === '.' ? name : name.replace(/\.$/, '');
}

function zoneFile(folder: string, zone: string): string {
  return join(folder, `${encodeURIComponent(withoutFinalDot(zone))}.zone`);
}

/** A server that looks at this moment sees the old file or the new one, never half a file. */
async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
