/** `geoip`: what PowerDNS would see for an address, and small databases of one's own. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Argv, CommandModule } from 'yargs';
import { formatAddress } from '../geoip/address.ts';
import { openDatabases } from '../geoip/database.ts';
import { UserError } from '../geoip/errors.ts';
import { parseGeoYaml } from '../geoip/geo-yaml.ts';
import { GEO_ATTRIBUTES, geoView } from '../geoip/location.ts';
import { writeDatabase } from '../geoip/writer.ts';
import { addressFlag } from './options.ts';
import { printJson, printTable } from './print.ts';

type LookupFlags = { address: string[]; geoip: string; format: 'text' | 'json' };
type BuildFlags = { input: string; output: string };

export const geoipCommand: CommandModule = {
  command: 'geoip <command>',
  describe: 'What PowerDNS sees of an address; databases from YAML',
  builder: (argv) => argv.command(lookupCommand).command(buildCommand).demandCommand(1, 'Which? lookup or build.'),
  handler: () => undefined,
};

const lookupCommand: CommandModule<unknown, LookupFlags> = {
  command: 'lookup <address..>',
  describe: 'Every attribute of addresses, as PowerDNS sees them',
  builder: (argv) =>
    argv
      .positional('address', { type: 'string', array: true, demandOption: true })
      .option('geoip', { type: 'string', demandOption: true, requiresArg: true, describe: 'MMDB files, as in geoip-database-files' })
      .option('format', { choices: ['text', 'json'] as const, default: 'text' as const }) as unknown as Argv<LookupFlags>,
  handler: async ({ address, geoip, format }) => {
    const view = geoView(await openDatabases(geoip));
    const rows = address.map((text) => {
      const ip = addressFlag('address', text);
      const attributes = GEO_ATTRIBUTES.map((attribute) => [attribute, view.attribute(ip, attribute)] as const);
      return { address: formatAddress(ip), ...Object.fromEntries(attributes) };
    });
    if (format === 'json') printJson(rows);
    else printTable(['address', ...GEO_ATTRIBUTES], rows.map((row) => Object.values(row).map(String)));
  },
};

const buildCommand: CommandModule<unknown, BuildFlags> = {
  command: 'build <input> <output>',
  describe: 'Write an MMDB from a YAML list of networks',
  builder: (argv) =>
    argv
      .positional('input', { type: 'string', demandOption: true, describe: 'YAML: - { network, lat, lon, country, … }' })
      .positional('output', { type: 'string', demandOption: true }) as unknown as Argv<BuildFlags>,
  handler: async ({ input, output }) => {
    const text = await readFile(input, 'utf8').catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UserError('E_GEOIP_MISSING', `cannot be read: ${why}`, { place: { file: input }, cause });
    });
    const networks = parseGeoYaml(text, input);
    await writeFile(output, writeDatabase(networks));
    console.log(`${output}: ${networks.length} networks`);
  },
};
