/** Whether an answer hangs on where somebody is: without the databases of the server nobody can foretell it. */
import { type GeoView, noGeo } from '../../geoip/location.ts';
import { type CheckStatus, DOWN, UP } from '../health/status.ts';
import { admissible } from './admissible.ts';
import type { Question } from './question.ts';
import type { ServerModel } from './server-model.ts';

/** A selector that looks for the closest target does so among those that are up, or where none is. */
const STATUSES: readonly (readonly CheckStatus[])[] = [[UP], [DOWN], [UP, DOWN]];
const MAX_PATHS = 500;

/** Does some code that answers the question look at GeoIP, as long as there is no database? */
export function looksAtGeo(question: Question, server: ServerModel): boolean {
  let hasLooked = false;
  const look = <T>(value: T): T => {
    hasLooked = true;
    return value;
  };
  const geo: GeoView = {
    attribute: (address, attribute) => look(noGeo.attribute(address, attribute)),
    location: (address) => look(noGeo.location(address)),
  };
  const watched = { ...server, geo };
  return STATUSES.some((statuses) => {
    admissible(question, watched, () => statuses, MAX_PATHS);
    return hasLooked;
  });
}
