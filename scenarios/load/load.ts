/** Scenario files in, scenarios out. */
import { readFileSync } from 'node:fs';
import { UserError } from '../../input/errors.ts';
import { parseYaml } from '../../input/yaml-document.ts';
import { checkYaml } from '../../input/yaml-schema.ts';
import type { PhaseRequest, Scenario } from '../scenario.ts';
import { type ScenarioFile, scenarioFile } from '../schema/schema.ts';
import { loadAlerts } from './alerts.ts';
import { loadExpectations } from './expect.ts';
import { lintScenario } from './lint.ts';
import { newReading, type Reading, type ScenarioWarning } from './reading.ts';
import { loadTimeline } from './timeline.ts';
import { endOf } from './times.ts';
import { loadTraffic } from './traffic.ts';
import { loadClients, loadGeo, loadLease, loadResolvers, loadServers, loadTargets, vantagesOf } from './world.ts';
import { loadZone, zoneNames } from './zone.ts';

export interface LoadOptions {
  /** The text of a file that the scenario names; the real one by default. */
  readonly readFile?: (path: string) => string;
}

export interface CheckedScenario {
  /** Undefined where there are errors. */
  readonly scenario: Scenario | undefined;
  /** In the order in which they are written. */
  readonly errors: readonly UserError[];
  readonly warnings: readonly ScenarioWarning[];
}

/**
 * Reads a scenario. Throws `UserError` with the place of the first thing that is wrong: `E_SCENARIO_SYNTAX` (no YAML),
 * `_KEY` (unknown or missing), `_VALUE`, `_NAME` (nothing is called so), `_TIME`, `_FAULT`, `_EXPECT`, `_SETTING`, `_PROFILE`,
 * `_ZONE`, `_FILE`; `E_ZONE_SYNTAX`, `E_NAME_SYNTAX` and `E_GEOIP_…` for what is written in those languages.
 */
export function loadScenario(text: string, file: string, options: LoadOptions = {}): Scenario {
  const { scenario, errors } = checkScenario(text, file, options);
  if (scenario === undefined) throw errors[0] ?? new Error('a scenario was refused without saying why');
  return scenario;
}

/** Everything that is wrong with a scenario, and what is odd about it. Never throws for what a file can hold. */
export function checkScenario(text: string, file: string, options: LoadOptions = {}): CheckedScenario {
  try {
    const yaml = parseYaml(text, file, 'E_SCENARIO_SYNTAX');
    const codes = { key: 'E_SCENARIO_KEY', value: 'E_SCENARIO_VALUE' };
    const checked = checkYaml(yaml, scenarioFile, codes, 'expected a mapping that starts with scenario: v1');
    if (checked.kind === 'wrong') return { scenario: undefined, errors: checked.problems, warnings: [] };
    const reading = newReading(yaml);
    const scenario = readScenario(reading, checked.value, options.readFile ?? ((path) => readFileSync(path, 'utf8')));
    const errors = reading.errors.toSorted(byPlace);
    return { scenario: errors.length === 0 ? scenario : undefined, errors, warnings: reading.warnings };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { scenario: undefined, errors: [error], warnings: [] };
  }
}

function readScenario(reading: Reading, file: ScenarioFile, readFile: (path: string) => string): Scenario {
  const zone = loadZone(reading, file.zone, readFile);
  const names = zoneNames(reading, zone.zone, file.timeline);
  const servers = loadServers(reading, file);
  const targets = loadTargets(reading, file);
  const resolvers = loadResolvers(reading, file, servers);
  const clients = loadClients(reading, file, servers, resolvers);
  const vantages = vantagesOf(servers, targets);
  const geo = loadGeo(reading, file.geo);
  const lease = loadLease(reading, file.lease, vantages);
  const world = { servers, targets, clients, vantages, geo, lease, profiles: file.profiles, names };
  const endsAt = endOf(reading, file);
  const timeline = loadTimeline(reading, file.timeline, world);
  const alerts = loadAlerts(reading, file.alerts, names);
  const scenario: Scenario = {
    file: reading.yaml.file,
    name: file.name,
    shows: file.shows.trim(),
    profiles: file.profiles,
    engines: file.engines,
    phase: phaseOf(file.phase),
    servers,
    targets,
    zone: zone.text,
    resolvers,
    clients,
    geo,
    lease,
    alerts,
    traffic: loadTraffic(reading, file.traffic, world),
    timeline,
    expect: loadExpectations(reading, file.expect, { ...world, alerts, timeline, endsAt }),
    endsAt,
  };
  if (reading.errors.length === 0) lintScenario(reading, scenario, zone);
  return scenario;
}

function phaseOf(written: ScenarioFile['phase']): PhaseRequest {
  if (written === 'all') return { kind: 'all' };
  return typeof written === 'number' ? { kind: 'fixed', offset: written } : { kind: 'sweep', count: written.sweep };
}

function byPlace({ place: a }: UserError, { place: b }: UserError): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}
