/** `agent`: the daemon. */
import { readFileSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import pino from 'pino';
import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import { Agent } from '../agent/agent.ts';
import { serveApi } from '../agent/api.ts';
import { type AgentConfig, configForDirectory, formatEndpoint, parseConfig, parseEndpoint } from '../agent/config.ts';
import type { AgentEvent } from '../agent/events.ts';
import { UserError } from '../geoip/errors.ts';
import { readConfigDir } from '../wire/pdns-conf.ts';
import { version } from './version.ts';

const options = {
  config: { type: 'string', requiresArg: true, describe: 'Configuration file (YAML)' },
  'config-dir': { type: 'string', requiresArg: true, describe: 'Run beside the PowerDNS of this directory, with no file of its own' },
  listen: { type: 'string', requiresArg: true, describe: 'ADDRESS:PORT for metrics and API; overrides the file' },
  'log-level': { choices: ['debug', 'info', 'warn', 'error'] as const, default: 'info' as const, describe: 'Least severe message' },
} as const satisfies Record<string, Options>;

type Flags = InferredOptionTypes<typeof options>;

export const agentCommand: CommandModule<unknown, Flags> = {
  command: 'agent',
  describe: 'Watch PowerDNS servers and export what is wrong',
  builder: (argv) =>
    argv
      .options(options)
      .example('$0 agent --config-dir /etc/powerdns', 'beside an existing server')
      .example('$0 agent --config pdns-shadow.yaml', '') as unknown as Argv<Flags>,
  handler: runAgent,
};

async function runAgent(flags: Flags): Promise<void> {
  const log = pino({ level: flags['log-level'], base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const load = () => loadConfig(flags);
  let agent = await startAgent(await load(), log);
  const reload = async (): Promise<void> => {
    try {
      const next = await startAgent(await load(), log);
      const old = agent;
      agent = next;
      await old.stop();
      log.info('configuration reloaded');
    } catch (error) {
      agent.metrics.set('config_last_reload_successful', {}, 0);
      log.error({ err: describe(error) }, 'the new configuration is not used; the old one goes on');
      throw error;
    }
  };
  const api = await serveApi(agent.config.listen, { agent: () => agent, reload });
  log.info({ listen: formatEndpoint(agent.config.listen), version }, 'listening');

  const reloadQuietly = () => void reload().catch(() => undefined);
  process.on('SIGHUP', reloadQuietly);
  const watcher = flags.config === undefined ? undefined : watchFile(flags.config, reloadQuietly);
  await new Promise<void>((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done());
  });
  log.info('stopping');
  watcher?.close();
  api.close();
  api.closeAllConnections();
  await agent.stop();
  process.exit(0);
}

async function startAgent(config: AgentConfig, log: pino.Logger): Promise<Agent> {
  const agent = new Agent({ config, version, onEvent: (event) => logEvent(log, event) });
  try {
    await agent.start();
  } catch (error) {
    await agent.stop();
    throw error;
  }
  return agent;
}

async function loadConfig(flags: Flags): Promise<AgentConfig> {
  const { config, configDir } = flags as Flags & { configDir?: string };
  if ((config === undefined) === (configDir === undefined)) {
    throw new UserError('E_USAGE', 'the agent needs either --config FILE or --config-dir DIR');
  }
  const loaded = config === undefined ? await configOfDirectory(configDir ?? '') : await configOfFile(config);
  if (flags.listen === undefined) return loaded;
  const listen = parseEndpoint(flags.listen);
  if (listen === undefined) throw new UserError('E_LISTEN', `--listen ${flags.listen}: expected ADDRESS:PORT`);
  return { ...loaded, listen };
}

async function configOfFile(file: string): Promise<AgentConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError('E_CONFIG', `the configuration cannot be read: ${describe(cause)}`, { place: { file }, cause });
  }
  return parseConfig(text, file);
}

async function configOfDirectory(directory: string): Promise<AgentConfig> {
  const config = await readConfigDir(directory);
  const [listens] = config.localAddresses;
  const anywhere = listens === undefined || listens.address === '0.0.0.0' || listens.address === '::';
  const address = { address: anywhere ? '127.0.0.1' : listens.address, port: listens?.port ?? 53 };
  return configForDirectory(directory, address, config.geoipDatabaseFiles || undefined);
}

/** Editors and ConfigMaps replace files, which a watch on the file itself would not survive: watch its folder. */
function watchFile(file: string, changed: () => void) {
  const path = resolve(file);
  let last = readFileSync(path, 'utf8');
  let timer: NodeJS.Timeout | undefined;
  return watch(dirname(path), (_event, name) => {
    if (name !== null && name !== basename(path) && !name.startsWith('..')) return;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const text = await readFile(path, 'utf8').catch(() => last);
      if (text === last) return;
      last = text;
      changed();
    }, 100);
  });
}

function logEvent(log: pino.Logger, event: AgentEvent): void {
  switch (event.kind) {
    case 'target changed': {
      const { check, result, after } = event.probe;
      log.info({ check: check.id, reason: result.reason }, `target ${check.target || check.url} is ${after.kind} as seen from here`);
      break;
    }
    case 'drift opened': {
      const { drift, diagnosis } = event;
      const { server, name, type, client, class: driftClass, message } = drift;
      const explained = diagnosis.filter(({ explains }) => explains).map(({ assumption }) => assumption);
      log.error({ server, name, type, client, class: driftClass, explained }, `drift: ${message}`);
      break;
    }
    case 'drift resolved': {
      const { server, name, type, client, class: driftClass } = event.drift;
      log.info({ server, name, type, client, class: driftClass }, 'drift resolved');
      break;
    }
    case 'source failed':
    case 'server down': {
      const { kind, ...details } = event;
      log.error(details, kind);
      break;
    }
    case 'finding': {
      const { kind, ...details } = event;
      log.warn(details, kind);
      break;
    }
    default: {
      const { kind, ...details } = event;
      log.info(details, kind);
    }
  }
}

function describe(error: unknown): string {
  if (error instanceof UserError) return error.describe();
  return error instanceof Error ? error.message : String(error);
}
