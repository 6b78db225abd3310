/** `/api/v1/explain`: which cross-check is meant, or what is wrong with the question. */
import { closestWord } from '../input/spelling.ts';
import type { Agent } from './agent.ts';
import { pastView } from './history-view.ts';
import { INSTANT_FORMS, parseInstant } from './instant.ts';
import type { CrossCheck } from './model.ts';
import type { WatchedServer } from './server.ts';
import { explainView } from './view.ts';

/** The status and JSON of the answer: one explanation, a list where several cross-checks fit, or `code` and `message`. */
export interface Explained {
  readonly status: 200 | 400 | 404;
  readonly value: unknown;
}

const PARAMETERS = ['name', 'type', 'client', 'server', 'at'];
const EXAMPLE = '/api/v1/explain?name=api.acme.test&type=A&client=eu&server=ns1';
const MOST_NAMES_LISTED = 20;
/** Who asks for now may have a clock that is ahead. */
const CLOCK_DIFFERENCE_MS = 60_000;

/** For each of several it would take too long. */
const SEVERAL_FIT = 'several fit; what would change the answer is told of one: add type, server and client';

interface Found {
  readonly server: WatchedServer;
  readonly crossCheck: CrossCheck;
}

/** Throws `UserError` `E_HISTORY` where the past is asked for and its file cannot be had. */
export function explain(agent: Agent, query: URLSearchParams): Explained {
  const wrong = wrongParameter(agent, query);
  if (wrong !== undefined) return wrong;
  const all = agent.servers.flatMap((server) =>
    (server.content?.crossChecks ?? []).map((crossCheck): Found => ({ server, crossCheck })),
  );
  let found = all;
  for (const filter of FILTERS) {
    const wanted = query.get(filter.parameter);
    if (wanted === null) continue;
    const fitting = found.filter((each) => filter.values(each).some((value) => filter.same(value, wanted)));
    if (fitting.length === 0)
      return unknown(
        filter.parameter,
        wanted,
        found.flatMap((each) => filter.values(each).slice(0, 1)),
      );
    found = fitting;
  }
  const { history } = agent;
  const atMs = parseInstant(query.get('at') ?? '');
  const [only, ...others] = found.map(({ server, crossCheck }) =>
    atMs === undefined || history === undefined
      ? explainView(agent, server, crossCheck, found.length === 1)
      : pastView(history, server, crossCheck, atMs),
  );
  if (others.length === 0) return { status: 200, value: only };
  return { status: 200, value: [only, ...others].map((each) => ({ ...each, note: SEVERAL_FIT })) };
}

/** In the order in which they narrow the choice, so that a message names what exists among the rest. */
const FILTERS: readonly {
  readonly parameter: string;
  readonly values: (found: Found) => readonly string[];
  readonly same: (value: string, wanted: string) => boolean;
}[] = [
  {
    parameter: 'name',
    values: ({ crossCheck }) => [crossCheck.watched.owner, crossCheck.watched.questionName],
    same: (value, wanted) => absolute(value) === absolute(wanted),
  },
  {
    parameter: 'type',
    values: ({ crossCheck }) => [crossCheck.watched.type],
    same: (value, wanted) => value === wanted.toUpperCase(),
  },
  { parameter: 'server', values: ({ server }) => [server.config.name], same: (value, wanted) => value === wanted },
  { parameter: 'client', values: ({ crossCheck }) => [crossCheck.client], same: (value, wanted) => value === wanted },
];

function wrongParameter(agent: Agent, query: URLSearchParams): Explained | undefined {
  const strange = [...query.keys()].find((key) => !PARAMETERS.includes(key));
  if (strange !== undefined) {
    const meant = closestWord(strange, PARAMETERS);
    const hint = meant === undefined ? `known are ${PARAMETERS.join(', ')}` : `did you mean ${meant}?`;
    return refusal(400, 'E_EXPLAIN_PARAMETER', `unknown parameter '${strange}'; ${hint}`);
  }
  if (!query.get('name')) return refusal(400, 'E_EXPLAIN_NAME', `name is missing; write ${EXAMPLE}`);
  const at = query.get('at');
  return at === null ? undefined : wrongTime(agent, at);
}

function wrongTime({ history, historyProblem }: Agent, at: string): Explained | undefined {
  if (history === undefined) {
    if (historyProblem !== undefined) throw historyProblem;
    const how = 'write history: { path: /var/lib/pdns-shadow/history.db } in its configuration';
    return refusal(400, 'E_EXPLAIN_AT', `at= needs a history, which this agent does not keep; ${how}`);
  }
  const atMs = parseInstant(at);
  if (atMs === undefined) return refusal(400, 'E_EXPLAIN_AT', `at=${at} is no time; write ${INSTANT_FORMS}`);
  const isFuture = atMs > Date.now() + CLOCK_DIFFERENCE_MS;
  return isFuture ? refusal(400, 'E_EXPLAIN_AT', `at=${at} is in the future`) : undefined;
}

function unknown(parameter: string, wanted: string, values: readonly string[]): Explained {
  const known = [...new Set(values)];
  const meant = closestWord(wanted, known);
  const listed = known.slice(0, MOST_NAMES_LISTED).join(', ');
  const more = known.length > MOST_NAMES_LISTED ? ` and ${known.length - MOST_NAMES_LISTED} more` : '';
  const hint = meant === undefined ? `known here: ${listed || 'nothing yet'}${more}` : `did you mean ${meant}?`;
  return refusal(404, 'E_EXPLAIN_UNKNOWN', `nothing is watched with ${parameter} '${wanted}'; ${hint}`);
}

function refusal(status: 400 | 404, code: string, message: string): Explained {
  return { status, value: { code, message } };
}

function absolute(name: string): string {
  return name.toLowerCase().replace(/\.?$/, '.');
}
