/** The server as it is before a new record has come to it, or after somebody has removed it there. */
import type { Question } from '../simulator/answer/question.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import { indexZone, type ZoneIndex, zoneOf } from '../simulator/zone/index.ts';
import { lowerCaseName } from '../simulator/zone/name.ts';
import type { ResourceRecord } from '../simulator/zone/record.ts';
import type { Assumption } from './diagnose.ts';

/** Without the records that answer the question, and without everything at their name. */
export function* withoutRecord({ name, type }: Question, model: ServerModel): Generator<Assumption> {
  const zone = zoneOf(model.zones, name);
  if (zone === undefined) return;
  const owners = new Set([lowerCaseName(name), `*.${lowerCaseName(name).split('.').slice(1).join('.')}`]);
  const isThere = ({ owner }: ResourceRecord) => owners.has(lowerCaseName(owner));
  const isAsked = (record: ResourceRecord) => isThere(record) && record.type === type;
  const all = zone.zone.records.filter(isThere);
  const asked = all.filter(isAsked);
  if (asked.length > 0) yield lacking(model, zone, isAsked, 'record');
  if (asked.length > 0 && asked.length < all.length) yield lacking(model, zone, isThere, 'name');
}

function lacking(
  model: ServerModel,
  zone: ZoneIndex,
  isGone: (record: ResourceRecord) => boolean,
  what: 'record' | 'name',
): Assumption {
  const left = indexZone({ ...zone.zone, records: zone.zone.records.filter((record) => !isGone(record)) });
  return {
    assumption: `the server does not have this ${what} (yet)`,
    detail:
      'it is new and has not come to it: a zone transfer, a reload or a negative cache is behind; or it was removed there',
    model: { ...model, zones: model.zones.map((each) => (each === zone ? left : each)) },
  };
}
