/** A DNS server that answers as a PowerDNS of a release line would: the simulator, with real probes and real dice. */
import { randomBytes } from 'node:crypto';
import { openDatabases } from '../geoip/database.ts';
import { type GeoView, geoView, noGeo } from '../geoip/location.ts';
import { together, UserError } from '../input/errors.ts';
import { evaluate } from '../simulator/answer/evaluate.ts';
import type { AnswerRecord, Outcome } from '../simulator/answer/outcome.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import { type Chooser, chooseUniformly, sampler } from '../simulator/chooser.ts';
import { Checker } from '../simulator/health/checker.ts';
import type { Warning } from '../simulator/lua/context.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import { type DnsListener, type DnsPeers, listenDns } from '../wire/dns-listener.ts';
import type { DnsQuery } from '../wire/dns-query.ts';
import type { DnsReply } from '../wire/dns-reply.ts';
import { type ServerManners, standingReply } from '../wire/dns-standing-reply.ts';
import { luaModule } from '../wire/lua-module.ts';
import { loadBindZones, type PdnsConfig, readConfigDir } from '../wire/pdns-conf.ts';
import { type RealProber, realProber } from '../wire/prober.ts';
import { realClock } from '../wire/real-clock.ts';
import { serverSettings } from '../wire/server-settings.ts';
import type { Endpoint } from './config.ts';
import { requireAddress, serverModel } from './model.ts';

export interface ServeOptions {
  /** A PowerDNS configuration directory with the bind backend. */
  readonly configDir: string;
  readonly profile: Profile;
  /** Where to listen; port 0 takes a free one. */
  readonly listen: Endpoint;
  readonly version: string;
  /** Told of records whose answer could not be given as PowerDNS would give it. */
  readonly onWarning: (warning: Warning) => void;
}

export interface RunningShadow {
  readonly endpoint: Endpoint;
  readonly zones: readonly string[];
  /** What the configuration says and is not supported, and zones that could not be read. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

/** PowerDNS's `max-tcp-connections` and `tcp-idle-timeout`. */
const MAX_TCP_CONNECTIONS = 20;
const TCP_IDLE_TIMEOUT_MS = 5000;
const MAX_PROBES_AT_ONCE = 1024;

/** Reads the directory, starts to listen, and answers until closed. Throws `UserError` where either cannot be done. */
export async function serveShadow(options: ServeOptions): Promise<RunningShadow> {
  const { configDir, profile, listen, version, onWarning } = options;
  const config = await readConfigDir(configDir);
  const bad: UserError[] = [];
  const emptyZones: string[] = [];
  const zones = await loadBindZones(config, {
    onBadZone: (zone, error) => {
      emptyZones.push(zone);
      bad.push(error);
    },
    onUnreadable: (error) => bad.push(error),
  });
  if (zones.length === 0) throw together([noZones(config), ...bad]);
  const warnings = [...config.warnings, ...config.unreadBackends, ...bad.map((error) => error.describe())];
  const settings = serverSettings(config.settings, profile);
  const geo: GeoView =
    config.geoipDatabaseFiles === '' ? noGeo : geoView(await openDatabases(config.geoipDatabaseFiles));
  const lua = new LuaHost({ module: luaModule(), profile });
  const model = serverModel({
    profile,
    settings,
    zones,
    emptyZones,
    geo,
    lua,
    address: listen,
    usesClientSubnets: false,
  });
  const prober = realProber({ version, maxConcurrency: MAX_PROBES_AT_ONCE, shadowHeader: false });
  const checker = new Checker({
    clock: realClock,
    prober,
    profile,
    intervalSeconds: settings.checkIntervalSeconds,
    expireDelaySeconds: settings.checkExpireDelaySeconds,
  });
  const chooser = sampler(() => randomBytes(4).readUInt32LE());
  const manners = {
    versionString: `PowerDNS Authoritative Server ${profile.line} (as pdns-shadow ${version} has it)`,
    serverId: undefined,
    anyToTcp: config.anyToTcp,
  };
  const listener = await listenDns({
    ...listen,
    maxTcpConnections: MAX_TCP_CONNECTIONS,
    idleTimeoutMs: TCP_IDLE_TIMEOUT_MS,
    answer: (query, peers) =>
      standing(query, peers, manners, model) ??
      reply(query, peers, { model, checker, chooser, noShuffle: config.noShuffle, onWarning }),
  });
  const endpoint = { address: listen.address, port: listener.port };
  return { endpoint, zones: zones.map((zone) => zone.name), warnings, close: () => close(listener, checker, prober) };
}

function noZones({ directory, unreadBackends }: PdnsConfig): UserError {
  return new UserError(
    'E_NO_ZONES',
    'there are no zones to answer from: they are read from files of the bind backend',
    {
      place: { file: `${directory}/pdns.conf` },
      hint:
        unreadBackends.length === 0
          ? 'Name them: launch=bind and bind-config=named.conf, with zone "acme.test" { type native; file "acme.test.zone"; };'
          : 'Copy the folder, write each zone into a file (pdnsutil list-zone acme.test), and name them: launch=bind, bind-config.',
    },
  );
}

/** A reply for which no zone is looked at; its scope is that of an answer without records. */
function standing(
  query: DnsQuery,
  { transport }: DnsPeers,
  manners: ServerManners,
  { profile, settings }: ServerModel,
): DnsReply | undefined {
  const said = standingReply(query, transport, manners);
  if (said === undefined || !settings.ednsSubnetProcessing) return said;
  return { ...said, ecsScope: scopeInReply(query, { ecsScope: 0 }, profile) };
}

interface Answering {
  readonly model: ServerModel;
  readonly checker: Checker;
  readonly chooser: Chooser;
  readonly noShuffle: boolean;
  readonly onWarning: (warning: Warning) => void;
}

function reply(query: DnsQuery, peers: DnsPeers, answering: Answering): DnsReply | undefined {
  const { model, checker, chooser, onWarning } = answering;
  const warnings: Warning[] = [];
  const outcome = evaluate(
    questionOf(query, peers),
    { ...model, localAddress: requireAddress(peers.local.address), localPort: peers.local.port },
    { chooser, statusOf: (check) => checker.ask(check) },
    { because: () => {}, warn: (warning) => warnings.push(warning) },
  );
  const { rcode } = outcome;
  if (rcode === 'OPAQUE' || rcode === 'CRASH' || rcode === 'DROPPED')
    for (const warning of warnings) onWarning(warning);
  // A PowerDNS would be gone, or would never answer: neither sends anything.
  if (rcode === 'CRASH' || rcode === 'DROPPED') return undefined;
  const isShuffled = !answering.noShuffle && (peers.transport === 'udp' || model.profile.shuffleTcp);
  return {
    rcode: rcode === 'OPAQUE' ? 'SERVFAIL' : rcode,
    authoritative: outcome.authoritative,
    answers: isShuffled ? shuffled(outcome.answers, chooser) : outcome.answers,
    authority: outcome.authority,
    ecsScope: scopeInReply(query, outcome, model.profile),
  };
}

function questionOf({ name, type, edns, recursionDesired, checkingDisabled }: DnsQuery, peers: DnsPeers): Question {
  const question: Question = {
    name,
    type,
    client: requireAddress(peers.client.address),
    clientPort: peers.client.port,
    tcp: peers.transport === 'tcp',
    recursionDesired,
    checkingDisabled,
  };
  if (edns === undefined) return question;
  const withEdns = { ...question, ednsSize: edns.udpSize, dnssecOk: edns.dnssecOk };
  return edns.clientSubnet === undefined ? withEdns : { ...withEdns, ecs: edns.clientSubnet.prefix };
}

/** The ECS scope of the reply to `query`: that of the outcome, and what the release line makes of the one that was sent. */
export function scopeInReply(
  query: DnsQuery,
  outcome: Pick<Outcome, 'ecsScope'>,
  profile: Profile,
): number | undefined {
  const sent = query.edns?.clientSubnet;
  if (outcome.ecsScope === undefined || sent === undefined || profile.clientScope === 'ignored')
    return outcome.ecsScope;
  const bits = sent.prefix.address.family === 4 ? 32 : 128;
  return Math.max(outcome.ecsScope, profile.clientScope === 'cut' ? Math.min(sent.scope, bits) : sent.scope);
}

/** Aliases stay in front, in their order; everything else in any order. */
function shuffled(answers: readonly AnswerRecord[], chooser: Chooser): readonly AnswerRecord[] {
  const rest = answers.filter((record) => record.type !== 'CNAME');
  const mixed: AnswerRecord[] = [];
  while (rest.length > 0) mixed.push(...rest.splice(chooseUniformly(chooser, rest.length), 1));
  return [...answers.filter((record) => record.type === 'CNAME'), ...mixed];
}

async function close(listener: DnsListener, checker: Checker, prober: RealProber): Promise<void> {
  await listener.close();
  checker.close();
  await prober.close();
}
