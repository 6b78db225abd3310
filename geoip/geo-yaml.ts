import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { type InputPlace, UserError } from '../input/errors.ts';
import { closestWord } from '../input/spelling.ts';
import { parseYaml, type YamlDocument } from '../input/yaml-document.ts';
import { formatPrefix, parseNetmask, parsePrefix } from './address.ts';
import type { GeoNetwork } from './writer.ts';

/**
 * Networks from YAML: a list of mappings with the keys of `GeoNetwork`.
 *
 * ```yaml
 * - { network: 198.51.100.0/24, country: SE, lat: 59.3, lon: 18.1, name: stockholm }
 * - { network: 203.0.113.0/24, unknown: true }
 * ```
 *
 * Throws `UserError` with the place in `file`: `E_GEOIP_SYNTAX` (no YAML, or no list of mappings), `E_GEOIP_KEY` (unknown,
 * missing or contradicting key), `E_GEOIP_VALUE`, `E_GEOIP_NETWORK` (no network, or host bits set), `E_GEOIP_DUPLICATE`.
 */
export function parseGeoYaml(text: string, file: string): GeoNetwork[] {
  const yaml = parseYaml(text, file, 'E_GEOIP_SYNTAX');
  return yaml.root === null ? [] : readGeoNetworks(yaml, yaml.root);
}

/** The same list as a part of a larger document. */
export function readGeoNetworks(yaml: YamlDocument, list: Node): GeoNetwork[] {
  if (!isSeq(list)) throw wrongShape(yaml, list, 'a list of networks');
  const entries = list.items.map((element) => {
    const item = yaml.resolved(element);
    if (!isMap(item)) throw wrongShape(yaml, item ?? list, 'a network with its attributes');
    return { network: readNetwork(yaml, item), place: yaml.placeOf(item) };
  });
  refuseDuplicates(entries);
  return entries.map(({ network }) => network);
}

/** A value in the file, with what is needed to complain about it. */
interface Field {
  readonly key: string;
  readonly value: unknown;
  /** What was typed: `013` stays `013`. */
  readonly typed: string | undefined;
  readonly place: InputPlace;
}

const FIELDS: Readonly<Record<keyof GeoNetwork, (field: Field) => Partial<GeoNetwork>>> = {
  network: (field) => ({ network: networkText(field) }),
  country: (field) => ({ country: twoLetters(field, 'SE') }),
  continent: (field) => ({ continent: twoLetters(field, 'EU') }),
  region: (field) => ({ region: text(field) }),
  city: (field) => ({ city: text(field) }),
  lat: (field) => ({ lat: numberBetween(field, -90, 90) }),
  lon: (field) => ({ lon: numberBetween(field, -180, 180) }),
  accuracyRadius: (field) => ({ accuracyRadius: integerUpTo(field, 0xffff) }),
  asn: (field) => ({ asn: integerUpTo(field, 0xffffffff) }),
  organization: (field) => ({ organization: text(field) }),
  unknown: (field) => ({ unknown: truth(field) }),
  name: (field) => ({ name: text(field) }),
};

/** What a network can have. */
export const GEO_NETWORK_KEYS: readonly string[] = Object.keys(FIELDS);

function readNetwork(yaml: YamlDocument, item: YAMLMap): GeoNetwork {
  const place = yaml.placeOf(item);
  let fields: Partial<GeoNetwork> = {};
  for (const pair of item.items) {
    const keyNode = yaml.resolved(pair.key);
    const key = isScalar(keyNode) ? String(keyNode.value) : '';
    if (!isFieldName(key)) throw unknownKey(key, keyNode === null ? place : yaml.placeOf(keyNode));
    const node = yaml.resolved(pair.value);
    fields = {
      ...fields,
      ...FIELDS[key]({
        key,
        value: isScalar(node) ? node.value : undefined,
        typed: isScalar(node) ? node.source : undefined,
        place: yaml.placeOf(node ?? keyNode ?? item),
      }),
    };
  }
  return complete(fields, place);
}

function complete(fields: Partial<GeoNetwork>, place: InputPlace): GeoNetwork {
  const { network } = fields;
  if (network === undefined) {
    throw new UserError('E_GEOIP_KEY', "this entry has no 'network'", { place, hint: 'add network: 192.0.2.0/24' });
  }
  if ((fields.lat === undefined) !== (fields.lon === undefined)) {
    const missing = fields.lat === undefined ? 'lat' : 'lon';
    throw new UserError('E_GEOIP_KEY', `${network} has no '${missing}'; PowerDNS ignores half a location`, {
      place,
      hint: 'give both lat and lon, or neither',
    });
  }
  const given = Object.keys(fields).find((key) => !['network', 'unknown', 'name'].includes(key));
  if (fields.unknown && given !== undefined) {
    throw new UserError('E_GEOIP_KEY', `${network} is unknown and yet has '${given}'`, {
      place,
      hint: `leave out 'unknown' or everything else`,
    });
  }
  return { ...fields, network };
}

function refuseDuplicates(entries: readonly { readonly network: GeoNetwork; readonly place: InputPlace }[]): void {
  const firstLines = new Map<string, number | undefined>();
  for (const { network, place } of entries) {
    const prefix = parsePrefix(network.network);
    const canonical = prefix === undefined ? network.network : formatPrefix(prefix);
    if (firstLines.has(canonical)) {
      throw new UserError('E_GEOIP_DUPLICATE', `${canonical} was already given in line ${firstLines.get(canonical)}`, {
        place,
        hint: 'a network has one record: put everything into one entry',
      });
    }
    firstLines.set(canonical, place.line);
  }
}

function networkText(field: Field): string {
  const network = text(field);
  if (parsePrefix(network) !== undefined) return network;
  const meant = parseNetmask(network);
  const hint =
    meant === undefined ? 'write 192.0.2.0/24, 2001:db8::/32 or one address' : `did you mean ${formatPrefix(meant)}?`;
  const message =
    meant === undefined ? `'${network}' is no network` : `'${network}' has bits set after its length, or an odd length`;
  throw new UserError('E_GEOIP_NETWORK', message, { place: field.place, hint });
}

function text(field: Field): string {
  if (typeof field.value === 'string') return field.value;
  // A bare 13 is Tokyo's region.
  if (typeof field.value === 'number' && field.typed !== undefined) return field.typed;
  throw wrongValue(field, 'text');
}

/** Databases hold ISO codes, and records compare with them. */
function twoLetters(field: Field, example: string): string {
  const code = text(field);
  if (/^[A-Za-z]{2}$/.test(code)) return code;
  throw wrongValue(field, `two letters, such as ${example}`);
}

function numberBetween(field: Field, lowest: number, highest: number): number {
  const { value } = field;
  if (typeof value === 'number' && value >= lowest && value <= highest) return value;
  throw wrongValue(field, `a number from ${lowest} to ${highest}`);
}

function integerUpTo(field: Field, highest: number): number {
  const { value } = field;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= highest) return value;
  throw wrongValue(field, `a whole number from 0 to ${highest}`);
}

function truth(field: Field): boolean {
  if (typeof field.value === 'boolean') return field.value;
  throw wrongValue(field, 'true or false');
}

function isFieldName(key: string): key is keyof GeoNetwork {
  return Object.hasOwn(FIELDS, key);
}

function wrongShape(yaml: YamlDocument, node: Node, expected: string): UserError {
  return new UserError('E_GEOIP_SYNTAX', `expected ${expected}`, {
    place: yaml.placeOf(node),
    hint: 'for example: - { network: 198.51.100.0/24, country: SE, lat: 59.3, lon: 18.1 }',
  });
}

function wrongValue({ key, value, typed, place }: Field, expected: string): UserError {
  const shown = typed ?? (value === undefined ? 'a list or mapping' : String(value));
  return new UserError('E_GEOIP_VALUE', `expected '${key}' to be ${expected}, got ${shown}`, { place });
}

function unknownKey(key: string, place: InputPlace): UserError {
  const meant = closestWord(key, Object.keys(FIELDS));
  return new UserError('E_GEOIP_KEY', `a network has no '${key}'`, {
    place,
    hint: meant === undefined ? `known keys: ${Object.keys(FIELDS).join(', ')}` : `did you mean '${meant}'?`,
  });
}
