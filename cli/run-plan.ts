/** `plan`: reads zones and fleet, plans, prints. */
import { writeFile } from 'node:fs/promises';
import type { SourceConfig } from '../agent/config.ts';
import { requireAddress, serverModel } from '../agent/model.ts';
import { readOnce } from '../agent/read-once.ts';
import type { SourceReading } from '../agent/source.ts';
import { geoView, noGeo } from '../geoip/location.ts';
import { UserError } from '../input/errors.ts';
import { Detections } from '../planner/detection.ts';
import type { Fleet, FleetServer } from '../planner/fleet.ts';
import { fleetOfOne, loadFleet } from '../planner/load-fleet.ts';
import { makePlan, type PlanInput } from '../planner/make-plan.ts';
import { type SurveyedName, surveyOf } from '../planner/survey.ts';
import { parseWhatIf, withWhatIfs } from '../planner/what-if.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import { luaModule } from '../wire/lua-module.ts';
import { readTextFile, whyNot } from './files.ts';
import { databasesFor, geoFilesOf, profileFor, sourceOf, subnetFlag, warnOf } from './option-values.ts';
import type { PlanFlags } from './plan.ts';
import { printPlan } from './plan-text.ts';
import { printJson } from './print.ts';

export async function runPlan(flags: PlanFlags): Promise<void> {
  const whatIfs = (flags['what-if'] ?? []).map(parseWhatIf);
  const source = sourceOf(flags);
  const reading = await readOnce(source);
  warnOf(reading.warnings);
  const fleet = await fleetOf(flags, reading);
  const input = await inputOf(flags, source, reading, fleet);
  const detections = new Detections();
  const plan = makePlan(input, detections);
  const changed = whatIfs.length === 0 ? undefined : makePlan(withWhatIfs(input, whatIfs), detections);
  if (flags.curve !== undefined) await drawCurve(flags.curve, input, detections);
  const measured = flags.measure ? await (await import('./measured.ts')).measured(reading.zones, input) : undefined;
  const whatIf = changed === undefined ? undefined : { changes: flags['what-if'] ?? [], plan: changed };
  if (flags.format === 'json') printJson({ ...plan, ...(whatIf && { whatIf }), ...(measured && { measured }) });
  else printPlan(plan, { whatIf, measured, all: flags.all });
}

async function fleetOf(flags: PlanFlags, reading: SourceReading): Promise<Fleet> {
  const defaults = { profile: profileFor(flags.pdns, reading), settings: reading.settings };
  const clients = Math.max(1, flags.subnet?.length ?? 1);
  const withClients = (fleet: Fleet): Fleet => ({
    ...fleet,
    crossCheck: { ...fleet.crossCheck, clients: Math.max(fleet.crossCheck.clients, clients) },
  });
  if (flags.fleet === undefined) return withClients(fleetOfOne(defaults));
  const hint = 'Write one that starts with servers:, see docs/planning.md.';
  const text = await readTextFile(flags.fleet, 'E_FLEET_FILE', 'the fleet', hint);
  return withClients(loadFleet(text, flags.fleet, defaults));
}

async function inputOf(
  flags: PlanFlags,
  source: SourceConfig,
  reading: SourceReading,
  fleet: Fleet,
): Promise<PlanInput> {
  const databases = await databasesFor(geoFilesOf(flags.geoip, source, reading));
  const geo = databases.length === 0 ? noGeo : geoView(databases);
  const subnets = flags.subnet?.map((text) => subnetFlag('--subnet', text)) ?? [undefined];
  const options = { client: requireAddress('127.0.0.1'), subnets };
  const module = luaModule();
  const known = new Map<string, readonly SurveyedName[]>();
  const modelFor = ({ profile, settings }: FleetServer): ServerModel =>
    serverModel({
      profile,
      settings,
      zones: reading.zones,
      geo,
      lua: new LuaHost({ module, profile }),
      address: { address: '127.0.0.1', port: 53 },
      usesClientSubnets: flags.subnet !== undefined,
    });
  const surveys = fleet.servers.map((server) => {
    // Servers of one line with the same settings are asked for the same checks.
    const key = JSON.stringify([server.profile.line, server.profile.checker, server.settings.answer]);
    const names = known.get(key) ?? surveyOf(reading.zones, modelFor(server), options);
    known.set(key, names);
    return names;
  });
  if (surveys.every((names) => names.length === 0)) {
    const zones = reading.zones.map(({ name }) => name).join(', ') || 'none';
    throw new UserError('E_NO_LUA', `there are no LUA records in the zones that were read (${zones})`, {
      hint: "A plan is about records such as: api 30 IN LUA A \"ifportup(443, {'192.0.2.1', '192.0.2.2'})\".",
    });
  }
  warnOf(strangers(fleet, surveys));
  return { fleet, surveys };
}

/** Targets whose state is stated, and that nothing probes: most likely slips of the pen. */
function strangers({ targets }: Fleet, surveys: PlanInput['surveys']): string[] {
  const probed = new Set(
    surveys.flat().flatMap(({ warm, standby }) => [...warm, ...standby].map((check) => check.address)),
  );
  return [...targets.states.keys()]
    .filter((address) => !probed.has(address))
    .map((address) => `targets.states names ${address}, which no check of these records probes by its address`);
}

async function drawCurve(file: string, input: PlanInput, detections: Detections): Promise<void> {
  const { curveOf } = await import('../planner/curve.ts');
  const { curveSvg } = await import('../planner/curve-svg.ts');
  try {
    await writeFile(file, curveSvg(curveOf(input, detections)));
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('E_OUTPUT', `the picture cannot be written: ${whyNot(cause)}`, {
      place: { file },
      hint: 'Name a file in a folder that you can write to.',
      exitCode: 3,
      cause,
    });
  }
}
