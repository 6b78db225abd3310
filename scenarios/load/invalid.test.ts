import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkScenario, loadScenario } from './load.ts';

const FOLDER = new URL('fixtures/invalid/', import.meta.url);

/** Every file of the folder: where it is wrong, what is said, the code, and what to write instead. */
const WRONG: Readonly<Record<string, readonly [place: string, message: string, code: string, hint?: string]>> = {
  'address.yaml': [':4:10', 'targets.fsn.address: expected an IP address such as 192.0.2.10', 'E_SCENARIO_VALUE'],
  'alert-all-down-name.yaml': [
    ':7:35',
    'all-down is about all checks of a server',
    'E_SCENARIO_VALUE',
    'Leave name out: a server knows of checks, not for which names they are made.',
  ],
  'alert-conditions.yaml': [
    ':10:3',
    'an alert has one condition',
    'E_SCENARIO_VALUE',
    'Write one of servers-disagree: true, answers-dead-target: true, all-down: true, rcode: SERVFAIL.',
  ],
  'alias-unknown.yaml': [
    ':2:7',
    'there is no &title that *title could mean',
    'E_SCENARIO_SYNTAX',
    "Write &title before a value above, or put '*title' in quotes if it is text.",
  ],
  'client-asks-unknown.yaml': [':10:46', "there is no server 'ns3'", 'E_SCENARIO_NAME', 'There are: ns1, ns2.'],
  'client-sample.yaml': [
    ':7:35',
    '198.51.100.0/24 has 256 addresses, not 4096',
    'E_SCENARIO_VALUE',
    'Let it be fewer, or the subnet larger.',
  ],
  'client-via-and-asks.yaml': [
    ':11:44',
    'eu asks its resolver, and no server',
    'E_SCENARIO_VALUE',
    'Give resolvers.isp the asks, or leave via out.',
  ],
  'client-via-unknown.yaml': [':9:34', "there is no resolver 'ips'", 'E_SCENARIO_NAME', "Did you mean 'isp'?"],
  'duration-endless.yaml': [':10:7', 'timeline.0.at: expected at most 365d', 'E_SCENARIO_VALUE'],
  'duration-negative.yaml': [
    ':10:16',
    'timeline.0.for: expected a duration that is not negative: only a clock goes back',
    'E_SCENARIO_VALUE',
  ],
  'duration-unit.yaml': [
    ':10:7',
    'timeline.0.at: expected a duration with its unit, such as 5s, 500ms, 1h',
    'E_SCENARIO_VALUE',
  ],
  'duration-without-unit.yaml': [
    ':10:7',
    'timeline.0.at: expected a duration with its unit: 10s, or 10ms',
    'E_SCENARIO_VALUE',
  ],
  'empty.yaml': ['', 'scenario is missing: expected v1, the version of the format', 'E_SCENARIO_KEY'],
  'engine-unknown.yaml': [
    ':3:11',
    'engines.0: expected one of simulate, powerdns, got powerdsn',
    'E_SCENARIO_VALUE',
    "Did you mean 'powerdns'?",
  ],
  'expect-after-the-end.yaml': [
    ':11:7',
    'this is at 90s, after the end at 60s',
    'E_SCENARIO_TIME',
    'Let ends be at least 90s, or leave it out.',
  ],
  'expect-agree-one.yaml': [':10:16', 'expect.0.agree: expected at least two servers', 'E_SCENARIO_VALUE'],
  'expect-agree-unknown.yaml': [':10:29', "there is no server 'ns2'", 'E_SCENARIO_NAME', 'There are: ns1.'],
  'expect-alert-none.yaml': [
    ':7:16',
    "there is no alert 'Disagreement'",
    'E_SCENARIO_NAME',
    'The file names no alert: add alerts: { Disagreement: { servers-disagree: true, for: 10s } }.',
  ],
  'expect-alert.yaml': [
    ':12:16',
    "there is no alert 'VantagePoint'",
    'E_SCENARIO_NAME',
    "Did you mean 'VantagePoints'?",
  ],
  'expect-always-false.yaml': [
    ':10:7',
    'expect.0.always: expected true; leave the key out otherwise',
    'E_SCENARIO_VALUE',
  ],
  'expect-answer-text.yaml': [
    ':10:16',
    'expect.0.answer: expected targets or rdata, such as [fsn, hel]',
    'E_SCENARIO_VALUE',
  ],
  'expect-answer.yaml': [
    ':10:25',
    "'fns' is neither a target nor an address",
    'E_SCENARIO_NAME',
    "Did you mean 'fsn'?",
  ],
  'expect-client.yaml': [':10:16', "there is no client 'eu'", 'E_SCENARIO_NAME', 'There are: any-client.'],
  'expect-modality.yaml': [
    ':10:31',
    'expect.0.modality: expected one of certain, possible, got likely',
    'E_SCENARIO_VALUE',
  ],
  'expect-name-outside.yaml': [
    ':10:16',
    "'api.other.test.' is not in the zone 'acme.test.'",
    'E_SCENARIO_NAME',
    'Write a name of the zone, such as www.acme.test.',
  ],
  'expect-name-syntax.yaml': [
    ':10:16',
    "the name 'api..acme.test' has an empty label",
    'E_NAME_SYNTAX',
    'Write one dot between two labels.',
  ],
  'expect-name-unknown.yaml': [
    ':10:16',
    "no record has the name 'app.acme.test.'",
    'E_SCENARIO_NAME',
    "Did you mean 'api.acme.test.'?",
  ],
  'expect-never-bound.yaml': [
    ':9:20',
    'never is about single moments, and max-flips is not',
    'E_SCENARIO_EXPECT',
    'Write always: true, and the max-flips that must hold.',
  ],
  'expect-no-what.yaml': [
    ':10:5',
    'this expectation does not say what',
    'E_SCENARIO_EXPECT',
    'Add one of answer, one-of, subset-of, rcode, ttl, scope, distribution, status, agree, max-flips, probes, alert, invariant.',
  ],
  'expect-no-when.yaml': [
    ':10:5',
    'this expectation does not say when',
    'E_SCENARIO_EXPECT',
    'Add at, within, by, until, always or never: always: true, for example, or within: [10s, 60s].',
  ],
  'expect-probes.yaml': [
    ':10:21',
    'probes has no bound',
    'E_SCENARIO_EXPECT',
    'Add rate: 2 (probes a second) or burst: 4 (in one round).',
  ],
  'expect-profile.yaml': [
    ':10:16',
    'nothing runs as PowerDNS 4.9 here',
    'E_SCENARIO_PROFILE',
    'Add it to profiles, which has 5.1.',
  ],
  'expect-rcode.yaml': [
    ':10:16',
    "there is no response code 'SERVFIAL'",
    'E_SCENARIO_NAME',
    "Did you mean 'SERVFAIL'?",
  ],
  'expect-sample.yaml': [
    ':12:16',
    'any stands for many networks, whose answers differ',
    'E_SCENARIO_EXPECT',
    'Expect a distribution of it, or name a client without sample.',
  ],
  'expect-second-client.yaml': [
    ':10:37',
    "there is no client 'any_client'",
    'E_SCENARIO_NAME',
    "Did you mean 'any-client'?",
  ],
  'expect-server.yaml': [':10:16', "there is no server 'ns2'", 'E_SCENARIO_NAME', 'There are: ns1.'],
  'expect-share-of-unknown.yaml': [
    ':10:42',
    "'hal' is neither a target nor an address",
    'E_SCENARIO_NAME',
    "Did you mean 'hel'?",
  ],
  'expect-shares.yaml': [
    ':10:16',
    'the shares sum to 0.9, not to 1',
    'E_SCENARIO_EXPECT',
    'Name every answer with its share, such as 0.8, 80% or 4/5.',
  ],
  'expect-single-writer.yaml': [
    ':10:21',
    'single-writer is about a lease, and there is none',
    'E_SCENARIO_EXPECT',
    'Add lease: { ttl: 30s, renew: 10s, holder: PLACE } to the file.',
  ],
  'expect-status-target.yaml': [':10:26', "there is no target 'nbg'", 'E_SCENARIO_NAME', 'There are: fsn, hel.'],
  'expect-status.yaml': [
    ':10:26',
    'expect.0.status.fsn: expected one of up, down, unknown, got dead',
    'E_SCENARIO_VALUE',
  ],
  'expect-tolerance.yaml': [
    ':10:31',
    'only a distribution has a tolerance',
    'E_SCENARIO_EXPECT',
    'Leave it out, or expect a distribution.',
  ],
  'expect-ttl.yaml': [':10:16', 'expect.0.ttl: expected whole seconds, such as 30 or 30s', 'E_SCENARIO_VALUE'],
  'expect-two-whens.yaml': [
    ':10:16',
    'two times in one expectation: at and always',
    'E_SCENARIO_EXPECT',
    'Write two expectations.',
  ],
  'expect-until-before-by.yaml': [':10:16', 'until is before by', 'E_SCENARIO_TIME', 'Let until be after by.'],
  'expect-until-elsewhere.yaml': [
    ':10:15',
    'at has no until',
    'E_SCENARIO_EXPECT',
    'until ends a by; write within: [10s, 60s] for two times.',
  ],
  'expect-which-name.yaml': [
    ':8:5',
    'this expectation does not say which name: the zone has 2 with LUA records',
    'E_SCENARIO_EXPECT',
    'Add name: api.acme.test., or app.acme.test.',
  ],
  'expect-which-type.yaml': [
    ':8:5',
    'api.acme.test. has records of types A, AAAA: say which',
    'E_SCENARIO_EXPECT',
    'Add type: A, or another.',
  ],
  'expect-within-one.yaml': [':10:7', 'expect.0.within: expected two times, such as [10s, 60s]', 'E_SCENARIO_VALUE'],
  'expect-within-reversed.yaml': [
    ':10:7',
    'within ends before it begins',
    'E_SCENARIO_TIME',
    'Write the earlier time first.',
  ],
  'fault-after-the-end.yaml': [
    ':11:7',
    'this is at 61s, after the end at 60s',
    'E_SCENARIO_TIME',
    'Let ends be at least 61s, or leave it out.',
  ],
  'fault-clock-ambiguous.yaml': [
    ':10:29',
    "'fsn' is a server and a place",
    'E_SCENARIO_NAME',
    'Give the server or the place another name.',
  ],
  'fault-clock-backwards.yaml': [
    ':10:25',
    'timeline.0.clock.slew: expected more than -1s/s: a clock does not run backwards',
    'E_SCENARIO_VALUE',
  ],
  'fault-clock-both.yaml': [
    ':10:16',
    'a clock steps or slews',
    'E_SCENARIO_FAULT',
    'Write clock: { step: -40s } or clock: { slew: 10ms/s }.',
  ],
  'fault-clock-step-lasts.yaml': [
    ':10:16',
    'clock does not last',
    'E_SCENARIO_FAULT',
    'It happens at one instant: leave for out.',
  ],
  'fault-direction.yaml': [
    ':10:50',
    'timeline.0.partition.direction: expected one of both, from, to, got form',
    'E_SCENARIO_VALUE',
    "Did you mean 'from'?",
  ],
  'fault-flap-alone.yaml': [
    ':10:29',
    'flap says when, and nothing says how',
    'E_SCENARIO_FAULT',
    'Add how it fails while it is down: http: 503, tcp: refuse, …',
  ],
  'fault-geo-without-geo.yaml': [
    ':10:16',
    'there are no networks to change',
    'E_SCENARIO_FAULT',
    'Give the networks before the change as a list under geo.',
  ],
  'fault-heal-lasts.yaml': [
    ':10:16',
    'heal does not last',
    'E_SCENARIO_FAULT',
    'It happens at one instant: leave for out.',
  ],
  'fault-lease-none.yaml': [
    ':10:16',
    'there is no lease',
    'E_SCENARIO_FAULT',
    'Add lease: { ttl: 30s, renew: 10s, holder: PLACE } to the file.',
  ],
  'fault-lease-two.yaml': [
    ':11:16',
    'one thing happens to the lease',
    'E_SCENARIO_FAULT',
    'Write one of { expire: true }, { steal: PLACE } and { witness-down: NAME }.',
  ],
  'fault-lease-witness.yaml': [':11:25', "there is no witness 'w2'", 'E_SCENARIO_NAME', 'There are: w1.'],
  'fault-none.yaml': [
    ':10:5',
    'nothing happens in this entry',
    'E_SCENARIO_FAULT',
    'Say how it fails: http, body, tcp, tls, latency, slow-body, loss, flap.',
  ],
  'fault-nothing.yaml': [
    ':10:5',
    'nothing happens in this entry',
    'E_SCENARIO_FAULT',
    'Say what: http, body, tcp, tls, latency, slow-body, loss, flap, partition, geo-change, record-change, setting-change, restart, clock, lease, transfer-delay, heal.',
  ],
  'fault-partition-place.yaml': [
    ':10:44',
    "there is no vantage 'nbg'",
    'E_SCENARIO_NAME',
    'There are: local, fsn, hel. A place is the vantage of a server or a target.',
  ],
  'fault-partition-self.yaml': [':10:29', 'fsn is not parted from itself', 'E_SCENARIO_FAULT', 'Name two places.'],
  'fault-record-content.yaml': [
    ':10:44',
    "'192.0.2.999' is no IPv4 address",
    'E_ZONE_SYNTAX',
    'Write four numbers like 192.0.2.1.',
  ],
  'fault-record-gone-unknown.yaml': [
    ':10:33',
    "no record has the name 'app.acme.test.'",
    'E_SCENARIO_NAME',
    "Did you mean 'api.acme.test.'?",
  ],
  'fault-record-nothing.yaml': [
    ':10:16',
    'a record becomes something else, or goes',
    'E_SCENARIO_FAULT',
    'Write content: A "code", content: TYPE rdata, or remove: true.',
  ],
  'fault-record-outside.yaml': [
    ':10:33',
    "'api.other.test.' is not in the zone 'acme.test.'",
    'E_SCENARIO_NAME',
    'Write a name of the zone, such as www.acme.test.',
  ],
  'fault-server-unknown.yaml': [':10:16', "there is no server 'sn2'", 'E_SCENARIO_NAME', "Did you mean 'ns2'?"],
  'fault-setting.yaml': [
    ':10:34',
    "the setting 'lua-health-checks-intervall' is not simulated",
    'E_SCENARIO_SETTING',
    "Did you mean 'lua-health-checks-interval'?",
  ],
  'fault-target-unknown.yaml': [':10:16', "there is no target 'hal'", 'E_SCENARIO_NAME', "Did you mean 'hel'?"],
  'fault-transfer-primary.yaml': [
    ':10:16',
    'ns1 is no secondary: nothing is transferred to it',
    'E_SCENARIO_FAULT',
    'Name a server with role: secondary.',
  ],
  'fault-two.yaml': [
    ':10:40',
    'two faults in one entry: http and heal',
    'E_SCENARIO_FAULT',
    'Write two entries with the same at.',
  ],
  'fault-which-server.yaml': [
    ':10:5',
    'this strikes one server, and does not say which',
    'E_SCENARIO_FAULT',
    'Add server: ns1, or another of ns1, ns2.',
  ],
  'fault-without-target.yaml': [':10:5', 'this fault strikes no target', 'E_SCENARIO_FAULT', 'Add target: fsn.'],
  'fault-wrong-subject.yaml': [
    ':10:16',
    "restart takes no 'target'",
    'E_SCENARIO_FAULT',
    'It belongs to a fault of a target: leave it out.',
  ],
  'for-nothing.yaml': [':10:16', 'timeline.0.for: expected more than 0s', 'E_SCENARIO_VALUE'],
  'geo-half.yaml': [
    ':7:5',
    "192.0.2.0/24 has no 'lon'; PowerDNS ignores half a location",
    'E_GEOIP_KEY',
    'give both lat and lon, or neither',
  ],
  'geo-key.yaml': [':7:39', "a network has no 'long'", 'E_GEOIP_KEY', "did you mean 'lon'?"],
  'geo-network.yaml': [
    ':7:16',
    "'192.0.2.1/24' has bits set after its length, or an odd length",
    'E_GEOIP_NETWORK',
    'did you mean 192.0.2.0/24?',
  ],
  'key-twice.yaml': [
    ':3:1',
    'Map keys must be unique',
    'E_SCENARIO_SYNTAX',
    'Leave one of the two out, or put what they hold under one.',
  ],
  'key-unknown-in-choice.yaml': [
    ':10:51',
    "timeline.0.latency: unknown key 'jiter'",
    'E_SCENARIO_KEY',
    "Did you mean 'jitter'?",
  ],
  'key-unknown-in-entry.yaml': [
    ':10:16',
    "timeline.0: unknown key 'taget'",
    'E_SCENARIO_KEY',
    "Did you mean 'target'?",
  ],
  'key-unknown-nested.yaml': [
    ':7:10',
    "servers.ns1: unknown key 'setings'",
    'E_SCENARIO_KEY',
    "Did you mean 'settings'?",
  ],
  'key-unknown.yaml': [':6:1', "unknown key 'expects'", 'E_SCENARIO_KEY', "Did you mean 'expect'?"],
  'label.yaml': [
    ':4:3',
    'targets.192.0.2.10: expected a name: a letter, then letters, digits, - and _',
    'E_SCENARIO_VALUE',
  ],
  'lease-holder.yaml': [':9:32', "there is no vantage 'fns'", 'E_SCENARIO_NAME', "Did you mean 'fsn'?"],
  'lease-renewal.yaml': [
    ':9:20',
    'the lease runs out before it is renewed',
    'E_SCENARIO_VALUE',
    'Let renew be a third of ttl or so.',
  ],
  'loss.yaml': [':10:29', 'timeline.0.loss: expected a share from 0 to 1, such as 0.2, 20% or 1/5', 'E_SCENARIO_VALUE'],
  'name-missing.yaml': ['', 'name is missing: expected text', 'E_SCENARIO_KEY'],
  'network.yaml': [
    ':4:9',
    'clients.eu.subnet: expected a network such as 198.51.100.0/24, host bits clear',
    'E_SCENARIO_VALUE',
  ],
  'not-a-mapping.yaml': ['', 'expected a mapping that starts with scenario: v1', 'E_SCENARIO_VALUE'],
  'phase-sweep.yaml': [':3:10', 'phase.sweep: expected a whole number from 1 to 10000', 'E_SCENARIO_VALUE'],
  'phase.yaml': [':3:1', 'phase: expected all, { sweep: 10 }, or one offset such as 2.5s', 'E_SCENARIO_VALUE'],
  'profile-unknown.yaml': [
    ':3:19',
    'profiles.1: expected one of 4.7, 4.8, 4.9, 5.0, 5.1, in quotes',
    'E_SCENARIO_VALUE',
  ],
  'profile-unquoted.yaml': [
    ':3:12',
    'profiles.0: expected one of 4.7, 4.8, 4.9, 5.0, 5.1, in quotes',
    'E_SCENARIO_VALUE',
  ],
  'resolver-ttls.yaml': [
    ':7:33',
    'min-ttl is more than max-ttl',
    'E_SCENARIO_VALUE',
    'Let min-ttl be at most max-ttl.',
  ],
  'secondary-alone.yaml': [
    ':7:10',
    'ns1 is a secondary, and there is no primary',
    'E_SCENARIO_VALUE',
    'Leave role out at one server, which is then the primary.',
  ],
  'setting-too-new.yaml': [
    ':8:22',
    "PowerDNS 4.7 does not know 'lua-records-insert-whitespace'",
    'E_SCENARIO_SETTING',
    'It came with 4.9: add that to profiles, or leave the setting out.',
  ],
  'setting-unknown.yaml': [
    ':7:22',
    "the setting 'lua-health-check-interval' is not simulated",
    'E_SCENARIO_SETTING',
    "Did you mean 'lua-health-checks-interval'?",
  ],
  'setting-value.yaml': [
    ':7:22',
    'lua-health-checks-interval: expected whole seconds, such as 5s',
    'E_SCENARIO_SETTING',
    'Values are those of pdns.conf; durations may carry a unit.',
  ],
  'status.yaml': [':10:29', 'timeline.0.http: expected a status such as 200 or 503', 'E_SCENARIO_VALUE'],
  'tab.yaml': [':3:1', 'Tabs are not allowed as indentation', 'E_SCENARIO_SYNTAX', 'Indent with blanks.'],
  'target-twice.yaml': [
    ':5:10',
    'hel and fsn have one address',
    'E_SCENARIO_VALUE',
    'Answers are told apart by their addresses: give each target its own.',
  ],
  'tcp.yaml': [
    ':10:29',
    'timeline.0.tcp: expected one of accept, refuse, reset, blackhole, accept-only, got blackhol',
    'E_SCENARIO_VALUE',
    "Did you mean 'blackhole'?",
  ],
  'traffic-client.yaml': [':10:18', "there is no client 'eu'", 'E_SCENARIO_NAME', 'There are: any-client.'],
  'traffic-ends-first.yaml': [':10:60', 'ends is before starts', 'E_SCENARIO_TIME', 'Let ends be the later time.'],
  'traffic-every-missing.yaml': [
    ':10:5',
    'traffic.0.every is missing: expected a duration with its unit, such as 5s, 500ms, 1h',
    'E_SCENARIO_KEY',
  ],
  'traffic-every-nothing.yaml': [':10:36', 'traffic.0.every: expected more than 0s', 'E_SCENARIO_VALUE'],
  'traffic-name.yaml': [
    ':10:7',
    "no record has the name 'app.acme.test.'",
    'E_SCENARIO_NAME',
    "Did you mean 'api.acme.test.'?",
  ],
  'traffic-sample.yaml': [
    ':12:18',
    'any stands for many networks',
    'E_SCENARIO_VALUE',
    'Let another client ask; a sample is for distributions.',
  ],
  'transfer-to-primary.yaml': [
    ':7:10',
    'ns1 is no secondary: nothing is transferred to it',
    'E_SCENARIO_VALUE',
    'Add role: secondary, or leave transfer-delay out.',
  ],
  'version.yaml': [':1:1', 'scenario: expected v1, the version of the format', 'E_SCENARIO_VALUE'],
  'zone-file-missing.yaml': [
    ':3:9',
    'the zone file missing.zone cannot be read: ENOENT',
    'E_SCENARIO_FILE',
    'Its path counts from the folder of the scenario.',
  ],
  'zone-in-quotes.yaml': [
    ':3:7',
    "'AA' is no record type that PowerDNS knows",
    'E_ZONE_SYNTAX',
    'A type without a name is written TYPEn with data in \\# form.',
  ],
  'zone-missing.yaml': [
    '',
    'zone: expected the text of a zone file (zone: |), or { file: acme.test.zone }',
    'E_SCENARIO_KEY',
  ],
  'zone-outside.yaml': [
    ':5:3',
    "the record 'www.other.test.' is not in the zone 'acme.test.'",
    'E_ZONE_SYNTAX',
    'PowerDNS refuses the whole zone for it. Without the final dot a name is below $ORIGIN.',
  ],
  'zone-syntax.yaml': [
    ':6:13',
    "'AA' is no record type that PowerDNS knows",
    'E_ZONE_SYNTAX',
    'A type without a name is written TYPEn with data in \\# form.',
  ],
  'zone-without-origin.yaml': [
    ':4:3',
    'the zone does not say which zone it is',
    'E_SCENARIO_ZONE',
    'Let its first line be $ORIGIN acme.test. with the final dot.',
  ],
};

test.each(readdirSync(FOLDER))('a wrong file says where, what and what to write instead: %s', (file) => {
  const [place, message, code, hint] = WRONG[file] ?? ['', 'no message is expected of this file', ''];
  const described = `${file}${place}: ${message} (${code})${hint === undefined ? '' : `\n  ${hint}`}`;
  const text = readFileSync(new URL(file, FOLDER), 'utf8');
  expect(checkScenario(text, file).errors[0]?.describe()).toBe(described);
  expect(() => loadScenario(text, file)).toThrow(message);
});

test('all that is wrong with a file is said, in the order of its lines', () => {
  const text = `scenario: v1
name: wrong
zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifportup(443, {'192.0.2.10'})"
timeline: [{ at: 10s, target: fsn, http: 503 }]
expect:
  - { at: 10s, client: eu }
traffic: [{ name: app, from: any-client, every: 1s }]
`;
  expect(checkScenario(text, 'wrong.yaml').errors.map((error) => error.describe().split('\n')[0])).toEqual([
    "wrong.yaml:6:23: there is no target 'fsn' (E_SCENARIO_NAME)",
    'wrong.yaml:8:5: this expectation does not say what (E_SCENARIO_EXPECT)',
    "wrong.yaml:8:16: there is no client 'eu' (E_SCENARIO_NAME)",
    "wrong.yaml:9:13: no record has the name 'app.acme.test.' (E_SCENARIO_NAME)",
  ]);
});

test('a misspelled key does not also count as a missing one', () => {
  const text = 'scenario: v1\nname: wrong\nzne: { file: acme.test.zone }\n';
  expect(checkScenario(text, 'wrong.yaml').errors.map(({ message }) => message)).toEqual(["unknown key 'zne'"]);
});
