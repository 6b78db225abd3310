/** A source that is nothing but zone files. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../input/errors.ts';
import { bindBackendOrder } from '../simulator/zone/backend-order.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { writtenOrigin } from '../simulator/zone/zone-origin.ts';
import { parseZoneFile, type ZoneFileOptions } from '../simulator/zone/zonefile.ts';
import { LUA_RECORDS_ON } from '../wire/server-settings.ts';
import type { Source } from './source.ts';
import { keepEqual, serialsOf } from './zones.ts';

/** `isStrict`: a record that PowerDNS loads and cannot read is an error, as for a file that somebody is writing. */
export function fileSource(files: readonly string[], { isStrict = false } = {}): Source {
  let known: readonly Zone[] = [];
  return {
    description: `zone files ${files.join(', ')}`,
    async read() {
      const warnings: string[] = [];
      const onUnreadable = isStrict ? undefined : (error: UserError) => warnings.push(error.describe());
      const read = await Promise.all(files.map((file) => readZoneFile(file, onUnreadable)));
      known = keepEqual(known, read);
      return {
        zones: known,
        serials: serialsOf(known),
        settings: LUA_RECORDS_ON,
        warnings,
      };
    },
  };
}

/** A zone file on its own: the zone is where its SOA record is. */
async function readZoneFile(file: string, onUnreadable: ZoneFileOptions['onUnreadable']): Promise<Zone> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError('E_ZONE_FILE', `the zone file ${file} cannot be read: ${messageOf(cause)}`, {
      hint: 'Name a zone file (master file) that this user can read, such as acme.test.zone.',
      cause,
    });
  }
  const origin = originOf(file, text);
  const records = parseZoneFile(text, { file, origin, ...(onUnreadable === undefined ? {} : { onUnreadable }) });
  const apex = records.find((record) => record.type === 'SOA')?.owner ?? origin;
  return { name: apex, records: bindBackendOrder(records) };
}

/** A zone file that does not say which zone it is is named after it: `acme.test.zone` and `db.acme.test` are acme.test. */
function originOf(file: string, text: string): string {
  const base = file.split('/').at(-1) ?? file;
  return writtenOrigin(text) ?? `${base.replace(/^db\./, '').replace(/\.(?:zone|db|txt)$/, '')}.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
