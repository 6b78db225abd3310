/** What checks are called in reports: their target, and what tells them apart from other checks of it at the same server. */
import { targetText } from './words.ts';

interface CheckOfServer {
  readonly server: string;
  readonly target: string;
  /** Identity: `http 192.0.2.1 https://a.test/ {"timeout":"1"}`. */
  readonly check: string;
}

/** `fsn`; `fsn (minimumFailures=3)` where another check of fsn has no such option. */
export function checkName(
  { server, target, check }: CheckOfServer,
  all: readonly CheckOfServer[],
  targets: readonly { readonly name: string; readonly address: string }[],
): string {
  const name = targetText(target, targets);
  const others = all.filter((each) => each.server === server && each.target === target && each.check !== check);
  const shared = others.map((each) => new Set(partsOf(each.check)));
  const own = others.length === 0 ? [] : partsOf(check).filter((part) => !shared.every((parts) => parts.has(part)));
  return own.length === 0 ? name : `${name} (${own.join(', ')})`;
}

/** Kind, URL and each option. */
function partsOf(check: string): string[] {
  const [, words = check, options = '{}'] = /^(.*?)(?: (\{.*\}))?$/.exec(check) ?? [];
  return [...words.split(' '), ...optionsOf(options)];
}

function optionsOf(text: string): string[] {
  try {
    return Object.entries(JSON.parse(text)).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
  } catch {
    return [text];
  }
}
