/** The engines that run scenarios, by what a person asks for. */
import { UserError } from '../input/errors.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import { luaModule } from '../wire/lua-module.ts';
import type { Engine } from './engine.ts';
import type { PhaseRequest } from './scenario.ts';
import { simulateEngine } from './simulate/engine.ts';

/** In virtual time, on real servers, or both held against each other. */
export const ENGINE_CHOICES = ['simulate', 'powerdns', 'both'] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

export interface EngineRequest {
  readonly engine: EngineChoice;
  /** What was asked for instead of what scenarios say. */
  readonly phase?: PhaseRequest | undefined;
  /** How many times as fast as the clock real servers run; undefined: the most that comes out right. */
  readonly dilation?: number | undefined;
  /** Told why a run on real servers is made again. */
  readonly onDisturbed?: (reason: string) => void;
}

/**
 * What real servers take is loaded, and looked for on the machine, only where it is asked for. Throws `E_USAGE` where a dilation or
 * a phase says nothing to the engine.
 */
export async function enginesFor(request: EngineRequest): Promise<readonly Engine[]> {
  refuseIdle(request);
  const { engine, dilation, onDisturbed } = request;
  const lua = new LuaHost({ module: luaModule(), profile: PROFILES['5.1'] });
  if (engine === 'simulate') return [simulateEngine(lua)];
  const { powerDnsEngine } = await import('./powerdns/engine.ts');
  const { findServers } = await import('../wire/rig/rig.ts');
  const { servers } = await findServers();
  const real = powerDnsEngine({
    lua,
    binaryOf: (line) => servers.find((server) => server.line === line),
    dilation,
    compares: engine === 'both',
    ...(onDisturbed === undefined ? {} : { onDisturbed }),
  });
  return engine === 'both' ? [simulateEngine(lua), real] : [real];
}

function refuseIdle({ engine, dilation, phase }: EngineRequest): void {
  if (engine === 'simulate' && dilation !== undefined) {
    throw new UserError('E_USAGE', `dilation ${dilation}: simulated time has none`, {
      hint: 'Ask for the engine powerdns or both, or leave the dilation out.',
    });
  }
  if (engine === 'powerdns' && phase !== undefined && phase.kind !== 'fixed') {
    const asked = phase.kind === 'all' ? 'all' : `${phase.count}`;
    throw new UserError('E_USAGE', `phase ${asked}: a run on real servers has one phase`, {
      hint: 'Write one offset such as 2.5s, another seed for another phase, or the engine both, which simulates all of them.',
    });
  }
}
