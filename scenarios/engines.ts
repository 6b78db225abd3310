/** The engines that run scenarios, by what a person asks for. */
import { LuaHost } from '../simulator/lua/environment.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import { luaModule } from '../wire/lua-module.ts';
import type { Engine } from './engine.ts';
import { simulateEngine } from './simulate/engine.ts';

/** In virtual time, on real servers, or both held against each other. */
export const ENGINE_CHOICES = ['simulate', 'powerdns', 'both'] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

export interface EngineRequest {
  readonly engine: EngineChoice;
  /** How many times as fast as the clock real servers run; undefined: the most that comes out right. */
  readonly dilation?: number | undefined;
  /** Told why a run on real servers is made again. */
  readonly onDisturbed?: (reason: string) => void;
}

/** What real servers take is loaded, and looked for on the machine, only where it is asked for. */
export async function enginesFor({ engine, dilation, onDisturbed }: EngineRequest): Promise<readonly Engine[]> {
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
