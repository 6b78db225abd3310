/** `predict`: what a server must answer, exactly, and why. */
import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import { contentOf } from '../agent/content.ts';
import { describeOutcome } from '../agent/judge.ts';
import { clientQuestion, requireAddress } from '../agent/model.ts';
import { predictionView } from '../agent/view.ts';
import { UserError } from '../geoip/errors.ts';
import { type Prediction, predict } from '../simulator/answer/predict.ts';
import { type Check, probeRequest } from '../simulator/health/check.ts';
import { ABSENT, type CheckStatus, DOWN, statusAfter, UP } from '../simulator/health/status.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import { formatRational, toNumber } from '../simulator/rational.ts';
import { absoluteName, lowerCaseName } from '../simulator/zone/name.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { luaModule } from '../wire/lua-module.ts';
import { realProber } from '../wire/prober.ts';
import { addressFlag, geoFor, modelOptions, profileFor, readOnce, sourceOf, subnetFlag, zoneOptions } from './options.ts';
import { printJson, printTable } from './print.ts';
import { version } from './version.ts';

const options = {
  ...zoneOptions,
  ...modelOptions,
  subnet: { type: 'string', requiresArg: true, describe: "The client's network, as sent by ECS" },
  from: { type: 'string', requiresArg: true, default: '127.0.0.1', describe: 'Address that the server sees the question come from' },
  up: { type: 'string', array: true, requiresArg: true, default: [] as string[], describe: 'Targets that are up (default: all)' },
  down: { type: 'string', array: true, requiresArg: true, default: [] as string[], describe: 'Targets that are down' },
  unknown: { type: 'string', array: true, requiresArg: true, default: [] as string[], describe: 'Targets without a result yet' },
  probe: { type: 'boolean', default: false, describe: 'Probe every target once, as PowerDNS does' },
  explain: { type: 'boolean', default: false, describe: 'Say why' },
} as const satisfies Record<string, Options>;

type Flags = InferredOptionTypes<typeof options> & { name: string; type?: string };

export const predictCommand: CommandModule<unknown, Flags> = {
  command: 'predict <name> [type]',
  describe: 'The exact distribution of answers to a question',
  builder: (argv) =>
    argv
      .positional('name', { type: 'string', demandOption: true, describe: 'Name to ask for' })
      .positional('type', { type: 'string', describe: 'Record type; default: what the LUA record yields' })
      .options(options)
      .example('$0 predict api.acme.test --zone acme.test.zone --down 192.0.2.1', '')
      .example('$0 predict api.acme.test --config-dir /etc/powerdns --subnet 198.51.100.0/24 --explain', '') as unknown as Argv<Flags>,
  handler: runPredict,
};

async function runPredict(flags: Flags): Promise<void> {
  const reading = await readOnce(sourceOf(flags));
  const profile = profileFor(flags.pdns, reading);
  const ownAddress = addressFlag('--from', flags.from);
  const subnet = flags.subnet === undefined ? undefined : subnetFlag('--subnet', flags.subnet);
  const content = contentOf({
    reading,
    geo: await geoFor(flags.geoip, reading),
    profile,
    lua: new LuaHost({ module: luaModule(), profile }),
    address: { address: '127.0.0.1', port: 53 },
    ownAddress: requireAddress('127.0.0.1'),
    clients: [{ name: 'client', subnet }],
  });
  const name = absoluteName(flags.name, '.');
  const type = flags.type?.toUpperCase() ?? luaTypeAt(reading.zones, name) ?? 'A';
  const question = clientQuestion(name, type, ownAddress, subnet);
  const believed = flags.probe ? await probedStatuses(content.checks, profile) : statedStatuses(flags);
  const prediction = predict(question, content.model, believed);
  if (flags.format === 'json') printJson(predictionView(prediction, question, profile.line));
  else printPrediction(prediction, name, type, profile, flags.explain);
}

/** What the LUA record of a name yields, where the type was not said. */
function luaTypeAt(zones: readonly Zone[], name: string): string | undefined {
  const wanted = lowerCaseName(name);
  return zones.flatMap((zone) => zone.records).find((record) => record.kind === 'lua' && lowerCaseName(record.owner) === wanted)
    ?.type;
}

/** Everything is up but what the flags say. A target is named by its address, with or without the port. */
function statedStatuses(flags: Flags): (check: Check) => CheckStatus {
  const named = (list: readonly string[], check: Check) =>
    list.some((target) => target === check.target || target === check.address || target === check.url);
  const onlyThese = flags.up.length > 0 && flags.down.length === 0 && flags.unknown.length === 0;
  return (check) => {
    if (named(flags.down, check)) return DOWN;
    if (named(flags.unknown, check)) return ABSENT;
    return named(flags.up, check) || !onlyThese ? UP : DOWN;
  };
}

async function probedStatuses(checks: readonly Check[], profile: Profile): Promise<(check: Check) => CheckStatus> {
  const prober = realProber({ version, maxConcurrency: 64 });
  const statuses = new Map<string, CheckStatus>();
  await Promise.all(
    checks.map(
      (check) =>
        new Promise<void>((resolve) => {
          prober(probeRequest(check, profile), (result) => {
            statuses.set(check.id, statusAfter(ABSENT, result, check, profile));
            resolve();
          });
        }),
    ),
  );
  await prober.close();
  return (check) => {
    const status = statuses.get(check.id);
    if (status === undefined) throw new UserError('E_PROBE', `${check.id} was not probed`);
    return status;
  };
}

function printPrediction(prediction: Prediction, name: string, type: string, profile: Profile, explain: boolean): void {
  console.log(`${name} ${type} on PowerDNS ${profile.line}`);
  console.log();
  printTable(
    ['probability', 'answer', 'TTL'],
    prediction.outcomes.map(({ outcome, probability }) => [
      `${formatRational(probability)} (${(toNumber(probability) * 100).toFixed(1)} %)`,
      describeOutcome(outcome, type),
      `${outcome.answers[0]?.ttlSeconds ?? ''}`,
    ]),
  );
  if (!prediction.exact) console.log('\nMore answers are possible than were listed.');
  if (prediction.checks.length > 0) {
    console.log();
    printTable(
      ['target', 'taken as', 'check'],
      prediction.checks.map(({ check, status }) => [check.target || check.url, status.kind, check.url || 'TCP']),
    );
  }
  for (const { code, message } of prediction.warnings) console.log(`\nwarning: ${message} (${code})`);
  if (!explain) return;
  console.log('\nBecause');
  for (const { step } of prediction.because) console.log(`  - ${step}`);
}
