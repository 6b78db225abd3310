/**
 * Targets of a scenario live at documentation addresses, which nobody may probe; those of a real run live on loopback. Every
 * server has aliases of its own, so that each can be shown another network.
 */
import { parseAddress } from '../../geoip/address.ts';

/** Rewrites addresses both ways. Names, ports and everything else stay. */
export interface Aliases {
  /** By documentation address, in canonical text. */
  readonly aliasOf: ReadonlyMap<string, string>;
  /** Targets' addresses in text become their aliases: a zone, a network, the content of a record. */
  toAliases(text: string): string;
  /** And back, in what a server answered. */
  toTargets(text: string): string;
}

/** `network`: three octets of loopback, `127.20.7`, in which the aliases lie from `first` on. */
export function aliasesIn(network: string, first: number, targets: readonly string[]): Aliases {
  const aliasOf = new Map(targets.map((address, i) => [address, `${network}.${first + i}`] as const));
  const targetOf = new Map([...aliasOf].map(([target, alias]) => [alias, target] as const));
  return {
    aliasOf,
    toAliases: (text) => replaceAddresses(text, aliasOf),
    toTargets: (text) => replaceAddresses(text, targetOf),
  };
}

/** Why a target cannot be moved to loopback; undefined where it can. */
export function immovable(address: string): string | undefined {
  return parseAddress(address)?.family === 6 ? `${address} is IPv6, and loopback has one IPv6 address only` : undefined;
}

function replaceAddresses(text: string, replacements: ReadonlyMap<string, string>): string {
  if (replacements.size === 0) return text;
  const written = [...replacements.keys()].map((address) => address.replaceAll('.', '\\.'));
  // 192.0.2.1 is not in 192.0.2.10, nor in 1.192.0.2.1.
  const pattern = new RegExp(`(?<![\\w.])(?:${written.join('|')})(?!\\w|\\.\\w)`, 'g');
  return text.replace(pattern, (address) => replacements.get(address) ?? address);
}
