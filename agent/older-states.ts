/** What a server was before, one thing at a time: its records, its GeoIP databases, its settings. */
import type { ServerModel } from '../simulator/answer/server-model.ts';
import type { Assumption } from './diagnose.ts';

/** `olderModels`: newest first. */
export function* olderStates(model: ServerModel, olderModels: readonly ServerModel[]): Generator<Assumption> {
  for (const [i, older] of others(model, olderModels, haveSameRecords).entries()) {
    yield {
      assumption: 'the server still has older records',
      detail: `as they were ${i + 1} change${i === 0 ? '' : 's'} ago: a zone transfer or a cache is behind`,
      model: { ...older, geo: model.geo },
    };
  }
  for (const { geo } of others(model, olderModels, (one, other) => one.geo === other.geo)) {
    yield {
      assumption: 'the server still has the older GeoIP database',
      detail:
        'the file was replaced, and PowerDNS goes on with the one that it has opened until it reloads or restarts',
      model: { ...model, geo },
    };
  }
  for (const { settings } of others(model, olderModels, haveSameSettings)) {
    yield {
      assumption: 'the server still has older settings',
      detail: 'most settings are read when PowerDNS starts: it has not been restarted since they were changed',
      model: { ...model, settings },
    };
  }
}

/** Those that differ from `model` and from each other. */
function others(
  model: ServerModel,
  olderModels: readonly ServerModel[],
  areSame: (one: ServerModel, other: ServerModel) => boolean,
): ServerModel[] {
  return olderModels.filter((older, i) => ![model, ...olderModels.slice(0, i)].some((newer) => areSame(newer, older)));
}

/** Zones that have not changed stay the same objects from reading to reading. */
function haveSameRecords(one: ServerModel, other: ServerModel): boolean {
  return one.zones.length === other.zones.length && one.zones.every(({ zone }, i) => zone === other.zones[i]?.zone);
}

function haveSameSettings(one: ServerModel, other: ServerModel): boolean {
  return JSON.stringify(one.settings) === JSON.stringify(other.settings);
}
