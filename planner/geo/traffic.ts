/** Traffic files: how much each client network asks, as people measure it. */
import { type IpAddress, parseNetmask } from '../../geoip/address.ts';
import { UserError } from '../../input/errors.ts';

/** A client network as resolvers send it: PowerDNS answers it whole, as its first address. */
export interface TrafficLine {
  readonly address: IpAddress;
  readonly weight: number;
}

const MOST_TRAFFIC = 2 ** 53;
const HINT = 'Write a line for each client network, such as 198.51.100.0/24,1200';

/**
 * Reads CSV of `network,weight`: networks or addresses, numbers from 0 up in any unit. A first line of other words is a
 * heading; empty lines and lines that start with # say nothing. A network that comes twice counts twice.
 *
 * Throws `UserError` with the line: `E_TRAFFIC_LINE` (not two fields), `E_TRAFFIC_NETWORK`, `E_TRAFFIC_WEIGHT`,
 * `E_TRAFFIC_EMPTY` (nothing has a weight).
 */
export function parseTraffic(text: string, file: string): TrafficLine[] {
  const lines: TrafficLine[] = [];
  let sum = 0;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const fields = line.split(',').map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
    const [network = '', weight = ''] = fields;
    if (line.trim() === '' || network.startsWith('#') || (i === 0 && isHeading(fields))) continue;
    const place = { file, line: i + 1 };
    if (fields.length !== 2) {
      throw new UserError('E_TRAFFIC_LINE', `expected network,weight, found ${count(fields.length)}`, {
        place,
        hint: HINT,
      });
    }
    const prefix = /^[^/]+(\/\d{1,3})?$/.test(network) ? parseNetmask(network) : undefined;
    if (prefix === undefined) {
      throw new UserError('E_TRAFFIC_NETWORK', `'${network}' is no network`, {
        place: { ...place, column: 1 },
        hint: HINT,
      });
    }
    const amount = /^\d+(\.\d+)?$/.test(weight) ? Number(weight) : Number.NaN;
    sum += amount;
    if (!(sum < MOST_TRAFFIC)) {
      const why = Number.isNaN(amount) ? 'is no number from 0 up' : 'makes the sum larger than can be counted';
      const column = line.indexOf(',') + 2;
      throw new UserError('E_TRAFFIC_WEIGHT', `'${weight}' ${why}`, { place: { ...place, column }, hint: HINT });
    }
    if (amount > 0) lines.push({ address: prefix.address, weight: amount });
  }
  if (lines.length === 0) {
    throw new UserError('E_TRAFFIC_EMPTY', 'no client network has any traffic', { place: { file }, hint: HINT });
  }
  return lines;
}

function isHeading(fields: readonly string[]): boolean {
  return fields.length > 0 && fields.every((field) => /^[A-Za-z_ ]+$/.test(field));
}

function count(fields: number): string {
  return fields === 1 ? 'one field' : `${fields} fields`;
}
