/** The story of the demo: five acts, each with what must happen and in which time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '../../agent/agent.ts';
import { parseConfig } from '../../agent/config.ts';
import type { AgentEvent } from '../../agent/events.ts';
import type { CrossCheck } from '../../agent/model.ts';
import type { WatchedServer } from '../../agent/server.ts';
import { crossCheckView } from '../../agent/view.ts';
import { version } from '../../cli/version.ts';
import { powerDnsApi } from '../../wire/powerdns-api.ts';
import type { RunningPowerDns } from '../../wire/rig/rig.ts';
import { startStallMeter } from '../soak/stall.ts';
import type { Regions } from './regions.ts';
import type { Timeline } from './timeline.ts';
import { patterns, pickfirst, ZONE } from './zone.ts';

/** One line of the summary: what was to happen, what happened, and whether it was in time. */
interface Scene {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly good: boolean;
}

/** How long a change took to show, and for how much of that this process was not let run. */
interface Took {
  readonly seconds: number;
  readonly stallSeconds: number;
}

/** Tells the story and keeps what was expected and what was seen. */
export class Story {
  readonly #out: Timeline;
  readonly #regions: Regions;
  readonly #pdns: RunningPowerDns;
  readonly #agent: Agent;
  readonly #server: WatchedServer;
  readonly #scenes: Scene[] = [];
  #events: AgentEvent[] = [];

  constructor(out: Timeline, regions: Regions, pdns: RunningPowerDns, config: string) {
    this.#out = out;
    this.#regions = regions;
    this.#pdns = pdns;
    this.#agent = new Agent({
      config: parseConfig(config, 'demo.yaml'),
      version,
      onEvent: (event) => this.#hear(event),
    });
    const [server] = this.#agent.servers;
    if (server === undefined) throw new Error('the demo watches one server');
    this.#server = server;
  }

  async tell(): Promise<boolean> {
    console.log(
      `PowerDNS ${this.#pdns.binary.version} on ${this.#pdns.address}:${this.#pdns.port}, API on ${this.#pdns.apiUrl}`,
    );
    console.log(
      `Regions fsn = ${this.#regions.fsn.address}, hel = ${this.#regions.hel.address}; clients in Stockholm and Munich`,
    );
    await this.#allWell();
    await this.#regionFails();
    await this.#regionRecovers();
    await this.#someoneWritesPickfirst();
    await this.#failsForPowerDnsOnly();
    this.#out.act('What was seen');
    this.#out.table(
      ['', 'what', 'expected', 'seen'],
      this.#scenes.map(({ good, what, expected, seen }) => [good ? 'ok' : 'NO', what, expected, seen]),
    );
    return this.#scenes.every(({ good }) => good);
  }

  async end(): Promise<void> {
    await this.#agent.stop();
  }

  async #allWell(): Promise<void> {
    this.#out.act('1. All is well');
    await this.#agent.start();
    const settled = await this.#until(() => this.#crossChecks().length > 0 && this.#allMatch(), 15);
    this.#printRecords();
    this.#scene(
      'all well',
      'every answer is one that must come',
      settled ? 'so it is' : 'not settled in 15 s',
      settled,
    );
  }

  async #regionFails(): Promise<void> {
    this.#out.act('2. fsn fails: its /healthz says 503');
    const latest = this.#latestSwitchSeconds('db');
    this.#out.line(
      'predicted',
      `db, app and geo leave ${this.#regions.fsn.address} within ${latest.toFixed(1)} s`,
      'dim',
    );
    const took = await this.#change(
      () => {
        this.#regions.fsn.health = 'failing';
      },
      () =>
        ['db', 'app', 'geo'].every(
          (name) => !this.#answersOf(name).some((text) => text.includes(this.#regions.fsn.address)),
        ),
    );
    this.#timedScene('failover to hel', latest, took);
    await this.#until(() => this.#allMatch(), 12);
  }

  async #regionRecovers(): Promise<void> {
    this.#out.act('3. fsn recovers');
    const latest = this.#latestSwitchSeconds('db');
    this.#out.line(
      'predicted',
      `db returns to ${this.#regions.fsn.address} within ${latest.toFixed(1)} s: one good probe is enough`,
      'dim',
    );
    const took = await this.#change(
      () => {
        this.#regions.fsn.health = 'well';
      },
      () => this.#answersOf('db').every((text) => text === this.#regions.fsn.address),
    );
    this.#timedScene('return to fsn', latest, took);
    await this.#until(() => this.#allMatch(), 12);
  }

  async #someoneWritesPickfirst(): Promise<void> {
    this.#out.act("4. Somebody writes the documented record for primary and standby: selector='pickfirst'");
    const api = powerDnsApi({ url: this.#pdns.apiUrl, key: this.#pdns.apiKey, timeoutMs: 5000 });
    await api.replaceRrset(`${ZONE}.`, {
      name: `first.${ZONE}.`,
      type: 'LUA',
      ttlSeconds: 30,
      records: [`A "${pickfirst(this.#regions)}"`],
    });
    const found = await this.#until(() => this.#events.some((event) => event.kind === 'finding'), 10);
    const finding = this.#events.find((event) => event.kind === 'finding');
    if (finding?.kind === 'finding')
      this.#out.line('agent', `${finding.name} ${finding.message} (${finding.code})`, 'bad');
    await this.#until(() => this.#split().total >= 24, 12);
    const { total, counts } = this.#split();
    const seen = [...counts].map(([answer, times]) => `${answer} ${times}×`).join(', ');
    this.#out.line('observed', `both regions are up, and of ${total} answers: ${seen}`, 'bad');
    this.#scene('pickfirst is no selector', 'a finding, and both answers', `${seen}`, found && counts.size === 2);
  }

  async #failsForPowerDnsOnly(): Promise<void> {
    this.#out.act('5. fsn answers 503 to everybody but the agent: what PowerDNS sees, nobody else sees');
    const bound = this.#boundSeconds('db');
    this.#out.line('predicted', `a drift is reported within ${bound.toFixed(1)} s`, 'dim');
    const startedAt = this.#out.seconds();
    this.#events = [];
    this.#regions.fsn.health = 'failing for PowerDNS only';
    const isDb = (event: AgentEvent) => event.kind === 'drift opened' && event.drift.name === `db.${ZONE}.`;
    const opened = await this.#until(() => this.#events.some(isDb), bound + 3);
    const took = this.#out.seconds() - startedAt;
    const event = this.#events.find(isDb);
    const explained = event?.kind === 'drift opened' ? event.diagnosis.filter(({ explains }) => explains) : [];
    this.#scene(
      'drift with diagnosis',
      `within ${bound.toFixed(1)} s`,
      opened ? `after ${took.toFixed(1)} s: ${explained[0]?.assumption ?? 'no explanation'}` : 'none',
      opened && explained.length > 0,
    );
    this.#regions.fsn.health = 'well';
    const resolved = await this.#until(() => this.#agent.book.open().length === 0, 12);
    this.#scene('drift ends with its cause', 'resolved', resolved ? 'resolved' : 'still open', resolved);
  }

  // ---- what is printed as it happens

  #hear(event: AgentEvent): void {
    this.#events.push(event);
    switch (event.kind) {
      case 'source read':
        this.#out.line(
          'agent',
          `reads ${event.names} LUA records and ${event.checks} checks of a PowerDNS ${event.profile}`,
          'dim',
        );
        break;
      case 'target changed': {
        const { check, after, result } = event.probe;
        const what =
          check.kind === 'tcp'
            ? 'TCP'
            : `HTTP${check.options.selector === undefined ? '' : ` (${check.options.selector})`}`;
        this.#out.line(
          'probe',
          `${this.#regionOf(check.address)} is ${after.kind} by ${what}: ${result.reason}`,
          after.kind === 'up' ? 'good' : 'bad',
        );
        break;
      }
      case 'answer changed':
        if (event.before === undefined || event.name.startsWith('first.')) break;
        this.#out.line('PowerDNS', `${event.name} for ${event.client}: ${event.before} -> ${event.after}`);
        break;
      case 'drift opened': {
        const { name, client, message, class: driftClass } = event.drift;
        this.#out.line('DRIFT', `${name} for ${client} (${driftClass}): ${message}`, 'bad');
        for (const { assumption, detail } of event.diagnosis.filter(({ explains }) => explains)) {
          this.#out.line('', `explained if ${assumption}: ${detail}`, 'bad');
        }
        break;
      }
      case 'drift resolved':
        this.#out.line('agent', `drift resolved: ${event.drift.name} for ${event.drift.client}`, 'good');
        break;
      case 'server down':
        this.#out.line('agent', `PowerDNS does not answer: ${event.reason}`, 'bad');
        break;
      case 'source failed':
        this.#out.line('agent', event.message, 'bad');
        break;
      default:
    }
  }

  #printRecords(): void {
    const purposes = new Map(patterns(this.#regions).map(({ name, purpose }) => [`${name}.${ZONE}.`, purpose]));
    this.#out.table(
      ['record', 'pattern', 'client', 'possible', 'answered', 'verdict'],
      this.#crossChecks().map((crossCheck) => {
        const { name, client, admissible, observed, verdict } = crossCheckView(this.#server, crossCheck);
        return [name, purposes.get(name) ?? '', client, admissible.join(' | '), observed ?? '', verdict];
      }),
    );
  }

  #regionOf(address: string): string {
    return address === this.#regions.fsn.address ? 'fsn' : 'hel';
  }

  // ---- what is asked of the agent

  #crossChecks(): readonly CrossCheck[] {
    return this.#server.content?.crossChecks ?? [];
  }

  #named(name: string): readonly CrossCheck[] {
    return this.#crossChecks().filter(({ watched }) => watched.owner === `${name}.${ZONE}.`);
  }

  #answersOf(name: string): string[] {
    return this.#named(name).map((crossCheck) => this.#server.observation(crossCheck)?.text ?? '');
  }

  #allMatch(): boolean {
    return this.#crossChecks().every((each) => this.#server.observation(each)?.judgement.verdict === 'match');
  }

  #split(): { total: number; counts: Map<string, number> } {
    const counts = new Map<string, number>();
    for (const crossCheck of this.#named('first')) {
      for (const { text } of this.#server.observation(crossCheck)?.recent ?? [])
        counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return { total: [...counts.values()].reduce((sum, count) => sum + count, 0), counts };
  }

  /** The longest that PowerDNS may take to notice, and the next question of the agent. */
  #latestSwitchSeconds(name: string): number {
    const [crossCheck] = this.#named(name);
    return crossCheck === undefined ? 0 : this.#server.longestSwitchSeconds(crossCheck);
  }

  #boundSeconds(name: string): number {
    const [crossCheck] = this.#named(name);
    return crossCheck === undefined ? 0 : this.#server.detectionBounds(crossCheck).beliefSeconds;
  }

  async #change(cause: () => void, isDone: () => boolean): Promise<Took> {
    const startedAt = this.#out.seconds();
    const meter = startStallMeter();
    cause();
    await this.#until(isDone, 15);
    return { seconds: this.#out.seconds() - startedAt, stallSeconds: meter.stop().togetherMs / 1000 };
  }

  /** The latest time holds for a process that is let run: the time that it was not is added, and told where it counts. */
  #timedScene(what: string, latest: number, { seconds, stallSeconds }: Took): void {
    const good = seconds <= latest + stallSeconds;
    const excuse = seconds > latest && good ? `, of which the machine took ${stallSeconds.toFixed(1)} s` : '';
    const seen = `after ${seconds.toFixed(1)} s${excuse}`;
    this.#out.line('observed', seen, good ? 'good' : 'bad');
    this.#scene(what, `within ${latest.toFixed(1)} s`, seen, good);
  }

  #scene(what: string, expected: string, seen: string, good: boolean): void {
    this.#scenes.push({ what, expected, seen, good });
  }

  async #until(holds: () => boolean, seconds: number): Promise<boolean> {
    const deadline = this.#out.seconds() + seconds;
    while (this.#out.seconds() < deadline) {
      if (holds()) return true;
      await sleep(50);
    }
    return holds();
  }
}
