/** Where in a person's input something is wrong. Lines and columns count from 1. */
export interface InputPlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

export interface UserErrorDetails {
  readonly place?: InputPlace;
  readonly hint?: string;
  readonly exitCode?: 2 | 3;
  readonly cause?: unknown;
  readonly besides?: readonly UserError[];
}

/**
 * An error that a person can cause and mend: says what is wrong, where, and (in `hint`) what to write instead.
 * `code` is stable (`E_SELECTOR_UNKNOWN`) so that scripts can tell errors apart. The command line ends with exit code
 * `exitCode`: 2 for usage or configuration, 3 for something the machine lacks.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: string;
  readonly place: InputPlace | undefined;
  readonly hint: string | undefined;
  readonly exitCode: 2 | 3;
  /** What is wrong besides. */
  readonly besides: readonly UserError[];

  constructor(code: string, message: string, details: UserErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.place = details.place;
    this.hint = details.hint;
    this.exitCode = details.exitCode ?? 2;
    this.besides = details.besides ?? [];
  }

  /** `file:line:column: message (CODE)` and the hint on a line of its own; the same of what is wrong besides. */
  describe(): string {
    const where = this.place === undefined ? '' : `${formatPlace(this.place)}: `;
    const hint = this.hint === undefined ? '' : `\n  ${this.hint}`;
    return [`${where}${this.message} (${this.code})${hint}`, ...this.besides.map((each) => each.describe())].join('\n');
  }
}

/** Several errors of one input as one, which tells all of them; its code is that of the first. */
export function together([first, ...besides]: readonly [UserError, ...UserError[]]): UserError {
  const { code, message, place, hint, exitCode, cause } = first;
  return new UserError(code, message, {
    ...(place === undefined ? {} : { place }),
    ...(hint === undefined ? {} : { hint }),
    exitCode,
    cause,
    besides: [...first.besides, ...besides],
  });
}

/** `file`, `file:line` or `file:line:column`. */
export function formatPlace(place: InputPlace): string {
  const line = place.line === undefined ? '' : `:${place.line}`;
  const column = place.column === undefined ? '' : `:${place.column}`;
  return `${place.file}${line}${column}`;
}
