/** `geoip`: what PowerDNS would see for an address, and small databases of one's own. */
import { writeFile } from 'node:fs/promises';
import type { Argv, CommandModule, Options } from 'yargs';
import { formatAddress } from '../geoip/address.ts';
import { openDatabases } from '../geoip/database.ts';
import { UserError } from '../geoip/errors.ts';
import { parseGeoYaml } from '../geoip/geo-yaml.ts';
import { GEO_ATTRIBUTES, geoView } from '../geoip/location.ts';
import { writeDatabase } from '../geoip/writer.ts';
import { readTextFile, whyNot } from './files.ts';
import { addressFlag, modelOptions } from './options.ts';
import { printJson, printTable } from './print.ts';
import type { CommandUsage } from './usage.ts';

type LookupFlags = { address: string[]; geoip: string; format: 'text' | 'json' };
type BuildFlags = { input: string; output: string };

const lookupOptions = {
  geoip: { ...modelOptions.geoip, demandOption: true },
  format: modelOptions.format,
} as const satisfies Record<string, Options>;

export const geoipUsages: readonly CommandUsage[] = [
  {
    command: 'geoip lookup',
    words: ['ADDRESS…'],
    wordCount: { least: 1, most: Number.POSITIVE_INFINITY },
    options: lookupOptions,
    example: 'geoip lookup 198.51.100.1 --geoip GeoLite2-City.mmdb',
  },
  {
    command: 'geoip build',
    words: ['INPUT', 'OUTPUT'],
    wordCount: { least: 2, most: 2 },
    options: {},
    example: 'geoip build networks.yaml networks.mmdb',
  },
];

const lookupCommand: CommandModule<unknown, LookupFlags> = {
  command: 'lookup <address..>',
  describe: 'Every attribute of addresses, as PowerDNS sees them',
  builder: (argv) =>
    argv
      .positional('address', { type: 'string', array: true, demandOption: true, describe: 'IP addresses' })
      .options(lookupOptions)
      .example(
        '$0 geoip lookup 198.51.100.1 2001:db8::1 --geoip GeoLite2-City.mmdb',
        '',
      ) as unknown as Argv<LookupFlags>,
  handler: async ({ address, geoip, format }) => {
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
  },
};

const buildCommand: CommandModule<unknown, BuildFlags> = {
  command: 'build <input> <output>',
  describe: 'Write an MMDB from a YAML list of networks',
  builder: (argv) =>
    argv
      .positional('input', {
        type: 'string',
        demandOption: true,
        describe: 'YAML: - { network, lat, lon, country, … }',
      })
      .positional('output', { type: 'string', demandOption: true, describe: 'The MMDB; an old one is replaced' })
      .example('$0 geoip build networks.yaml networks.mmdb', '') as unknown as Argv<BuildFlags>,
  handler: async ({ input, output }) => {
    const text = await readTextFile(
      input,
      'E_GEOIP_MISSING',
      'the list of networks',
      'Give a YAML list of { network, lat, lon, … }.',
    );
    const networks = parseGeoYaml(text, input);
    await writeFile(output, writeDatabase(networks)).catch((cause: unknown) => {
      throw new UserError('E_OUTPUT', `the database cannot be written: ${whyNot(cause)}`, {
        place: { file: output },
        exitCode: 3,
        cause,
      });
    });
    console.log(`${output}: ${networks.length} networks`);
  },
};

export const geoipCommand: CommandModule = {
  command: 'geoip <command>',
  describe: 'What PowerDNS sees of an address; databases from YAML',
  builder: (argv) => argv.command(lookupCommand).command(buildCommand).demandCommand(1, 'Which? lookup or build.'),
  handler: () => undefined,
};
