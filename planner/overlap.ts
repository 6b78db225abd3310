/** How many probes of several servers come together at one target. Nobody keeps their rounds apart, or together. */

/** Probes of one server that start at once, again and again. */
export interface Volley {
  readonly probes: number;
  readonly periodSeconds: number;
  /** How long each of them lasts. */
  readonly lastsSeconds: number;
}

export interface Overlap {
  /** The rounds of all servers start at once. */
  readonly worst: number;
  /** The most that are open at once in one period, on average over all ways in which the rounds can lie. */
  readonly expected: number;
}

const SAMPLES = 512;
/** Makes offsets that lie evenly in any number of dimensions. */
const GOLDEN = 0.618_033_988_749_895;

export function overlapOf(volleys: readonly Volley[]): Overlap {
  const worst = volleys.reduce((sum, { probes }) => sum + probes, 0);
  const running = volleys.filter(({ periodSeconds }) => Number.isFinite(periodSeconds));
  if (running.length < 2) return { worst, expected: worst };
  let sum = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const starts = running.map(({ periodSeconds }, k) => (((i + 1) * GOLDEN ** (k + 1)) % 1) * periodSeconds);
    sum += mostAtOnce(running, starts);
  }
  return { worst, expected: sum / SAMPLES };
}

/** The most is open when some volley starts. */
function mostAtOnce(volleys: readonly Volley[], starts: readonly number[]): number {
  let most = 0;
  for (const at of starts) {
    let open = 0;
    for (const [k, { probes, periodSeconds, lastsSeconds }] of volleys.entries()) {
      const since = (((at - (starts[k] ?? 0)) % periodSeconds) + periodSeconds) % periodSeconds;
      if (since <= lastsSeconds) open += probes;
    }
    most = Math.max(most, open);
  }
  return most;
}
