/** `agent`: the daemon. */
import { isDeepStrictEqual } from 'node:util';
import pino from 'pino';
import { Agent } from '../agent/agent.ts';
import { closeApi, serveApi } from '../agent/api.ts';
import {
  type AgentConfig,
  configForDirectory,
  type Endpoint,
  formatEndpoint,
  parseConfig,
  parseEndpoint,
} from '../agent/config.ts';
import { UserError } from '../input/errors.ts';
import { readConfigDir } from '../wire/pdns-conf.ts';
import type { AgentFlags } from './agent.ts';
import { readTextFile } from './files.ts';
import { logEvent } from './log-event.ts';
import { version } from './version.ts';
import { textIn, watchFile } from './watch-file.ts';

export async function runAgent(flags: AgentFlags): Promise<void> {
  const log = pino({
    level: flags['log-level'],
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
  const daemon = new Daemon(() => loadConfig(flags), log);
  const ended = new Promise<void>((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done());
  });
  const reloadQuietly = () => void daemon.reload().catch(() => undefined);
  process.on('SIGHUP', reloadQuietly);
  const known = flags.config === undefined ? undefined : await textIn(flags.config);
  await daemon.start();
  const watcher = flags.config === undefined ? undefined : watchFile(flags.config, known, reloadQuietly);
  await ended;
  log.info('stopping');
  watcher?.close();
  await daemon.stop();
  process.exit(0);
}

/** An agent with its listener, of which a reload may put others in their place. */
class Daemon {
  readonly #load: () => Promise<AgentConfig>;
  readonly #log: pino.Logger;
  #running: { readonly agent: Agent; readonly api: Awaited<ReturnType<typeof serveApi>> } | undefined;
  /** Reloads take their turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(load: () => Promise<AgentConfig>, log: pino.Logger) {
    this.#load = load;
    this.#log = log;
  }

  start(): Promise<void> {
    const turn = this.#startFirst();
    this.#turn = turn;
    return turn;
  }

  /** Rejects with what is wrong with the new configuration; the old one then goes on. */
  reload(): Promise<void> {
    const turn = this.#turn.catch(() => undefined).then(() => this.#replace());
    this.#turn = turn;
    return turn;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    closeApi(running.api);
    await running.agent.stop();
  }

  async #startFirst(): Promise<void> {
    const config = await this.#load();
    const agent = await this.#startAgent(config);
    this.#running = { agent, api: await this.#listen(config.listen).catch((error: unknown) => abandon(agent, error)) };
  }

  async #replace(): Promise<void> {
    const old = this.#running;
    if (old === undefined) return;
    try {
      const config = await this.#load();
      if (isDeepStrictEqual(config, old.agent.config)) {
        // A comment or a blank is no reason to forget what was learned: drifts would end and begin anew.
        old.agent.metrics.set('config_last_reload_successful', {}, 1);
        old.agent.readAnew();
        this.#log.info({ changed: false }, 'configuration reloaded');
        return;
      }
      const agent = await this.#startAgent(config);
      const moves = formatEndpoint(config.listen) !== formatEndpoint(old.agent.config.listen);
      const api = moves ? await this.#listen(config.listen).catch((error: unknown) => abandon(agent, error)) : old.api;
      this.#running = { agent, api };
      if (moves) closeApi(old.api);
      await old.agent.stop();
      this.#log.info({ changed: true }, 'configuration reloaded');
    } catch (error) {
      old.agent.metrics.set('config_last_reload_successful', {}, 0);
      const details =
        error instanceof UserError ? { code: error.code, message: error.describe() } : { message: String(error) };
      this.#log.error(details, 'the new configuration is not used; the old one goes on');
      throw error;
    }
  }

  async #startAgent(config: AgentConfig): Promise<Agent> {
    const agent: Agent = new Agent({ config, version, onEvent: (event) => logEvent(this.#log, agent, event) });
    try {
      await agent.start();
    } catch (error) {
      return abandon(agent, error);
    }
    return agent;
  }

  async #listen(endpoint: Endpoint) {
    const api = await serveApi(endpoint, { agent: () => this.#agent(), reload: () => this.reload() });
    this.#log.info({ listen: formatEndpoint(endpoint), version }, 'listening');
    return api;
  }

  #agent(): Agent {
    if (this.#running === undefined) throw new UserError('E_STARTING', 'the agent is starting');
    return this.#running.agent;
  }
}

async function abandon(agent: Agent, error: unknown): Promise<never> {
  await agent.stop();
  throw error;
}

async function loadConfig(flags: AgentFlags): Promise<AgentConfig> {
  const { config, 'config-dir': configDir } = flags;
  if ((config === undefined) === (configDir === undefined)) {
    const message = config === undefined ? 'what is to be watched?' : '--config and --config-dir exclude each other';
    throw new UserError('E_USAGE', message, { hint: 'Give either --config FILE or --config-dir DIR.' });
  }
  const loaded = config === undefined ? await configOfDirectory(configDir ?? '') : await configOfFile(config);
  if (flags.listen === undefined) return loaded;
  const listen = parseEndpoint(flags.listen);
  if (listen !== undefined) return { ...loaded, listen };
  throw new UserError('E_LISTEN', `--listen ${flags.listen}: expected ADDRESS:PORT`, {
    hint: 'An IP address with its port, such as 127.0.0.1:9953, 0.0.0.0:9953 or [::]:9953.',
  });
}

async function configOfFile(file: string): Promise<AgentConfig> {
  return parseConfig(
    await readTextFile(file, 'E_CONFIG', 'the configuration', 'Give a YAML file that names servers.'),
    file,
  );
}

async function configOfDirectory(directory: string): Promise<AgentConfig> {
  const config = await readConfigDir(directory);
  const [listens] = config.localAddresses;
  const anywhere = listens === undefined || listens.address === '0.0.0.0' || listens.address === '::';
  const address = { address: anywhere ? '127.0.0.1' : listens.address, port: listens?.port ?? 53 };
  return configForDirectory(directory, address, config.geoipDatabaseFiles || undefined);
}
