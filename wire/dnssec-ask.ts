/** Asks a server for answers with their signatures (DO), and for the keys of a zone. */
import { type DnskeyVerification, verifyDnskeys } from './dnssec.ts';
import { readSignedMessage, type SignedMessage } from './dnssec-message.ts';
import type { DnsQuestion } from './message.ts';
import { MalformedMessage } from './raw-name.ts';
import { type AskOptions, ask, type Reply, type ServerAddress } from './transport.ts';

/** As `Reply`, with what `verifyAnswer` needs. `response` holds RRSIGs too, as the server sent them. */
export type SignedReply =
  | (Extract<Reply, { kind: 'answer' }> & { readonly message: SignedMessage })
  | Extract<Reply, { kind: 'failed' }>;

/** Asks with DO set, over TCP where the answer does not fit a datagram. Never rejects. */
export async function askSigned(
  server: ServerAddress,
  question: DnsQuestion,
  options: AskOptions,
): Promise<SignedReply> {
  const reply = await ask(server, { ...question, dnssecOk: true }, options);
  if (reply.kind === 'failed') return reply;
  try {
    return { ...reply, message: readSignedMessage(reply.response.bytes) };
  } catch (error) {
    if (error instanceof MalformedMessage) return { kind: 'failed', reason: error.message };
    throw error;
  }
}

export interface FetchOptions extends AskOptions {
  /** The time that counts for the signature over the keys, in seconds since 1970. */
  readonly nowSeconds: number;
}

/**
 * The DNSKEYs of a zone, checked as `verifyDnskeys` does; `unsigned` for a zone without any, `failed` where the server does
 * not answer or answers with an error. Never rejects, but for `E_NAME_SYNTAX`.
 */
export async function fetchDnskeys(
  server: ServerAddress,
  zone: string,
  options: FetchOptions,
): Promise<DnskeyVerification | Extract<Reply, { kind: 'failed' }>> {
  const { nowSeconds, ...asking } = options;
  const reply = await askSigned(server, { name: zone, type: 'DNSKEY' }, asking);
  if (reply.kind === 'failed') return reply;
  const { rcode } = reply.response;
  if (rcode !== 'NOERROR') return { kind: 'failed', reason: `the server answers ${rcode} for the DNSKEYs of ${zone}` };
  return verifyDnskeys(reply.message, zone, nowSeconds);
}
