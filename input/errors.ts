/** Where in a person's input something is wrong. Lines and columns count from 1. */
export interface InputPlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
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

  constructor(
    code: string,
    message: string,
    details: { place?: InputPlace; hint?: string; exitCode?: 2 | 3; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.place = details.place;
    this.hint = details.hint;
    this.exitCode = details.exitCode ?? 2;
  }

  /** `file:line:column: message (CODE)` and the hint on a line of its own. */
  describe(): string {
    const where = this.place === undefined ? '' : `${formatPlace(this.place)}: `;
    const hint = this.hint === undefined ? '' : `\n  ${this.hint}`;
    return `${where}${this.message} (${this.code})${hint}`;
  }
}

/** `file`, `file:line` or `file:line:column`. */
export function formatPlace(place: InputPlace): string {
  const line = place.line === undefined ? '' : `:${place.line}`;
  const column = place.column === undefined ? '' : `:${place.column}`;
  return `${place.file}${line}${column}`;
}
