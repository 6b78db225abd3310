/**
 * Reads again and again what a server should know, and keeps what it was before: a server may go on answering from
 * older records while its caches last.
 */
import type { IpAddress } from '../geoip/address.ts';
import { UserError } from '../input/errors.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import { type Clock, MICROS_PER_MILLISECOND, MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';
import type { LuaHost } from '../simulator/lua/environment.ts';
import { PROFILES, profileOfVersion } from '../simulator/profile/index.ts';
import { type Profile, RELEASE_LINES } from '../simulator/profile/profile.ts';
import { askVersion } from '../wire/version-bind.ts';
import { pause } from './asker.ts';
import type { AgentConfig, ServerConfig } from './config.ts';
import { type Content, contentOf, isSameContent, readAgain } from './content.ts';
import type { ServerGeo } from './server-geo.ts';
import { openSource, type Source, type SourceReading } from './source.ts';

export interface ReaderParts {
  readonly config: ServerConfig;
  readonly agent: AgentConfig;
  readonly clock: Clock;
  readonly geoOf: (settings: ReadonlyMap<string, string>) => Promise<ServerGeo>;
  readonly luaFor: (profile: Profile) => LuaHost;
  /** The address that the server sees our questions come from. */
  readonly ownAddress: () => IpAddress;
  /** Something looks wrong: read everything, in case it has changed. */
  readonly isSuspicious: () => boolean;
  readonly onContent: (content: Content, before: Content | undefined) => void;
  readonly onProblem: (problem: UserError) => void;
  readonly onRestart: () => void;
}

const OLDER_MODELS = 5;
/** Share of the time that reading whole zones may take: records can change without their zone's serial. */
const WHOLE_READING_SHARE = 0.1;

export class ContentReader {
  readonly source: Source;
  readonly #parts: ReaderParts;
  #content: Content | undefined;
  #older: readonly { readonly model: ServerModel; readonly until: Micros }[] = [];
  #problem: UserError | undefined;
  #readAt: Micros = Number.NEGATIVE_INFINITY;
  #readAtMs: number | undefined;
  #readingMicros: Micros = 0;
  /** Not before this time all zones are read again, whatever their serials are. */
  #wholeReadingAt: Micros = 0;
  #mustReadWhole = false;
  #isProfileKnown = false;
  #uptimeSeconds: number | undefined;
  #readNow: () => void = () => {};
  /** Has the source told of something new since the last reading began? */
  #hasNews = false;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.source = openSource(parts.config.source);
  }

  get content(): Content | undefined {
    return this.#content;
  }

  /** Was the release line configured or told? Until then the newest is assumed. */
  get isProfileKnown(): boolean {
    return this.#isProfileKnown;
  }

  /** Why the last reading failed; undefined after a good one. */
  get problem(): UserError | undefined {
    return this.#problem;
  }

  /** When the last good reading began. */
  get readAt(): Micros {
    return this.#readAt;
  }

  /** As `readAt`, by the wall clock; undefined before there was one. */
  get readAtMs(): number | undefined {
    return this.#readAtMs;
  }

  /** How long the last good reading took. */
  get readingMicros(): Micros {
    return this.#readingMicros;
  }

  /** What the server was before, newest first. */
  get olderModels(): readonly ServerModel[] {
    return this.#older.map(({ model }) => model);
  }

  /** What the server may still be at `now`, besides what it should be. */
  cachedModels(now: Micros): readonly ServerModel[] {
    return this.#older.filter(({ until }) => now < until).map(({ model }) => model);
  }

  /** Does not wait for the next regular reading. */
  readSoon(): void {
    this.#readNow();
  }

  /** Reads everything at once, also what seems not to have changed. */
  readAnew(): void {
    this.#mustReadWhole = true;
    this.#hasNews = true;
    this.#readNow();
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#readAgainAndAgain(signal), this.#watchSource(signal)]);
  }

  async #readAgainAndAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#hasNews = false;
      await this.#read(signal);
      // News that came during the reading may be newer than what was read.
      if (this.#hasNews) continue;
      const wake = new Promise<void>((resolve) => {
        this.#readNow = resolve;
      });
      await Promise.race([pause(this.#parts.agent.sourceRefresh, signal), wake]);
    }
  }

  /** A source that cannot be listened to is told once, tried again and read as often as any other. */
  async #watchSource(signal: AbortSignal): Promise<void> {
    let told: string | undefined;
    const onNews = () => {
      this.#hasNews = true;
      this.#readNow();
    };
    while (this.source.watch !== undefined && !signal.aborted) {
      try {
        await this.source.watch(onNews, signal);
      } catch (error) {
        const problem = asUserError(error);
        if (problem.message !== told) this.#parts.onProblem(problem);
        told = problem.message;
        await pause(this.#parts.agent.sourceRefresh, signal);
      }
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { clock, geoOf, isSuspicious, onProblem } = this.#parts;
    const startedAt = clock.now();
    const startedAtMs = Date.now();
    const whole = this.#mustReadWhole || startedAt >= this.#wholeReadingAt || isSuspicious();
    this.#mustReadWhole = false;
    try {
      const reading = withEmptinessTold(await this.source.read(whole, signal), this.source.description);
      const profile = await this.#profile(reading.version);
      const geo = await geoOf(reading.settings);
      if (signal.aborted) return;
      if (whole) this.#wholeReadingAt = startedAt + (clock.now() - startedAt) / WHOLE_READING_SHARE;
      this.#noteUptime(reading.uptimeSeconds);
      const before = this.#content;
      if (before !== undefined && isSameContent(before, reading, geo, profile))
        this.#content = readAgain(before, reading);
      else this.#adopt(this.#contentOf(reading, geo, profile));
      this.#readAt = startedAt;
      this.#readAtMs = startedAtMs;
      this.#readingMicros = clock.now() - startedAt;
      this.#problem = undefined;
    } catch (error) {
      if (signal.aborted) return;
      this.#mustReadWhole ||= whole;
      const problem = asUserError(error);
      const isNews = this.#problem?.message !== problem.message;
      this.#problem = problem;
      if (isNews) onProblem(problem);
    }
  }

  #contentOf(reading: Content['reading'], geo: ServerGeo, profile: Profile): Content {
    const { config, agent, luaFor, ownAddress } = this.#parts;
    const { address } = config;
    const { clients } = agent;
    return contentOf({ reading, geo, profile, lua: luaFor(profile), address, ownAddress: ownAddress(), clients });
  }

  #adopt(content: Content): void {
    const { clock, agent, onContent } = this.#parts;
    const before = this.#content;
    if (before !== undefined) {
      const cachedSeconds = Math.max(before.settings.contentCacheSeconds, content.settings.contentCacheSeconds);
      const until = clock.now() + cachedSeconds * MICROS_PER_SECOND + agent.sourceRefresh * MICROS_PER_MILLISECOND;
      this.#older = [{ model: before.model, until }, ...this.#older].slice(0, OLDER_MODELS);
    }
    this.#content = content;
    onContent(content, before);
  }

  async #profile(sourceVersion: string | undefined): Promise<Profile> {
    const { profile, address, name } = this.#parts.config;
    if (profile !== 'auto') {
      this.#isProfileKnown = true;
      return PROFILES[profile];
    }
    const version = (await askVersion(address, this.#parts.agent.crossCheck.timeout)) ?? sourceVersion;
    if (version === undefined) return this.#content?.profile ?? PROFILES['5.1'];
    const known = profileOfVersion(version);
    if (known !== undefined) {
      this.#isProfileKnown = true;
      return known;
    }
    throw new UserError('E_PROFILE_UNKNOWN', `server ${name} is PowerDNS ${version}, which is no known release line`, {
      hint: `Known are ${RELEASE_LINES.join(', ')}. If it behaves as one of them, say so: profile: "5.1".`,
    });
  }

  #noteUptime(uptimeSeconds: number | undefined): void {
    const before = this.#uptimeSeconds;
    this.#uptimeSeconds = uptimeSeconds;
    if (uptimeSeconds !== undefined && before !== undefined && uptimeSeconds < before) this.#parts.onRestart();
  }
}

/** A source without a zone is most often the wrong one, and watching nothing looks like all being well. */
function withEmptinessTold(reading: SourceReading, source: string): SourceReading {
  if (reading.zones.length > 0) return reading;
  return { ...reading, warnings: [...reading.warnings, `${source} has no zone to watch`] };
}

function asUserError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new UserError('E_INTERNAL', message, { cause: error });
}
