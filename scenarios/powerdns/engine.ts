/** The engine `powerdns`: a scenario on real servers, and what they answered held against all that the simulation deems possible. */
import type { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import type { ReleaseLine } from '../../simulator/profile/profile.ts';
import type { ServerBinary } from '../../wire/rig/rig.ts';
import type { Engine } from '../engine.ts';
import { cannotRun } from './cannot-run.ts';
import { runJudged } from './judged-run.ts';

export interface PowerDnsEngineOptions {
  readonly lua: LuaHost;
  readonly binaryOf: (line: ReleaseLine) => ServerBinary | undefined;
  /** How many times as fast as the clock; undefined: the most that comes out right. */
  readonly dilation: number | undefined;
  /** Fail where an answer is outside of what the simulation deems possible, whatever is expected. */
  readonly compares: boolean;
  /** Told why a run is made again: the machine was too busy, or something failed that may have come of the hurry. */
  readonly onDisturbed?: (reason: string) => void;
}

export function powerDnsEngine({ lua, binaryOf, dilation, compares, onDisturbed }: PowerDnsEngineOptions): Engine {
  return {
    name: 'powerdns',
    cannotRun,
    async run(scenario, { profile, seed, phase }) {
      const { result } = await runJudged(scenario, {
        line: profile,
        seed,
        lua: lua.withProfile(PROFILES[profile]),
        binaryOf,
        compares,
        ...(dilation === undefined ? {} : { dilation }),
        ...(phase?.kind === 'fixed' ? { offset: phase.offset } : {}),
        ...(onDisturbed === undefined ? {} : { onDisturbed }),
      });
      return result;
    },
  };
}
