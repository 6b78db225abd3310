/**
 * What a command line calls, or what is wrong with it. yargs, which writes the help, would take `--probe=yes` for no,
 * `--format` given twice for a list, and would not name the flag that was meant; and it takes longer to load than most
 * commands to run.
 */
import type { Options } from 'yargs';
import { UserError } from '../input/errors.ts';
import { closestWord } from '../input/spelling.ts';

/** How a command is called. Every command has one, and none is known without. */
export interface CommandUsage {
  /** As typed: `predict`, `geoip lookup`. */
  readonly command: string;
  /** What follows it: `NAME`, `[TYPE]`, `ADDRESS…`. In lower case, the names of the handler's arguments. */
  readonly words: readonly string[];
  /** How many of them there may be. */
  readonly wordCount: { readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, Options>>;
  /** A call that works. */
  readonly example: string;
  /** Flags that are not its own are another program's, for which it stands in. */
  readonly ignoresOtherFlags?: boolean;
}

/** A call that is right. */
export interface Call {
  readonly usage: CommandUsage;
  /** Words and flags by name, as the command's handler takes them: what is not given has its default, or is absent. */
  readonly arguments: Readonly<Record<string, string | boolean | readonly string[]>>;
}

/** Which command `words` call, and with what. Throws `E_USAGE` for the first thing that is wrong with them. */
export function readCall(words: readonly string[], usages: readonly CommandUsage[]): Call {
  const usage = usageOf(words, usages);
  const given = new Map<string, string[]>();
  const plain: string[] = [];
  const rest = words.slice(usage.command.split(' ').length);
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    if (word === '-' || !word.startsWith('-')) {
      plain.push(word);
      continue;
    }
    if (usage.ignoresOtherFlags === true && !isOwnFlag(word, usage)) continue;
    const flag = readFlag(word, usage);
    let { value } = flag;
    if (value === undefined && flag.option.type !== 'boolean') {
      const next = rest[i + 1];
      if (next !== undefined && !next.startsWith('-')) {
        value = next;
        i++;
      }
    }
    checkValue(flag.name, value, flag.option);
    given.set(flag.name, [...(given.get(flag.name) ?? []), value ?? '']);
  }
  checkCounts(usage, plain, given);
  return { usage, arguments: { ...wordArguments(usage, plain), ...flagArguments(usage, given) } };
}

function wordArguments({ words }: CommandUsage, plain: readonly string[]): Call['arguments'] {
  const named = words.map((word, i) => {
    const name = word.replace(/[^A-Z]/g, '').toLowerCase();
    return [name, word.endsWith('…') ? plain.slice(i) : plain[i]] as const;
  });
  return withoutAbsent(named);
}

function flagArguments({ options }: CommandUsage, given: ReadonlyMap<string, readonly string[]>): Call['arguments'] {
  const named = Object.entries(options).map(([name, option]) => {
    const values = given.get(name);
    if (values === undefined) return [name, option.default] as const;
    if (option.type === 'boolean') return [name, values[0] !== 'false'] as const;
    return [name, option.array === true ? values : values[0]] as const;
  });
  return withoutAbsent(named);
}

function withoutAbsent<Value>(entries: readonly (readonly [string, Value | undefined])[]): Record<string, Value> {
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

function usageOf(words: readonly string[], usages: readonly CommandUsage[]): CommandUsage {
  const [first, second = ''] = words;
  const commands = [...new Set(usages.map(({ command }) => command.split(' ')[0] ?? ''))];
  if (first === undefined) throw usageError('which command?', `There are ${listOf(commands)}; see pdns-shadow --help.`);
  if (first.startsWith('-')) {
    throw usageError(
      `the command must come before ${first}`,
      `Write pdns-shadow COMMAND ${first} …; see pdns-shadow --help.`,
    );
  }
  const found = usages.find(({ command }) => command === first || command === `${first} ${second}`);
  if (found !== undefined) return found;
  if (!commands.includes(first)) {
    throw usageError(`there is no command '${first}'`, guess(first, commands) ?? `There are ${listOf(commands)}.`);
  }
  const below = usages.flatMap(({ command }) =>
    command.startsWith(`${first} `) ? command.slice(first.length + 1) : [],
  );
  if (second === '' || second.startsWith('-')) throw usageError(`${first} what?`, `There are ${listOf(below)}.`);
  throw usageError(`there is no command '${first} ${second}'`, guess(second, below) ?? `There are ${listOf(below)}.`);
}

interface Flag {
  readonly name: string;
  readonly option: Options;
  readonly value: string | undefined;
}

function isOwnFlag(word: string, { options }: CommandUsage): boolean {
  return word.startsWith('--') && Object.hasOwn(options, word.slice(2).split('=')[0] ?? '');
}

function readFlag(word: string, { command, options }: CommandUsage): Flag {
  const equals = word.indexOf('=');
  const text = equals === -1 ? word : word.slice(0, equals);
  const name = text.replace(/^--/, '');
  const value = equals === -1 ? undefined : word.slice(equals + 1);
  const option = options[name];
  if (option !== undefined && text.startsWith('--')) return { name, option, value };
  const negated = options[name.replace(/^no-/, '')];
  if (name.startsWith('no-') && negated?.type === 'boolean')
    return { name: name.slice(3), option: negated, value: value ?? 'false' };
  const bare = text.replace(/^-+/, '');
  const known = Object.keys(options);
  const longer = bare.length > 1 ? known.find((each) => each.startsWith(bare)) : undefined;
  const meant = longer ?? closestWord(bare, known);
  const hint = meant === undefined ? `See pdns-shadow ${command} --help.` : `Did you mean --${meant}?`;
  throw usageError(`${command} has no flag ${text}`, hint);
}

function checkValue(name: string, value: string | undefined, option: Options): void {
  if (option.type === 'boolean') {
    if (value === undefined || value === 'true' || value === 'false') return;
    throw usageError(`--${name}=${value}: --${name} takes no value`, `Write --${name}, or leave it out.`);
  }
  if (value === undefined || value === '')
    throw usageError(`--${name} needs a value`, `It is: ${option.describe ?? name}.`);
  const choices = (option.choices ?? []).map(String);
  if (choices.length === 0 || choices.includes(value)) return;
  // One digit off is no slip of the pen: 6.0 does not mean 5.0.
  const hint = /\d/.test(value) ? undefined : guess(value, choices);
  throw usageError(`--${name} ${value}: expected ${listOf(choices, 'or')}`, hint);
}

function checkCounts(
  usage: CommandUsage,
  plain: readonly string[],
  given: ReadonlyMap<string, readonly string[]>,
): void {
  const { command, words, wordCount, options, example } = usage;
  for (const [name, values] of given) {
    if (values.length < 2 || options[name]?.array === true) continue;
    throw usageError(
      `--${name} is given ${values.length} times (${values.filter(Boolean).join(', ')})`,
      'Give it once.',
    );
  }
  const hint = `For example: pdns-shadow ${example}`;
  if (plain.length < wordCount.least) throw usageError(`${command} needs ${words[plain.length] ?? 'more words'}`, hint);
  const surplus = plain[wordCount.most];
  if (surplus !== undefined) {
    const takes = wordCount.most === 0 ? 'flags only' : words.join(' ');
    throw usageError(`${command} takes ${takes}; '${surplus}' is one word too many`, hint);
  }
  for (const [name, option] of Object.entries(options)) {
    if (option.demandOption === true && !given.has(name)) throw usageError(`${command} needs --${name}`, hint);
  }
}

function guess(word: string, known: readonly string[]): string | undefined {
  const meant = closestWord(word, known);
  return meant === undefined ? undefined : `Did you mean ${meant}?`;
}

function listOf(words: readonly string[], joint = 'and'): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${joint} ${last}`;
}

function usageError(message: string, hint: string | undefined): UserError {
  return new UserError('E_USAGE', message, hint === undefined ? {} : { hint });
}
