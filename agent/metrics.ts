/** The agent's metrics. Base units, bounded labels: `client` is a configured name, `target` an address in a record. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'pdns_shadow_';

const GAUGES = {
  build_info: { help: 'Always 1; the version is in the label.', labels: ['version'] },
  record_info: { help: 'Always 1 for each LUA record that is watched.', labels: ['zone', 'name', 'type', 'profile'] },
  target_up: {
    help: 'What was last seen of the target from here: 1 up, 0 down.',
    labels: ['name', 'type', 'target', 'vantage'],
  },
  target_failures: { help: 'Failed probes in a row.', labels: ['name', 'type', 'target', 'vantage'] },
  target_next_change_seconds: {
    help: 'How long a server can still hold the status from before the last change seen; 0 when it must know.',
    labels: ['name', 'type', 'target', 'vantage'],
  },
  target_served: {
    help: 'Whether the last answer to any client contained the target.',
    labels: ['server', 'name', 'type', 'target'],
  },
  record_cold: {
    help: 'Whether the server may have no result yet for a check that the record needs.',
    labels: ['server', 'name', 'type'],
  },
  answer_predicted: {
    help: 'Probability that the answer contains the target, given the statuses seen from here.',
    labels: ['server', 'name', 'type', 'client', 'target'],
  },
  answer_observed: {
    help: 'Share of the recent answers that contained the target.',
    labels: ['server', 'name', 'type', 'client', 'target'],
  },
  probe_lag_seconds: { help: 'How late the last round of probes started.', labels: [] },
  drift: { help: '1 while the drift is open, 0 after.', labels: ['server', 'name', 'type', 'client', 'class'] },
  drift_since_timestamp_seconds: {
    help: 'When the open drift was first seen, in Unix time; 0 when it is not open.',
    labels: ['server', 'name', 'type', 'client', 'class'],
  },
  server_up: { help: 'Whether the server answered the last questions.', labels: ['server'] },
  source_last_read_successful: {
    help: 'Whether the last reading of what the server should know was good.',
    labels: ['server'],
  },
  source_last_success_timestamp_seconds: {
    help: 'When the last good reading of what the server should know began, in Unix time.',
    labels: ['server'],
  },
  source_unread_zones: {
    help: 'Zones that should be watched and could not be read, although others could.',
    labels: ['server'],
  },
  geoip_last_load_successful: {
    help: 'Whether the GeoIP databases in use are what their files hold; 1 where none is configured.',
    labels: [],
  },
  server_serial: { help: 'SOA serial that the server answers with.', labels: ['server', 'zone'] },
  servers_agree: {
    help: 'Whether one state of the targets explains what all servers answer.',
    labels: ['name', 'type'],
  },
  query_budget_ratio: {
    help: 'Questions per second that are wanted, over those that are allowed.',
    labels: ['server'],
  },
  config_last_reload_successful: { help: 'Whether the last reading of the configuration was good.', labels: [] },
  lint_findings: { help: 'Findings about the records, by rule.', labels: ['rule', 'severity'] },
} as const;

const COUNTERS = {
  probes_total: { help: 'Probes by result.', labels: ['kind', 'result'] },
  crosschecks_total: { help: 'Questions to servers by verdict.', labels: ['server', 'verdict'] },
} as const;

const HISTOGRAMS = {
  probe_duration_seconds: {
    help: 'How long probes took.',
    labels: ['kind'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5],
  },
  crosscheck_duration_seconds: {
    help: 'How long servers took to answer.',
    labels: [],
    buckets: [0.0005, 0.001, 0.005, 0.02, 0.1, 0.5, 2],
  },
  prediction_duration_seconds: {
    help: 'How long predictions took.',
    labels: [],
    buckets: [0.0001, 0.001, 0.01, 0.1, 1],
  },
} as const;

/** Every metric that the agent exports, with its prefix. Histograms add `_bucket`, `_sum`, `_count`. */
export const metricNames: readonly string[] = [GAUGES, COUNTERS, HISTOGRAMS].flatMap((kind) =>
  Object.keys(kind).map((name) => PREFIX + name),
);

type GaugeName = keyof typeof GAUGES;
type CounterName = keyof typeof COUNTERS;
type HistogramName = keyof typeof HISTOGRAMS;
type Labels = Readonly<Record<string, string | number>>;

export class Metrics {
  readonly #registry = new Registry();
  readonly #gauges = new Map<string, Gauge>();
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(version: string) {
    const registers = [this.#registry];
    for (const [name, { help, labels }] of Object.entries(GAUGES)) {
      this.#gauges.set(name, new Gauge({ name: PREFIX + name, help, labelNames: labels, registers }));
    }
    for (const [name, { help, labels }] of Object.entries(COUNTERS)) {
      this.#counters.set(name, new Counter({ name: PREFIX + name, help, labelNames: labels, registers }));
    }
    for (const [name, { help, labels, buckets }] of Object.entries(HISTOGRAMS)) {
      const options = { name: PREFIX + name, help, labelNames: labels, buckets: [...buckets], registers };
      this.#histograms.set(name, new Histogram(options));
    }
    collectDefaultMetrics({ register: this.#registry });
    this.set('build_info', { version }, 1);
    this.set('config_last_reload_successful', {}, 1);
  }

  set(name: GaugeName, labels: Labels, value: number): void {
    this.#gauges.get(name)?.set(labels, value);
  }

  /** Forgets all series of a gauge, before those that still exist are set again. */
  reset(name: GaugeName): void {
    this.#gauges.get(name)?.reset();
  }

  count(name: CounterName, labels: Labels): void {
    this.#counters.get(name)?.inc(labels);
  }

  observe(name: HistogramName, labels: Labels, value: number): void {
    this.#histograms.get(name)?.observe(labels, value);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
