/**
 * What a probe is asked to do and what it reports: the plain data between the checker (which decides when and judges
 * what the result means) and a Prober (which touches a network, real or simulated).
 */

/** One TCP connection attempt: established = up; nothing is sent. */
export interface TcpProbeRequest {
  readonly kind: 'tcp';
  /** Canonical text of the target's address. */
  readonly address: string;
  readonly port: number;
  /** Address to connect from; absent = the host's choice. */
  readonly source?: string;
  /** 0: PowerDNS does not wait for the connection and calls the target up. */
  readonly timeoutMs: number;
}

/** One GET as libcurl inside PowerDNS does it. */
export interface HttpProbeRequest {
  readonly kind: 'http';
  readonly url: string;
  /**
   * Canonical text of the address that the URL's host and port are pinned to; absent for `ifurlextup`, which resolves
   * the host as usual.
   */
  readonly address?: string;
  readonly source?: string;
  /** For the whole transfer: resolve, connect, TLS, body. 0 = no limit. */
  readonly timeoutMs: number;
  readonly userAgent: string;
  /** Sent besides Host, User-Agent and Accept; may override them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body must contain it; empty = no test. */
  readonly stringMatch: string;
  /** Stop reading after this many bytes and call the transfer complete; 0 = no limit. */
  readonly bytesLimit: number;
  /** The final status that means up. */
  readonly expectedStatus: number;
  /** Redirects followed before the probe fails; undefined = until the timeout (libcurl before 8.3). */
  readonly redirectLimit: number | undefined;
}

/** A check whose options are such that it fails without touching the network. */
export interface FailingProbeRequest {
  readonly kind: 'failing';
  readonly reason: string;
}

export type ProbeRequest = TcpProbeRequest | HttpProbeRequest | FailingProbeRequest;

export interface ProbeResult {
  readonly up: boolean;
  /** The integer at the start of an HTTP body, as `std::stoi` reads it; undefined where there is none or it overflows. */
  readonly bodyNumber?: number;
  /** One line for people: `200 in 12 ms`, `connection refused`, `no answer within 2000 ms`. */
  readonly reason: string;
}

/**
 * Runs one probe and reports exactly once, never before it has returned. `cancel` ends it early, without a report.
 * Errors of the network are results, never exceptions.
 */
export type Prober = (request: ProbeRequest, report: (result: ProbeResult) => void) => { cancel(): void };
