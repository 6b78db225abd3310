/** How targets answer, as people speak of it. Faults replace parts of a target's resting behaviour. */
import type { Micros } from '../clock.ts';

export interface TargetBehaviour {
  /**
   * What becomes of a TCP connection. `reset`: accepted, then reset. `blackhole`: packets vanish in both directions.
   * `accept-only`: accepted, and nothing is ever sent.
   */
  readonly tcp: 'accept' | 'refuse' | 'reset' | 'blackhole' | 'accept-only';
  readonly httpStatus: number;
  readonly httpBody: string;
  /** From a request to its answer; `jitter`: up to so much more, drawn evenly. */
  readonly latency: { readonly base: Micros; readonly jitter: Micros };
  /** From the first byte of the body to its end. */
  readonly bodyDelay: Micros;
  readonly tls: 'ok' | 'fails';
  /** Share of connection attempts whose first packet is lost, 0 to 1. */
  readonly loss: number;
}

export const HEALTHY: TargetBehaviour = Object.freeze({
  tcp: 'accept',
  httpStatus: 200,
  httpBody: 'ok',
  latency: Object.freeze({ base: 0, jitter: 0 }),
  bodyDelay: 0,
  tls: 'ok',
  loss: 0,
});
