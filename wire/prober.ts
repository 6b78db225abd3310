import type { LookupFunction } from 'node:net';
import pLimit from 'p-limit';
import type { ProbeRequest, ProbeResult, Prober } from '../simulator/health/probe.ts';
import { describeNetworkError } from './probe-error.ts';
import { probeHttp } from './probe-http.ts';
import { probeTcp } from './probe-tcp.ts';

export interface RealProberOptions {
  /** Version told to targets in `X-Pdns-Shadow`. */
  readonly version: string;
  /** Probes on the network at once; the others wait, and their timeouts with them. */
  readonly maxConcurrency: number;
  /** Whether HTTP probes carry `X-Pdns-Shadow`; true unless said otherwise. */
  readonly shadowHeader?: boolean;
  /** Told of every probe that was not cancelled, before its own report. The wait for a free place does not count. */
  readonly onProbe?: (kind: ProbeRequest['kind'], result: ProbeResult, durationSeconds: number) => void;
  /** Resolves names that are not pinned; absent = the host's resolver. */
  readonly lookup?: LookupFunction;
}

export type RealProber = Prober & {
  /** Cancels what runs or waits, without reports, and resolves once every connection is closed. */
  close(): Promise<void>;
};

/**
 * The prober of the real network, as PowerDNS 4.7 to 5.1 probes. A report never comes before the call has returned. A
 * probe asked for after `close()` is reported down.
 */
export function realProber(options: RealProberOptions): RealProber {
  const limit = pLimit(options.maxConcurrency);
  const http = {
    ...(options.shadowHeader === false ? {} : { shadowVersion: options.version }),
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  };
  const open = new Map<AbortController, Promise<void>>();
  let closed = false;

  const run = async (request: ProbeRequest, signal: AbortSignal): Promise<Timed> => {
    const startedMs = performance.now();
    const result = await execute(request, signal).catch(
      (error: unknown): ProbeResult => ({ up: false, reason: describeNetworkError(error) }),
    );
    return { result, durationSeconds: (performance.now() - startedMs) / 1000 };
  };

  const execute = async (request: ProbeRequest, signal: AbortSignal): Promise<ProbeResult> => {
    switch (request.kind) {
      case 'failing':
        return { up: false, reason: request.reason };
      case 'tcp':
        return probeTcp(request, signal);
      case 'http':
        return probeHttp(request, signal, http);
    }
  };

  const prober: Prober = (request, report) => {
    const cancelling = new AbortController();
    const { signal } = cancelling;
    const asked: ProbeRequest = closed ? { kind: 'failing', reason: 'the prober is closed' } : request;
    const running = asked.kind === 'failing' ? run(asked, signal) : limit(run, asked, signal);
    const reported = running.then(({ result, durationSeconds }) => {
      open.delete(cancelling);
      if (signal.aborted) return;
      options.onProbe?.(asked.kind, result, durationSeconds);
      report(result);
    });
    open.set(cancelling, reported);
    return { cancel: () => cancelling.abort() };
  };

  return Object.assign(prober, {
    async close() {
      closed = true;
      const ending = [...open];
      for (const [cancelling] of ending) cancelling.abort();
      await Promise.allSettled(ending.map(([, reported]) => reported));
    },
  });
}

interface Timed {
  readonly result: ProbeResult;
  readonly durationSeconds: number;
}
