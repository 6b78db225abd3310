/** What is said about a scenario file while it is read: errors and warnings, each at its place. */
import { formatPlace, type InputPlace, UserError } from '../../input/errors.ts';
import { closestWord } from '../../input/spelling.ts';
import type { YamlDocument } from '../../input/yaml-document.ts';

/** Keys and indexes from the top of the file. */
export type Path = readonly PropertyKey[];

export interface ScenarioWarning {
  readonly code: string;
  readonly message: string;
  readonly place: InputPlace;
  readonly hint: string;
}

/** `file:line:column: warning: message (CODE)` and the hint on a line of its own, as errors are told. */
export function warningText({ place, message, code, hint }: ScenarioWarning): string {
  return `${formatPlace(place)}: warning: ${message} (${code})\n  ${hint}`;
}

export interface Reading {
  readonly yaml: YamlDocument;
  complain(code: string, path: Path, message: string, hint: string): void;
  /** An error that knows its place. */
  add(error: UserError): void;
  warn(code: string, place: InputPlace, message: string, hint: string): void;
  /** Complains unless `name` is one of `names`; `what` is a word such as `client`. */
  knows(what: string, name: string, names: Iterable<string>, path: Path): boolean;
  /** The value of `read`; undefined, and a complaint, where it throws a `UserError`. */
  attempt<T>(read: () => T): T | undefined;
  readonly errors: readonly UserError[];
  readonly warnings: readonly ScenarioWarning[];
}

export function newReading(yaml: YamlDocument): Reading {
  const errors: UserError[] = [];
  const warnings: ScenarioWarning[] = [];
  const complain: Reading['complain'] = (code, path, message, hint) => {
    errors.push(new UserError(code, message, { place: yaml.placeOfPath(path), hint }));
  };
  return {
    yaml,
    errors,
    warnings,
    complain,
    add: (error) => errors.push(error),
    warn: (code, place, message, hint) => warnings.push({ code, place, message, hint }),
    knows: (what, name, names, path) => {
      const known = [...names];
      if (known.includes(name)) return true;
      complain('E_SCENARIO_NAME', path, `there is no ${what} '${name}'`, guessHint(name, known, what));
      return false;
    },
    attempt: (read) => {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        errors.push(error);
        return undefined;
      }
    },
  };
}

/** How the first of its kind is written. */
const EXAMPLES: Readonly<Record<string, (name: string) => string>> = {
  target: (name) => `targets: { ${name}: { address: 192.0.2.10 } }`,
  alert: (name) => `alerts: { ${name}: { servers-disagree: true, for: 10s } }`,
  resolver: (name) => `resolvers: { ${name}: { address: 203.0.113.53 } }`,
};

const VANTAGE = 'A place is the vantage of a server or a target.';

/** What was meant, or what there is. */
export function guessHint(name: string, known: readonly string[], what: string): string {
  const guess = closestWord(name, known);
  // One digit off is no slip of the pen: ns2 does not mean ns1.
  if (guess !== undefined && withoutDigits(guess) !== withoutDigits(name)) return `Did you mean '${guess}'?`;
  const example = EXAMPLES[what]?.(name);
  if (known.length === 0) return `The file names no ${what}${example === undefined ? '' : `: add ${example}`}.`;
  return `There are: ${known.join(', ')}.${what === 'vantage' ? ` ${VANTAGE}` : ''}`;
}

function withoutDigits(name: string): string {
  return name.replaceAll(/\d/g, '');
}
