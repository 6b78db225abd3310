import type { Trace } from './beliefs.ts';
import type { Rcode } from './outcome.ts';

/** What ends a whole response. */
export class Failed extends Error {
  readonly rcode: Rcode;
  constructor(rcode: Rcode) {
    super(rcode);
    this.rcode = rcode;
  }
}

/** Ends the response, and says why to those who listen. */
export function fail(trace: Trace, rcode: Rcode, code: string, message: string): never {
  trace.warn({ code, message });
  trace.because(() => ({ step: message, detail: { rcode } }));
  throw new Failed(rcode);
}
