/** What is asked about a server's zones besides their records' answers: their serials, and their signatures. */
import { type Clock, MICROS_PER_SECOND } from '../simulator/clock.ts';
import { isSubdomain, lowerCaseName } from '../simulator/zone/name.ts';
import type { Asker } from './asker.ts';
import type { Content } from './content.ts';
import type { DriftKey, Sighting } from './drifts.ts';
import type { CrossCheck } from './model.ts';
import { SignatureWatch } from './signatures.ts';
import type { Tracker } from './tracker.ts';

export interface ZoneCheckParts {
  readonly server: string;
  readonly clock: Clock;
  readonly asker: Asker;
  readonly tracker: Tracker;
  /** For messages: where the right serial comes from. */
  readonly sourceDescription: () => string;
  readonly sighting: (askedAt: number, answer: string) => Sighting;
}

export class ZoneChecks {
  readonly #parts: ZoneCheckParts;
  readonly #signatures: SignatureWatch;
  readonly #serials = new Map<string, number>();

  constructor(parts: ZoneCheckParts) {
    this.#parts = parts;
    this.#signatures = new SignatureWatch(parts.asker);
  }

  /** The serials that the server answers with, by zone. */
  get serials(): ReadonlyMap<string, number> {
    return this.#serials;
  }

  /** A server whose serial is not the source's serves other content, whatever its answers happen to be. */
  async checkSerial(zone: string, contentNow: () => Content | undefined, signal: AbortSignal): Promise<void> {
    const { server, asker, tracker, sighting: sightingAt, sourceDescription } = this.#parts;
    const asked = await asker.ask({ name: zone, type: 'SOA' }, signal);
    const content = contentNow();
    if (asked === undefined || content === undefined) return;
    const { response } = asked.reply;
    const soa = response.answers.find((record) => record.type === 'SOA');
    const serial = soa === undefined ? undefined : Number(soa.rdata.split(' ')[2]);
    if (serial !== undefined) this.#serials.set(zone, serial);
    const wanted = content.reading.serials.get(lowerCaseName(zone));
    const key: DriftKey = { server, name: zone, type: 'SOA', client: '', class: 'content' };
    const seen = serial === undefined ? `no SOA (${response.rcode})` : `serial ${serial}`;
    const { contentCacheSeconds, packetCacheSeconds } = content.settings;
    const graceMicros = (contentCacheSeconds + packetCacheSeconds) * MICROS_PER_SECOND;
    const sighting = { ...sightingAt(asked.askedAt, seen), graceMicros };
    if (wanted === undefined || serial === wanted) {
      tracker.clear(key, sighting.wallMs);
      return;
    }
    const message = `serves ${zone} with ${seen}; ${sourceDescription()} has ${wanted}`;
    tracker.wrong(key, { class: 'content', message, hypotheses: [] }, sighting);
  }

  /** In a signed zone every answer must be signed by its keys, also what code has just made. */
  async checkSignature(crossCheck: CrossCheck, content: Content, signal: AbortSignal): Promise<void> {
    const { server, clock, tracker, sighting } = this.#parts;
    const { watched, question, client } = crossCheck;
    const askedAt = clock.now();
    const childZones = content.reading.zones
      .map((zone) => zone.name)
      .filter((name) => name !== watched.zone && isSubdomain(name, watched.zone));
    const ecs = question.ecs === undefined ? {} : { ecs: question.ecs };
    const asked = { name: question.name, type: question.type, ...ecs };
    const verified = await this.#signatures.verify(watched.zone, childZones, asked, signal);
    if (verified === undefined || verified.kind === 'unknown') return;
    const key: DriftKey = { server, name: watched.owner, type: watched.type, client, class: 'dnssec' };
    if (verified.kind === 'signed') {
      tracker.clear(key, Date.now());
      return;
    }
    const message = verified.kind === 'invalid' ? verified.why : `not signed: ${verified.what}`;
    tracker.wrong(key, { class: 'dnssec', message, hypotheses: [] }, sighting(askedAt, verified.kind));
  }
}
