/** The GeoIP databases that a server answers by: those that are configured, else those that its own settings name. */
import { parseDatabaseFiles } from '../geoip/database-files.ts';
import { type GeoView, geoView, noGeo } from '../geoip/location.ts';
import { type DatabaseWatch, watchDatabases } from '../geoip/watch.ts';
import { UserError } from '../input/errors.ts';
import { geoipFilesOf } from '../wire/geoip-files.ts';

export interface ServerGeo {
  readonly view: GeoView;
  /** False where the server may have databases that are not here: then no database is no knowledge. */
  readonly isKnown: boolean;
  /** The files, where the server's own settings name them. */
  readonly named?: string;
  /** What is wrong with those. */
  readonly warning?: string;
}

type Settings = ReadonlyMap<string, string>;

const NO_DATABASE: ServerGeo = { view: noGeo, isKnown: true };
const NOBODY_TELLS: ServerGeo = { view: noGeo, isKnown: false };
/** A file that cannot be read is looked for again so often. */
const RETRY_MS = 60_000;

/** What is open for one list of files. */
interface Opened {
  geo: ServerGeo;
  watch?: DatabaseWatch;
  readonly openedAtMs: number;
}

function isWorthAnotherLook({ watch, openedAtMs }: Opened): boolean {
  return watch === undefined && performance.now() - openedAtMs >= RETRY_MS;
}

/** Opens the databases of all servers, each list of files once, and follows their files. */
export class ServerGeos {
  readonly #configured: string | undefined;
  readonly #onError: (error: UserError) => void;
  readonly #opened = new Map<string, Promise<Opened>>();
  readonly #watches: DatabaseWatch[] = [];
  #isClosed = false;

  /** `configured`: files for every server, whatever its settings name. */
  constructor(configured: string | undefined, onError: (error: UserError) => void) {
    this.#configured = configured;
    this.#onError = onError;
  }

  /** Opens what is configured; throws `UserError` where a file of it cannot be read. */
  async start(): Promise<void> {
    if (this.#configured === undefined) return;
    const opened = this.#open(this.#configured, {});
    this.#opened.set(this.#configured, opened);
    await opened;
  }

  /** The same object as long as nothing has changed. */
  async of(settings: Settings): Promise<ServerGeo> {
    const spec = this.#configured ?? geoipFilesOf(settings);
    if (spec === undefined) return NOBODY_TELLS;
    if (spec === '') return NO_DATABASE;
    const before = this.#opened.get(spec);
    const known = await before;
    if (known !== undefined && !isWorthAnotherLook(known)) return known.geo;
    let opened = this.#opened.get(spec);
    // Unless another server has looked meanwhile.
    if (opened === undefined || opened === before) {
      opened = this.#openNamed(spec, known?.geo);
      this.#opened.set(spec, opened);
    }
    return (await opened).geo;
  }

  /** Why a new database is not used; undefined where those in use are what their files hold. */
  get problem(): UserError | undefined {
    return this.#watches.flatMap(({ problems }) => problems)[0];
  }

  close(): void {
    this.#isClosed = true;
    for (const opened of this.#opened.values()) {
      opened.then(
        ({ watch }) => watch?.close(),
        () => undefined,
      );
    }
  }

  /** The server may be another machine: files that are not here are warned of, not guessed. */
  async #openNamed(spec: string, before: ServerGeo | undefined): Promise<Opened> {
    try {
      return await this.#open(spec, { named: spec });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const warning =
        `the server's geoip-database-files cannot be used here: ${error.describe().split('\n')[0]}. ` +
        'Answers that hang on where the client is are not judged; name a copy of the files: geoip: FILE.';
      const geo = before?.warning === warning ? before : { ...NOBODY_TELLS, warning };
      return { geo, openedAtMs: performance.now() };
    }
  }

  async #open(spec: string, more: Pick<ServerGeo, 'named'>): Promise<Opened> {
    const viewOf = (databases: DatabaseWatch['databases']): ServerGeo => ({
      view: databases.length === 0 ? noGeo : geoView(databases),
      isKnown: true,
      ...more,
    });
    const watch = await watchDatabases(parseDatabaseFiles(spec), {
      onChange: (databases) => {
        opened.geo = viewOf(databases);
      },
      onError: (error) => this.#onError(error),
    });
    this.#watches.push(watch);
    const opened: Opened = { geo: viewOf(watch.databases), watch, openedAtMs: performance.now() };
    if (this.#isClosed) watch.close();
    return opened;
  }
}
