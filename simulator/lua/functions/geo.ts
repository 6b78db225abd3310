/** Functions over what the geoip backend knows of the client, and of addresses in the name asked for. */
import { formatAddress, type IpAddress, parseComboAddress, parseNetmask } from '../../../geoip/address.ts';
import { formatSixDecimals } from '../../../geoip/degrees.ts';
import { type GeoAttribute, type GeoLocation, geoAttribute, noGeo, UNKNOWN } from '../../../geoip/location.ts';
import type { EvaluationContext } from '../context.ts';
import { attributeNumber, recordFunction, text, textList, textOrList } from '../convert.ts';
import { clientAttribute, clientLocation, inNetwork, qname } from '../fact.ts';
import { LuaError } from '../lua-error.ts';
import { formatShortest } from '../number-format.ts';
import { rawLabels } from '../objects/name.ts';
import { pickClosest } from './select.ts';

/** Is the client in any of the networks? Families never match each other; a bad mask counts only when it is reached. */
export const netmask = recordFunction('netmask', [textList], (context, masks) => {
  for (const mask of masks) {
    const prefix = parseNetmask(mask);
    if (prefix === undefined) throw new LuaError(`'${mask}' is no netmask`);
    if (context.read(inNetwork(prefix))) {
      context.because(({ bestwho }) => ({ step: `${formatAddress(bestwho)} is in ${mask}`, detail: { mask } }));
      return true;
    }
  }
  context.because(({ bestwho }) => ({
    step: `${formatAddress(bestwho)} is in none of ${masks.join(', ')}`,
    detail: { masks },
  }));
  return false;
});

export const country = comparison('country', 'country');
export const continent = comparison('continent', 'continent');
export const region = comparison('region', 'region');
export const asnum = comparison('asnum', 'asn');

export const countryCode = code('countryCode', 'country');
export const continentCode = code('continentCode', 'continent');
export const regionCode = code('regionCode', 'region');

/**
 * An attribute by its number, of any address: networks are taken too. What is no address has an empty value, unless the geoip
 * backend is not launched at all; then everything is `unknown`.
 */
export const geoiplookup = recordFunction('geoiplookup', [text, attributeNumber], (context, address, number) => {
  if (context.geo === noGeo) return UNKNOWN;
  const prefix = parseNetmask(address);
  if (prefix === undefined) return '';
  const attribute = geoAttribute(number);
  return attribute === undefined ? UNKNOWN : context.geo.attribute(prefix.address, attribute);
});

/** The client's coordinates with six decimals; an unknown place is 0°N 0°E. */
export const latlon = recordFunction('latlon', [], (context) => coordinates(context.read(clientLocation)));

/** The client's coordinates as the data of a LOC record. At 0°N 0°E they have a `-0` that no LOC record takes. */
export const latlonloc = recordFunction('latlonloc', [], (context) => {
  const { latitude, longitude } = context.read(clientLocation);
  const north = sexagesimal(latitude, 'N', 'S');
  const east = sexagesimal(longitude, 'E', 'W');
  return `${north} ${east} 0.00m 1.00m 10000.00m 10.00m`;
});

/** The coordinates of the address whose parts are the first four labels, last part first. */
export const latlonMagic = recordFunction('latlonMagic', [], (context) => {
  const labels = rawLabels(context.read(qname));
  if (labels.length < 4) return 'unknown';
  const prefix = parseNetmask(labels.slice(0, 4).reverse().join('.'));
  return prefix === undefined ? '0.000000 0.000000' : coordinates(context.geo.location(prefix.address));
});

/** The nearest of the addresses that the labels of the name hold, `-` for `.`; the first label that is none ends the list. */
export const closestMagic = recordFunction('closestMagic', [], (context) => {
  const candidates: IpAddress[] = [];
  for (const label of rawLabels(context.read(qname))) {
    const parsed = parseComboAddress(label.replaceAll('-', '.'));
    if (parsed === undefined) break;
    candidates.push(parsed.address);
  }
  return formatAddress(pickClosest(context, candidates));
});

function coordinates({ latitude, longitude }: GeoLocation): string {
  return `${formatSixDecimals(latitude)} ${formatSixDecimals(longitude)}`;
}

function sexagesimal(degrees: number, positive: string, negative: string): string {
  // 0 takes the other branch in PowerDNS and turns into -0, which shows in the seconds.
  const size = degrees > 0 ? degrees : -degrees;
  const whole = Math.trunc(size);
  const minutes = (size - whole) * 60;
  const seconds = (minutes - Math.trunc(minutes)) * 60;
  const sign = Object.is(size, -0) ? '-' : '';
  const shown = sign === '-' ? '-0' : formatShortest(seconds);
  return `${whole === 0 ? 0 : whole} ${Math.trunc(minutes) === 0 ? 0 : Math.trunc(minutes)} ${shown} ${degrees > 0 ? positive : negative}`;
}

/** True where the client's attribute equals one of the texts, without regard to case. `unknown` can be asked for too. */
function comparison(name: string, attribute: GeoAttribute) {
  return recordFunction(name, [textOrList], (context, wanted) => {
    const actual = attributeOf(context, attribute);
    return wanted.some((one) => one.toLowerCase() === actual);
  });
}

/** The client's attribute in lower case; `--` where it is unknown. */
function code(name: string, attribute: GeoAttribute) {
  return recordFunction(name, [], (context) => {
    const actual = attributeOf(context, attribute);
    return actual === 'unknown' ? '--' : actual;
  });
}

function attributeOf(context: EvaluationContext, attribute: GeoAttribute): string {
  const actual = context.read(clientAttribute(attribute));
  context.because(({ bestwho }) => ({
    step: `the ${attribute} of ${formatAddress(bestwho)} is ${actual}`,
    detail: { attribute, value: actual },
  }));
  return actual;
}
