/** `predict --all-clients`: the answers to every client of the world, for people and for programs. */
import { outcomesView, statusesView } from '../agent/prediction-view.ts';
import { formatPrefix } from '../geoip/address.ts';
import type { GeoDatabase } from '../geoip/database.ts';
import type { PrefixTable } from '../geoip/prefix-table.ts';
import type { ClientMap } from '../simulator/answer/client-map.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import type { Warning } from '../simulator/lua/context.ts';
import { formatRational, toNumber } from '../simulator/rational.ts';
import { describeClientAnswer, describeSample, percent } from './outcomes.ts';
import { luaRecordsAt, printChecks, printWarnings } from './prediction.ts';
import { printLines, printTable } from './print.ts';

export interface AllClients {
  readonly map: ClientMap;
  readonly question: Pick<Question, 'name' | 'type'>;
  readonly model: ServerModel;
  readonly databases: readonly GeoDatabase[];
  readonly warnings: readonly Warning[];
}

/** Rows of the summary; the rest is counted. */
const MOST_ROWS = 25;
const ALL_IPV4 = 2 ** 32;

/** How the world is shared out among the answers. */
export function printSummary({ map, question, model, databases, warnings }: AllClients): void {
  const { name, type } = question;
  const networks = map.answers.reduce((sum, answer) => sum + answer.networks, 0);
  const hasNetworks = networks > 0;
  const rows = map.answers.toSorted((a, b) => b.ipv4Addresses - a.ipv4Addresses || b.prefixes - a.prefixes);
  console.log(`${name} ${type} on PowerDNS ${model.profile.line}, asked by every client itself\n`);
  printTable(
    [...(hasNetworks ? ['networks'] : []), 'IPv4 addresses', 'prefixes', 'answer'],
    rows
      .slice(0, MOST_ROWS)
      .map((answer) => [
        ...(hasNetworks ? [percent(answer.networks / networks)] : []),
        percent(answer.ipv4Addresses / ALL_IPV4),
        `${answer.prefixes}`,
        describeClientAnswer(answer, type),
      ]),
  );
  if (rows.length > MOST_ROWS) console.log(`… and ${rows.length - MOST_ROWS} more answers: see --prefixes`);
  for (const note of notes(map, databases, networks)) console.log(`\n${note}`);
  printChecks(map.checks);
  printWarnings(warnings, luaRecordsAt(model, name));
}

/** One line a prefix: `192.0.2.0/24`, a tab, the answer. */
export function printPrefixes({ map, question }: AllClients): Promise<void> {
  const texts = map.answers.map((answer) => describeClientAnswer(answer, question.type));
  return printLines(
    prefixesOf(map, (prefix, answer, copyOf) => `${prefix}\t${copyOf === undefined ? texts[answer] : `as ${copyOf}`}`),
  );
}

/** One object; its prefixes come one a line, since there may be millions. */
export function printMapJson(all: AllClients): Promise<void> {
  return printLines(jsonLines(all));
}

function* jsonLines({ map, question, model, databases, warnings }: AllClients): Generator<string> {
  const head = {
    name: question.name,
    type: question.type,
    profile: model.profile.line,
    exact: map.answers.every(({ groups }) => groups.every(({ distribution }) => distribution.exact)),
    clients: 'every address, asking itself without ECS',
    geoip: databases.map(({ label }) => label),
    answers: map.answers.map(({ groups, networks, ipv4Addresses, prefixes }) => ({
      groups: groups.map(({ share, distribution }) => ({
        share: toNumber(share),
        shareExact: formatRational(share),
        outcomes: outcomesView(distribution, question.type),
      })),
      networks,
      ipv4Addresses,
      prefixes,
    })),
    checks: statusesView(map.checks),
    warnings,
  };
  const text = JSON.stringify(head, undefined, 2);
  yield `${text.slice(0, text.lastIndexOf('\n'))},`;
  yield '  "prefixes": [';
  let before = '';
  for (const entry of prefixesOf(map, (prefix, answer, copyOf) =>
    copyOf === undefined ? `{"prefix":"${prefix}","answer":${answer}}` : `{"prefix":"${prefix}","as":"${copyOf}"}`,
  )) {
    if (before !== '') yield `${before},`;
    before = `    ${entry}`;
  }
  yield before;
  yield '  ]';
  yield '}';
}

/** In ascending order, IPv4 first. */
function* prefixesOf(
  map: ClientMap,
  lineOf: (prefix: string, answer: number, copyOf: string | undefined) => string,
): Generator<string> {
  const copies = map.copies.map(formatPrefix);
  for (const table of [map.ipv4, map.ipv6]) {
    for (let i = 0; i < table.size; i++) {
      const value = table.valueAt(i);
      yield lineOf(formatPrefix(table.prefixAt(i)), value, value < 0 ? copies[-1 - value] : undefined);
    }
  }
}

function* notes(map: ClientMap, databases: readonly GeoDatabase[], networks: number): Generator<string> {
  const distributions = map.answers.flatMap(({ groups }) => groups.map(({ distribution }) => distribution));
  if (databases.length === 0) {
    yield 'No GeoIP database is loaded, so every client is nowhere: only networks that the record names tell clients apart.';
  } else {
    yield `Shares of networks are of ${networks} in ${databases.map(({ label }) => label).join(', ')}, cut where the record cuts them.`;
  }
  if (map.answers.some(({ groups }) => groups.length > 1)) {
    yield 'By hash: the hash of its address puts a client into one group for good; that is no draw. The shares are nominal,\n' +
      'those of very many clients: of a few, or a single address, all may be in one group.';
  }
  const sampled = distributions.map(describeSample).find((text) => text !== undefined);
  if (sampled !== undefined) yield sampled;
  const copies = copiesIn(map.ipv6);
  if (copies.length > 0) {
    const where = map.copies.map(formatPrefix).join(', ');
    yield `IPv6 clients in ${copies.join(', ')} are answered as ${where}:\nthe database has the IPv4 networks there again.`;
  }
}

function copiesIn(table: PrefixTable): string[] {
  return Array.from({ length: table.size }, (_, i) => i)
    .filter((i) => table.valueAt(i) < 0)
    .map((i) => formatPrefix(table.prefixAt(i)));
}
