/** Does the jobs of a sweep, one after the other. Each comes out the same wherever and in whatever order it is done. */
import type { GeoDatabase } from '../../geoip/database.ts';
import { noGeo } from '../../geoip/location.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { indexZone } from '../../simulator/zone/index.ts';
import { luaCode } from '../../simulator/zone/lua-code.ts';
import type { Zone } from '../../simulator/zone/record.ts';
import { type Asked, type Asking, askClients, askClientsOf, askThrough } from './asked.ts';
import { type Atlas, sampleOf, sampleText } from './atlas.ts';
import type { StateFigures } from './figures.ts';
import { type Grid, gridOf } from './grid.ts';
import { placeName } from './place-name.ts';
import { type State, stateName, statusIn } from './state.ts';
import { survey } from './survey.ts';
import type { Job, Sweep, SweptRecord } from './sweep.ts';
import { placeOfTarget, type TargetPlace } from './target.ts';
import { withWeights } from './weights.ts';

export interface SurveyorInput {
  readonly sweep: Sweep;
  readonly atlas: Atlas;
  readonly knownMasks: ReadonlySet<string>;
  readonly databases: readonly GeoDatabase[];
  readonly zones: readonly Zone[];
  /** Serves `zones`, with a view of `databases`. */
  readonly model: ServerModel;
}

export class Surveyor {
  readonly #input: SurveyorInput;
  readonly grid: Grid;
  readonly #places = new Map<string, TargetPlace | undefined>();
  /** What is answered while all is up, for the states of the same record. */
  #before: { readonly record: SweptRecord; readonly asked: Asked } | undefined;

  constructor(input: SurveyorInput) {
    this.#input = input;
    this.grid = gridOf(input.atlas);
  }

  figures({ number, record: index, state }: Job): StateFigures {
    const { sweep, atlas, databases } = this.#input;
    const record = sweep.records[index];
    if (record === undefined) throw new RangeError(`job ${number} is of record ${index}, which is not there`);
    const before = this.#whileUp(record);
    const after = state.kind === 'up' ? before : this.#ask(record, state);
    const down = state.kind === 'down' ? state.region.addresses.filter((each) => record.targets.includes(each)) : [];
    const surveyed = survey({
      atlas,
      grid: this.grid,
      before,
      after,
      available: record.targets.filter((target) => !down.includes(target)),
      picksByDistance: state.kind !== 'noEcs' && state.kind !== 'noGeoip' && picksByDistance(record),
      placeOf: (target) => this.#placeOf(target),
      describe: (kind) => ({
        network: sampleText(atlas, kind),
        where: placeName(databases, sampleOf(atlas, kind)),
      }),
    });
    return {
      job: number,
      name: record.owner,
      type: record.type,
      state: stateName(state),
      stateKind: state.kind,
      down,
      targetsNowhere: record.targets.filter((target) => this.#placeOf(target)?.source !== 'database'),
      picksByDistance: picksByDistance(record),
      ...surveyed,
      warnings: [...surveyed.warnings, ...after.unknownMasks.map(undivided)],
    };
  }

  nameOf({ state }: Job): string {
    return stateName(state);
  }

  #whileUp(record: SweptRecord): Asked {
    if (this.#before?.record !== record) this.#before = { record, asked: this.#ask(record, { kind: 'up' }) };
    return this.#before.asked;
  }

  #ask({ owner, questionName, type }: SweptRecord, state: State): Asked {
    const { atlas, model, zones, sweep, knownMasks } = this.#input;
    const asking = (server: ServerModel): Asking => ({
      name: questionName,
      type,
      model: server,
      statusOf: (_check, speaksFor) => statusIn(state, speaksFor),
      knownMasks,
    });
    switch (state.kind) {
      case 'noGeoip':
        return askClientsOf(atlas, asking({ ...model, geo: noGeo }));
      case 'noEcs':
        return askThrough(atlas, asking(model), sweep.resolvers);
      case 'weights': {
        const changed = withWeights(zones, { owner: owner.toLowerCase(), weights: state.weights });
        return this.#askOf(asking({ ...model, zones: changed.map(indexZone) }));
      }
      default:
        return this.#askOf(asking(model));
    }
  }

  #askOf(asking: Asking): Asked {
    const { atlas } = this.#input;
    return asking.model.geo === noGeo ? askClientsOf(atlas, asking) : askClients(atlas, asking);
  }

  #placeOf(target: string): TargetPlace | undefined {
    if (!this.#places.has(target)) {
      this.#places.set(target, placeOfTarget(target, this.#input.sweep.places, this.#input.model.geo));
    }
    return this.#places.get(target);
  }
}

function picksByDistance({ records }: SweptRecord): boolean {
  return records.some(({ text }) => /closest/i.test(luaCode(text, false)));
}

function undivided(mask: string): string {
  return `the code compares clients with ${mask} in a way that was found too late: they are counted with their neighbours`;
}
