/** Lines of a timeline added to a scenario file, in which everything else stays as it is written. */
import { isMap, isSeq, type YAMLSeq } from 'yaml';
import { UserError } from '../../input/errors.ts';
import { parseYaml, type YamlDocument } from '../../input/yaml-document.ts';

/**
 * The text of a scenario with further entries, as `importChaos` writes them, at the end of its timeline; the scenario must be a
 * right one. Throws `UserError` (`E_IMPORT_INTO`) where the way in which it is written has no place for them.
 */
export function withTimeline(text: string, file: string, timeline: string): string {
  const yaml = parseYaml(text, file, 'E_SCENARIO_SYNTAX');
  const entries = timeline
    .split('\n')
    .map((line) => line.trim().replace(/^- /, ''))
    .filter((entry) => entry !== '');
  if (!isMap(yaml.root) || yaml.root.flow) throw noPlace(yaml, [], 'the scenario is written in braces');
  const pair = yaml.root.items.find(({ key }) => yaml.resolved(key)?.toJSON() === 'timeline');
  if (pair === undefined) {
    return addedAt(text, yaml.root.range?.[2] ?? text.length, ['timeline:', ...asBlock(entries, '  ')]);
  }
  const list = pair.value;
  if (!isSeq(list)) throw noPlace(yaml, ['timeline'], 'the timeline is written elsewhere, and only meant here');
  return list.flow ? addedInBrackets(text, list, entries) : addedBelow(yaml, list, entries);
}

function addedBelow({ text, resolved }: YamlDocument, list: YAMLSeq, entries: readonly string[]): string {
  const start = list.range?.[0] ?? 0;
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  const end = resolved(list.items.at(-1))?.range?.[1] ?? start;
  return addedAt(text, end, asBlock(entries, indent));
}

/** Behind the last entry, so that a comment or a comma after it stays where it is. */
function addedInBrackets(text: string, list: YAMLSeq, entries: readonly string[]): string {
  const [start = 0] = list.range ?? [];
  const last = list.items.at(-1);
  const at = rangeEnd(last) ?? start + 1;
  return text.slice(0, at) + (last === undefined ? '' : ', ') + entries.join(', ') + text.slice(at);
}

function rangeEnd(node: unknown): number | undefined {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? Number(node.range[1])
    : undefined;
}

/** Lines below the one that ends at or after `offset`. */
function addedAt(text: string, offset: number, lines: readonly string[]): string {
  const found = text[offset - 1] === '\n' ? offset - 1 : text.indexOf('\n', offset);
  const [before, after] = found === -1 ? [text, ''] : [text.slice(0, found), text.slice(found + 1)];
  return `${before}\n${lines.join('\n')}\n${after}`;
}

function asBlock(entries: readonly string[], indent: string): readonly string[] {
  return entries.map((entry) => `${indent}- ${entry}`);
}

function noPlace(yaml: YamlDocument, path: readonly string[], message: string): UserError {
  const hint = 'Write timeline: with one entry a line, each behind a dash; or import without it and paste.';
  return new UserError('E_IMPORT_INTO', `${message}: nothing can be added`, { place: yaml.placeOfPath(path), hint });
}
