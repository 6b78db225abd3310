/** Every prefix with the targets of its clients, as CSV. */
import { formatPrefix } from '../../geoip/address.ts';
import type { GeoDatabase } from '../../geoip/database.ts';
import { noGeo } from '../../geoip/location.ts';
import { clientMap } from '../../simulator/answer/client-map.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { indexZone } from '../../simulator/zone/index.ts';
import type { Zone } from '../../simulator/zone/record.ts';
import { stateName, statusIn } from './state.ts';
import type { Sweep } from './sweep.ts';
import { sharesOf } from './target.ts';
import { withWeights } from './weights.ts';

export interface PrefixInput {
  readonly sweep: Sweep;
  readonly zones: readonly Zone[];
  readonly model: ServerModel;
  readonly databases: readonly GeoDatabase[];
}

/**
 * A heading, then `record,type,state,prefix,targets`: a target with its share where there are several, `as PREFIX` for copies of
 * the IPv4 networks inside IPv6. Without the state that has no ECS: there clients are answered by their resolver, not by where
 * they are.
 */
export function* prefixLines({ sweep, zones, model, databases }: PrefixInput): Generator<string> {
  yield 'record,type,state,prefix,targets\n';
  for (const { record, state } of sweep.jobs) {
    const swept = sweep.records[record];
    if (swept === undefined || state.kind === 'noEcs') continue;
    const { owner, questionName, type } = swept;
    const changed =
      state.kind === 'weights' ? withWeights(zones, { owner: owner.toLowerCase(), weights: state.weights }) : undefined;
    const server = {
      ...model,
      ...(changed && { zones: changed.map(indexZone) }),
      ...(state.kind === 'noGeoip' && { geo: noGeo }),
    };
    const map = clientMap({
      question: { name: questionName, type, ednsSize: 1232 },
      server,
      databases: state.kind === 'noGeoip' ? [] : databases,
      statusOf: (_check, speaksFor) => statusIn(state, speaksFor),
    });
    const texts = map.answers.map((answer) => shareText([...sharesOf(answer, type)]));
    const start = [owner, type, stateName(state)].map(field).join(',');
    for (const table of [map.ipv4, map.ipv6]) {
      for (let i = 0; i < table.size; i++) {
        const value = table.valueAt(i);
        const copy = map.copies[-1 - value];
        const text = copy === undefined ? (texts[value] ?? '') : `as ${formatPrefix(copy)}`;
        yield `${start},${formatPrefix(table.prefixAt(i))},${field(text)}\n`;
      }
    }
  }
}

function shareText(shares: readonly (readonly [string, number])[]): string {
  if (shares.length === 1) return shares[0]?.[0] ?? '';
  return shares.map(([target, share]) => `${target} ${Number(share.toFixed(4))}`).join('; ');
}

function field(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
