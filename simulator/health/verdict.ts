/** What an HTTP answer means to a check, wherever it came from. */
import type { HttpProbeRequest, ProbeResult } from './probe.ts';

/** An answer whose transfer is complete. */
export interface HttpAnswer {
  readonly status: number;
  /** The body contains the text that the check looks for. */
  readonly matched: boolean;
  /** The integer at the start of the body. */
  readonly bodyNumber: number | undefined;
  readonly elapsedMs: number;
}

/** Up where the status is the expected one and the body contains the text. */
export function httpVerdict(request: HttpProbeRequest, answer: HttpAnswer): ProbeResult {
  const { status, matched, bodyNumber, elapsedMs } = answer;
  if (status !== request.expectedStatus) return failed(`${status}, expected ${request.expectedStatus}`);
  if (!matched) return failed(`${status}, but the body does not contain ${request.stringMatch}`);
  const reason = `${status} in ${Math.round(elapsedMs)} ms`;
  return bodyNumber === undefined ? { up: true, reason } : { up: true, bodyNumber, reason };
}

/** A probe that did not get as far as an answer. */
export function failed(reason: string): ProbeResult {
  return { up: false, reason };
}

/** Why a probe failed that had to be given up. */
export function timedOut(timeoutMs: number): ProbeResult {
  return failed(`no complete answer within ${timeoutMs} ms`);
}
