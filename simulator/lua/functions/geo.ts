/** Functions over what the geoip backend knows of the client. */
import { formatAddress, parseNetmask, prefixContains } from '../../../geoip/address.ts';
import type { GeoAttribute } from '../../../geoip/location.ts';
import type { EvaluationContext } from '../context.ts';
import { recordFunction, textList, textOrList } from '../convert.ts';
import { LuaError } from '../vm.ts';

/** Is the client in any of the networks? Families never match each other; a bad mask counts only when it is reached. */
export const netmask = recordFunction('netmask', [textList], (context, masks) => {
  const { bestwho } = context.query;
  for (const mask of masks) {
    const prefix = parseNetmask(mask);
    if (prefix === undefined) throw new LuaError(`'${mask}' is no netmask`);
    if (prefixContains(prefix, bestwho)) {
      context.because({ step: `${formatAddress(bestwho)} is in ${mask}`, detail: { mask } });
      return true;
    }
  }
  context.because({ step: `${formatAddress(bestwho)} is in none of ${masks.join(', ')}`, detail: { masks } });
  return false;
});

export const country = comparison('country', 'country');
export const continent = comparison('continent', 'continent');
export const region = comparison('region', 'region');
export const asnum = comparison('asnum', 'asn');

export const countryCode = code('countryCode', 'country');
export const continentCode = code('continentCode', 'continent');
export const regionCode = code('regionCode', 'region');

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
  const actual = context.geo.attribute(context.query.bestwho, attribute);
  context.because({
    step: `the ${attribute} of ${formatAddress(context.query.bestwho)} is ${actual}`,
    detail: { attribute, value: actual },
  });
  return actual;
}
