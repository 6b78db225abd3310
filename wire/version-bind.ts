/** Which PowerDNS is it? Asks `version.bind` in class CHAOS, as `dig CH TXT version.bind` does. */
import { ask, type ServerAddress } from './transport.ts';

/** `5.1.5` of `"PowerDNS Authoritative Server 5.1.5 (built …)"`; undefined where the server does not tell. */
export async function askVersion(server: ServerAddress, timeoutMs: number): Promise<string | undefined> {
  const reply = await ask(server, { name: 'version.bind.', type: 'TXT', class: 'CH' }, { timeoutMs });
  if (reply.kind === 'failed') return undefined;
  return reply.response.answers.map(({ rdata }) => versionIn(rdata)).find((version) => version !== undefined);
}

/** The version in an authoritative server's description of itself; a Recursor counts its versions alike. */
export function versionIn(text: string): string | undefined {
  if (/recursor/i.test(text)) return undefined;
  return /(?:PowerDNS.*?|^"?)\s*(\d+\.\d+\.\d+[\w.+~-]*)/i.exec(text)?.[1];
}
