import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatPlace, UserError } from '../../input/errors.ts';
import { loadScenario } from '../load/load.ts';
import { type ImportOptions, importChaos } from './import.ts';

const targets = new Map([
  ['shop/region=fsn', 'fsn'],
  ['region=hel', 'hel'],
  ['app=powerdns', 'ns1'],
  ['api', 'fsn'],
  ['shop/api-1', 'hel'],
  ['shop', 'fsn'],
]);
const places = new Map([
  ['fsn', 'falkenstein'],
  ['hel', 'helsinki'],
  ['ns1', 'helsinki'],
]);

function imported(file: string, options: Partial<ImportOptions> = {}) {
  const text = readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8');
  const { timeline, warnings } = importChaos(text, file, { targets, places, ...options });
  return {
    timeline: timeline.split('\n').flatMap((line) => line.trim().replace(/^- /, '') || []),
    warnings: warnings.map(({ code, message, place }) => `${formatPlace(place)} ${code}: ${message}`),
  };
}

test('a workflow of chaos-mesh: one after another, side by side, none longer than its deadline', () => {
  const { timeline, warnings } = imported('workflow.yaml');
  expect(timeline).toEqual([
    '{ at: 60s, for: 90s, target: fsn, latency: { base: 250ms, jitter: 100ms }, note: "NetworkChaos slow" }',
    '{ at: 180s, for: 60s, partition: { between: [helsinki, falkenstein], direction: both }, note: "NetworkChaos cut" }',
    '{ at: 180s, for: 60s, target: fsn, http: 503, body: "sorry", note: "HTTPChaos errors" }',
    '{ at: 240s, for: 45s, target: hel, tcp: refuse, note: "PodChaos pods-away" }',
  ]);
  expect(warnings).toEqual([
    'workflow.yaml:23:9 W_IMPORT_APPROXIMATE: every packet is late there, here the answer as a whole',
    'workflow.yaml:51:9 W_IMPORT_APPROXIMATE: port is not looked at',
    'workflow.yaml:52:9 W_IMPORT_APPROXIMATE: it strikes /healthz only, here every path',
    'workflow.yaml:64:9 W_IMPORT_APPROXIMATE: it strikes some pods only (mode: one), here the whole target',
    'workflow.yaml:69:7 W_IMPORT_UNSUPPORTED: Task is left out',
  ]);
});

test('an engine of Litmus: its experiments in turn, with time to ramp up and down', () => {
  const { timeline, warnings } = imported('engine.yaml');
  expect(timeline).toEqual([
    '{ at: 70s, for: 60s, target: fsn, tcp: blackhole, note: "lb-fsn pod-network-loss" }',
    '{ at: 140s, for: 90s, target: fsn, flap: { up: 20s, down: 10s }, tcp: refuse, note: "lb-fsn pod-delete" }',
    '{ at: 230s, for: 60s, target: fsn, http: 503, note: "lb-fsn pod-http-status-code" }',
  ]);
  expect(warnings).toEqual([
    'engine.yaml:25:11 W_IMPORT_APPROXIMATE: a killed pod is taken to be back after 10s',
    'engine.yaml:32:11 W_IMPORT_APPROXIMATE: it strikes 50 % of the pods, here the whole target',
    'engine.yaml:35:7 W_IMPORT_UNSUPPORTED: pod-cpu-hog is left out: nobody knows what probes see of it',
  ]);
});

test('several experiments in one file all begin at once, and places in warnings are those of the file', () => {
  const { timeline, warnings } = imported('several.yaml', { startMs: 30_000, restartMs: 4500 });
  expect(timeline).toEqual([
    '{ at: 30s, for: 30s, target: fsn, loss: 25%, note: "NetworkChaos lossy" }',
    '{ at: 30s, for: 4500ms, target: fsn, tcp: refuse, note: "PodChaos killer" }',
    '{ at: 30s, for: 60s, target: hel, latency: 10s, tcp: reset, note: "HTTPChaos aborts" }',
  ]);
  expect(warnings).toEqual([
    'several.yaml:16:3 W_IMPORT_APPROXIMATE: it comes again (@every 5m), here once',
    'several.yaml:19:5 W_IMPORT_APPROXIMATE: a killed pod is taken to be back after 4500ms',
    'several.yaml:37:1 W_IMPORT_UNSUPPORTED: IOChaos is left out: probes see nothing of it, or nobody knows what',
  ]);
});

test.each(['workflow.yaml', 'engine.yaml', 'several.yaml'])('what it makes of %s is a timeline', (file) => {
  const text = readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8');
  const { timeline } = importChaos(text, file, { targets, places });
  const world = `scenario: v1
name: world
servers: { ns1: { vantage: helsinki } }
targets:
  fsn: { address: 192.0.2.10, vantage: falkenstein }
  hel: { address: 192.0.2.20, vantage: helsinki }
zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifportup(443, {{'192.0.2.10'}, {'192.0.2.20'}})"
timeline:
`;
  const lines = timeline.trim().split('\n');
  expect(loadScenario(world + timeline, 'world.yaml').timeline.length).toBe(lines.length);
});

test('nothing is lost silently: keys that make a difference there and are not looked at', () => {
  const chaos = `kind: NetworkChaos
spec:
  action: delay
  mode: all
  selector: { namespaces: [shop], nodeSelectors: { zone: b } }
  delay: { latency: 1s }
  corrupt: { corrupt: '5' }
  target: { mode: all, selector: { namespaces: [elsewhere] } }
---
kind: ChaosEngine
spec:
  appinfo: { appns: shop, applabel: region=fsn }
  experiments:
    - name: pod-network-loss
      spec: { components: { env: [{ name: PODS_AFFECTED_PERC, value: '100' }, { name: DESTINATION_IPS, value: 10.0.0.1 }] } }
`;
  const { timeline, warnings } = importChaos(chaos, 'chaos.yaml', { targets });
  expect(timeline.match(/target: fsn/g)).toHaveLength(2);
  expect(warnings.map(({ place, message }) => `${place.line} ${message}`)).toEqual([
    '5 nodeSelectors is not looked at',
    '6 every packet is late there, here the answer as a whole',
    '7 corrupt is not looked at',
    '8 target is not looked at',
    '15 DESTINATION_IPS is not looked at',
  ]);
});

test('of what strikes servers nothing but partitions is taken over, and that is said', () => {
  const killed = 'kind: PodChaos\nspec: { action: pod-failure, selector: { labelSelectors: { app: powerdns } } }\n';
  const { timeline, warnings } = importChaos(killed, 'chaos.yaml', { targets, places, servers: new Set(['ns1']) });
  expect([timeline, warnings.map(({ message }) => message)]).toEqual(['', ['what strikes ns1, a server, is left out']]);
});

describe('what cannot be read says where and why', () => {
  const experiment = (spec: string, kind = 'NetworkChaos') => `kind: ${kind}\nspec:\n${spec}`;
  const SELECTOR = '  selector: { labelSelectors: { region: hel } }\n';

  const cases: readonly (readonly [string, string, string])[] = [
    ['no YAML', 'kind: [', 'chaos.yaml:1:8'],
    ['an empty file', '# nothing\n', 'chaos.yaml E_IMPORT_KIND: there is no chaos experiment in it'],
    ['something else', 'kind: Deployment\n', 'chaos.yaml:1:1 E_IMPORT_KIND: Deployment is no chaos experiment'],
    [
      'a selector that stands for nothing',
      experiment('  action: partition\n  selector: { namespaces: [other] }\n'),
      'chaos.yaml:4:3 E_IMPORT_TARGET: no target is given for other',
    ],
    [
      'a duration without a unit',
      experiment(`  action: partition\n${SELECTOR}  duration: '30'\n`),
      "chaos.yaml:5:3 E_IMPORT_VALUE: '30' is no duration",
    ],
    [
      'more than everything lost',
      experiment(`  action: loss\n${SELECTOR}  loss: { loss: '120' }\n`),
      "chaos.yaml:5:11 E_IMPORT_VALUE: '120' is no percentage",
    ],
    [
      'a template that is not there',
      'kind: Workflow\nspec:\n  entry: al\n  templates:\n    - { name: all, templateType: Suspend }\n',
      "chaos.yaml:3:3 E_SCENARIO_NAME: there is no template 'al'",
    ],
    [
      'a template in itself',
      'kind: Workflow\nspec:\n  entry: a\n  templates:\n    - { name: a, templateType: Serial, children: [a] }\n',
      'chaos.yaml:5:51 E_IMPORT_VALUE: a -> a never ends',
    ],
    ['a workflow without templates', 'kind: Workflow\nspec: { entry: a }\n', 'E_IMPORT_KEY'],
    [
      'a duration of Litmus that is none',
      `kind: ChaosEngine
spec:
  appinfo: { appns: shop, applabel: region=fsn }
  experiments:
    - { name: pod-network-loss, spec: { components: { env: [{ name: TOTAL_CHAOS_DURATION, value: soon }] } } }
`,
      "chaos.yaml:5:61 E_IMPORT_VALUE: TOTAL_CHAOS_DURATION is no number: 'soon'",
    ],
  ];

  test.each(cases)('%s', (_, text, wanted) => {
    try {
      importChaos(text, 'chaos.yaml', { targets, places });
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const place = error.place === undefined ? '' : formatPlace(error.place);
      expect(`${place} ${error.code}: ${error.message}`).toContain(wanted);
    }
  });
});
