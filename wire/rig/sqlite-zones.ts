import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../input/errors.ts';
import { withoutFinalDot } from './config-dir.ts';

const schemaFiles = [
  'usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql',
  'usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql',
  'usr/share/doc/pdns/schema.sqlite3.sql',
  'usr/local/share/doc/pdns/schema.sqlite3.sql',
];

/** Creates an empty database with the schema that came with the server. Throws `E_RIG_SCHEMA` where there is none. */
export async function createDatabase(path: string, root: string): Promise<void> {
  const schema = schemaFiles.map((file) => join(root, file)).find((file) => existsSync(file));
  if (schema === undefined) {
    throw new UserError('E_RIG_SCHEMA', `found no SQLite schema of PowerDNS under ${root}`, {
      hint: `install pdns-backend-sqlite3, or use the bind backend; looked for ${schemaFiles.join(', ')}`,
      exitCode: 3,
    });
  }
  const database = new DatabaseSync(path);
  try {
    database.exec(await readFile(schema, 'utf8'));
  } finally {
    database.close();
  }
}

/** Has the server itself read zone files into its database. Throws `E_RIG_ZONE` with its words where it refuses one. */
export async function createZones(
  api: { readonly apiUrl: string; readonly apiKey: string },
  zones: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [zone, text] of Object.entries(zones)) {
    const name = withoutFinalDot(zone);
    const response = await fetch(`${api.apiUrl}/api/v1/servers/localhost/zones`, {
      method: 'POST',
      headers: { 'x-api-key': api.apiKey, 'content-type': 'application/json' },
      // An empty soa_edit_api keeps the serial as it is written.
      body: JSON.stringify({ name: name === '.' ? name : `${name}.`, kind: 'Native', soa_edit_api: '', zone: text }),
      signal: AbortSignal.timeout(5_000),
    });
    const said = await response.text();
    if (!response.ok)
      throw new UserError('E_RIG_ZONE', `PowerDNS refuses zone ${name} (HTTP ${response.status}): ${said}`);
  }
}
