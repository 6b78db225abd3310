/** What programs can use of pdns-shadow: predict, judge, replay scenarios, and the databases and zones that this needs. */
export {
  formatAddress,
  formatPrefix,
  type IpAddress,
  type Prefix,
  parseAddress,
  parseNetmask,
} from './geoip/address.ts';
export { GeoDatabase, openDatabase, openDatabases } from './geoip/database.ts';
export { type GeoView, geoView, noGeo } from './geoip/location.ts';
export { type GeoNetwork, writeDatabase } from './geoip/writer.ts';
export { UserError } from './input/errors.ts';
export type { ScenarioReport } from './scenarios/report/report.ts';
export type { Scenario } from './scenarios/scenario.ts';
export {
  assertScenario,
  loadScenarioFile,
  runScenario,
  ScenarioFailure,
  type ScenarioRunOptions,
} from './scenarios/testing.ts';
export { type AdmissibleSet, admissible } from './simulator/answer/admissible.ts';
export { answerPlaceOf, type ClientMap, clientMap } from './simulator/answer/client-map.ts';
export { evaluate } from './simulator/answer/evaluate.ts';
export { type AnswerRecord, answerTexts, type Outcome } from './simulator/answer/outcome.ts';
export { type Prediction, predict } from './simulator/answer/predict.ts';
export type { Question } from './simulator/answer/question.ts';
export type { AnswerSettings, ServerModel } from './simulator/answer/server-model.ts';
export type { Clock } from './simulator/clock.ts';
export type { Check } from './simulator/health/check.ts';
export { Checker } from './simulator/health/checker.ts';
export type { ProbeRequest, ProbeResult, Prober } from './simulator/health/probe.ts';
export { ABSENT, type CheckStatus, DOWN, UP } from './simulator/health/status.ts';
export { LuaHost } from './simulator/lua/environment.ts';
export { PROFILES, profileOfVersion } from './simulator/profile/index.ts';
export type { Profile, ReleaseLine } from './simulator/profile/profile.ts';
export { indexZone } from './simulator/zone/index.ts';
export type { ResourceRecord, Zone } from './simulator/zone/record.ts';
export { parseZoneFile } from './simulator/zone/zonefile.ts';
export { luaModule } from './wire/lua-module.ts';
