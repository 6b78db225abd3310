/** What is known of one record in one state, as plain data that JSON carries. Lists of numbers go by `MEASURES`. */
import type { Amounts } from './amounts.ts';

export interface StateFigures {
  /** The place of the job in the sweep. */
  readonly job: number;
  readonly name: string;
  readonly type: string;
  readonly state: string;
  readonly stateKind: 'up' | 'down' | 'noGeoip' | 'noEcs' | 'weights';
  /** In `down`: the targets that are. */
  readonly down: readonly string[];
  /** Targets that PowerDNS takes to be at 0°N 0°E, since no database has a place for them. */
  readonly targetsNowhere: readonly string[];
  /** Whether the record sends clients to the closest target. */
  readonly picksByDistance: boolean;
  /** All clients that a database holds. */
  readonly clients: Amounts;
  /** Where they are sent, most addresses first. */
  readonly targets: readonly TargetFigures[];
  /** Where clients that no database holds are sent. */
  readonly elsewhere: readonly TargetFigures[];
  readonly distance: DistanceFigures;
  /** Who is sent elsewhere than while all is up. */
  readonly moves: readonly Move[];
  /** Clients whose answer hangs on their hash; empty where none does. */
  readonly hashed: readonly HashFigures[];
  readonly far: FarFigures;
  readonly map: MapFigures;
  readonly warnings: readonly string[];
}

export interface TargetFigures {
  readonly target: string;
  readonly place: { readonly latitude: number; readonly longitude: number; readonly source: string } | undefined;
  readonly clients: Amounts;
}

/** Great-circle kilometres to the target that is answered, and to the nearest that is up. */
export interface DistanceFigures {
  /** Clients and targets whose places are known. */
  readonly measured: Amounts;
  readonly medianKm: Kilometres;
  readonly p95Km: Kilometres;
  readonly bestMedianKm: Kilometres;
  readonly bestP95Km: Kilometres;
}

/** Whole kilometres; null where nothing was measured. */
export type Kilometres = readonly (number | null)[];

export interface Move {
  readonly from: string;
  readonly to: string;
  readonly clients: Amounts;
}

export interface HashFigures {
  readonly target: string;
  /** By its weight. */
  readonly nominal: Amounts;
  /** By the hashes of the networks that there are. */
  readonly real: Amounts;
}

/**
 * Clients that are sent to a target farther away than another that is up, since PowerDNS measures in degrees: `degrees`, a degree
 * of longitude for as long as one of latitude; `dateLine`, not across the antimeridian.
 */
export interface FarFigures {
  readonly degrees: Amounts;
  readonly dateLine: Amounts;
  readonly worst: readonly FarExample[];
}

export interface FarExample {
  readonly network: string;
  /** As the database calls it: `Suva, FJ`; empty where it does not say. */
  readonly where: string;
  readonly cause: 'degrees' | 'dateLine';
  readonly sentTo: string;
  readonly km: number;
  readonly nearest: string;
  readonly nearestKm: number;
}

/** By cell of the grid of `MapGrid`, a character each. */
export interface MapFigures {
  /** The target that most go to, as a letter for its place in `targets`; `.` where nobody is. */
  readonly most: string;
  /** How many of them do, from 0 (none) to 9 (all). */
  readonly share: string;
  /** How much farther than need be, on average: 0 up to 9 for each 500 km. */
  readonly lost: string;
}

/** Cells of the world that hold clients: the same for all records. */
export interface MapGrid {
  readonly degrees: number;
  /** Row times columns plus column, from the south-west. */
  readonly cells: readonly number[];
  /** Clients in each: traffic where it is stated, else IPv4 addresses. */
  readonly clients: readonly number[];
}
