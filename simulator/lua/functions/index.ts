/** Every function that is simulated, by name. Which of them a release line has is in its profile. */
import type { RecordFunction } from '../convert.ts';
import * as base from './base.ts';
import * as forward from './forward.ts';
import * as geo from './geo.ts';
import * as ifup from './ifup.ts';
import * as lookup from './lookup.ts';
import * as pick from './pick.ts';
import * as reverse from './reverse.ts';
import * as view from './view.ts';

export const RECORD_FUNCTIONS: ReadonlyMap<string, RecordFunction> = new Map(
  [base, pick, ifup, geo, view, lookup, forward, reverse]
    .flatMap((room) => Object.values(room))
    .map((fn) => [fn.name, fn]),
);
