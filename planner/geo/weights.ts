/** Records with other weights than they have. */
import { UserError } from '../../input/errors.ts';
import type { LuaRecord, Zone } from '../../simulator/zone/record.ts';

export interface WeightsOf {
  /** Absolute, in lower case. */
  readonly owner: string;
  readonly weights: readonly number[];
}

/** `NAME=60,40`. Throws `UserError` `E_WEIGHTS`. */
export function parseWeights(text: string): WeightsOf {
  const [, name, list] = /^([^=]+)=(\d{1,9}(?:,\d{1,9})*)$/.exec(text.trim()) ?? [];
  if (name === undefined || list === undefined) {
    throw new UserError('E_WEIGHTS', `--what-if-weights ${text}: expected NAME=WEIGHT,WEIGHT`, {
      hint: 'Write --what-if-weights www.acme.test=60,40, a weight for each row of its list.',
    });
  }
  const owner = name.toLowerCase();
  return { owner: owner.endsWith('.') ? owner : `${owner}.`, weights: list.split(',').map(Number) };
}

const ROW = /(\{\s*['"]?)(\d+)(?=['"]?\s*,)/g;

/**
 * The zones with these weights in place of those in the record's code, row by row. Throws `UserError` `E_WEIGHTS_RECORD` where
 * no such record is there or its code has another number of rows.
 */
export function withWeights(zones: readonly Zone[], { owner, weights }: WeightsOf): Zone[] {
  const isMeant = (record: Zone['records'][number]): record is LuaRecord =>
    record.kind === 'lua' && record.owner.toLowerCase() === owner && rowsOf(record) > 0;
  const meant = zones.flatMap(({ records }) => records.filter(isMeant));
  const rows = meant.map(rowsOf);
  if (meant.length === 0 || rows.some((count) => count !== weights.length)) {
    const why =
      meant.length === 0 ? 'has no list of weights' : `has ${rows.join(' and ')} weights, not ${weights.length}`;
    throw new UserError('E_WEIGHTS_RECORD', `${owner} ${why}`, {
      hint: 'Name a record of pickwhashed, pickwrandom or the like, and give a weight for each row of its list.',
    });
  }
  return zones.map((zone) => ({
    ...zone,
    records: zone.records.map((record) =>
      isMeant(record) ? { ...record, text: reweighed(record.text, weights) } : record,
    ),
  }));
}

function rowsOf({ text }: LuaRecord): number {
  return [...text.matchAll(ROW)].length;
}

function reweighed(text: string, weights: readonly number[]): string {
  let row = 0;
  return text.replace(ROW, (_, before: string) => `${before}${weights[row++] ?? 0}`);
}
