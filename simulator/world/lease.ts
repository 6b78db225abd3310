/**
 * A lease at a witness, against two regions that write at once. The holder renews it; a region writes while its own clock says
 * that its lease holds, which is not what the witness says where a clock was set or the witness is away.
 */
import type { Clock, Micros } from '../clock.ts';
import type { LeaseState } from './history.ts';
import type { LeasePlan } from './plan.ts';
import type { WallClock } from './wall-clock.ts';

export class WorldLease {
  readonly #plan: LeasePlan;
  readonly #clock: Clock;
  readonly #wallOf: (vantage: string) => WallClock;
  readonly #onChange: () => void;
  #witnessIsThere = true;
  #holder: string | undefined;
  #runsOut: { cancel(): void } | undefined;
  #renewal: { cancel(): void } | undefined;
  /** What each region's own clock will show when it stops to write. */
  readonly #writesUntil = new Map<string, Micros>();
  readonly #stops = new Map<string, { cancel(): void }>();

  constructor(plan: LeasePlan, clock: Clock, wallOf: (vantage: string) => WallClock, onChange: () => void) {
    this.#plan = plan;
    this.#clock = clock;
    this.#wallOf = wallOf;
    this.#onChange = onChange;
    this.#take(plan.holder);
  }

  get state(): LeaseState {
    return { holder: this.#holder, writers: [...this.#writesUntil.keys()].sort() };
  }

  /** The witness lets the lease go, whoever has it. */
  expire(): void {
    this.#runOut();
  }

  /** Somebody takes the lease while it holds; the one before learns of it when it renews. */
  steal(by: string): void {
    this.#take(by);
  }

  setWitness(isThere: boolean): void {
    this.#witnessIsThere = isThere;
    if (isThere && this.#holder === undefined) this.#offer();
    this.#onChange();
  }

  /** A region's clock was set, so it stops to write at another moment. */
  clockChanged(vantage: string): void {
    const until = this.#writesUntil.get(vantage);
    if (until !== undefined) this.#stopAt(vantage, until);
  }

  #take(vantage: string): void {
    this.#holder = vantage;
    this.#granted(vantage);
    this.#renewal?.cancel();
    this.#renewal = this.#clock.at(this.#clock.now() + this.#plan.renew, () => this.#renew(vantage));
    this.#onChange();
  }

  #renew(vantage: string): void {
    if (this.#witnessIsThere && this.#holder === undefined) {
      this.#take(vantage);
      return;
    }
    if (this.#witnessIsThere && this.#holder !== vantage) return;
    if (this.#witnessIsThere) this.#granted(vantage);
    this.#renewal = this.#clock.at(this.#clock.now() + this.#plan.renew, () => this.#renew(vantage));
  }

  #granted(vantage: string): void {
    this.#runsOut?.cancel();
    this.#runsOut = this.#clock.at(this.#clock.now() + this.#plan.ttl, () => this.#runOut());
    this.#stopAt(vantage, this.#wallOf(vantage).now() + this.#plan.ttl);
  }

  #stopAt(vantage: string, until: Micros): void {
    this.#writesUntil.set(vantage, until);
    this.#stops.get(vantage)?.cancel();
    const rest = Math.max(0, until - this.#wallOf(vantage).now());
    this.#stops.set(
      vantage,
      this.#clock.at(this.#clock.now() + rest, () => {
        this.#writesUntil.delete(vantage);
        this.#onChange();
      }),
    );
  }

  #runOut(): void {
    this.#runsOut?.cancel();
    this.#holder = undefined;
    this.#onChange();
    if (this.#witnessIsThere) this.#offer();
  }

  /** The first candidate takes it; without any, the one that had it does when it tries to renew. */
  #offer(): void {
    const [first] = this.#plan.candidates;
    if (first !== undefined) this.#take(first);
  }
}
