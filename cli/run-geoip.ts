/** `geoip`: what PowerDNS would see for an address, and small databases of one's own. */
import { writeFile } from 'node:fs/promises';
import { formatAddress } from '../geoip/address.ts';
import { openDatabases } from '../geoip/database.ts';
import { parseGeoYaml } from '../geoip/geo-yaml.ts';
import { GEO_ATTRIBUTES, geoView } from '../geoip/location.ts';
import { writeDatabase } from '../geoip/writer.ts';
import { UserError } from '../input/errors.ts';
import { readTextFile, whyNot } from './files.ts';
import type { BuildFlags, LookupFlags } from './geoip.ts';
import { addressFlag } from './option-values.ts';
import { printJson, printTable } from './print.ts';

export async function runLookup({ address, geoip, format }: LookupFlags): Promise<void> {
  const addresses = address.map((text) => addressFlag('address', text));
  const view = geoView(await openDatabases(geoip));
  const rows = addresses.map((ip) => {
    const attributes = GEO_ATTRIBUTES.map((attribute) => [attribute, view.attribute(ip, attribute)] as const);
    return { address: formatAddress(ip), ...Object.fromEntries(attributes) };
  });
  if (format === 'json') printJson(rows);
  else
    printTable(
      ['address', ...GEO_ATTRIBUTES],
      rows.map((row) => Object.values(row).map(String)),
    );
}

export async function runBuild({ input, output }: BuildFlags): Promise<void> {
  const text = await readTextFile(
    input,
    'E_GEOIP_MISSING',
    'the list of networks',
    'Give a YAML list of { network, lat, lon, … }.',
  );
  const networks = parseGeoYaml(text, input);
  if (networks.length === 0) {
    throw new UserError('E_GEOIP_EMPTY', 'there are no networks in the list', {
      place: { file: input },
      hint: 'Write - { network: 198.51.100.0/24, country: SE, lat: 59.3, lon: 18.1 } for each.',
    });
  }
  await writeFile(output, writeDatabase(networks)).catch((cause: unknown) => {
    throw new UserError('E_OUTPUT', `the database cannot be written: ${whyNot(cause)}`, {
      place: { file: output },
      exitCode: 3,
      cause,
    });
  });
  console.log(`${output}: ${networks.length} networks`);
}
