/** Something to know about a plan: a plain sentence with its numbers, and what to set. */
export interface Finding {
  /** Stable: `PLAN_TIMEOUT_ZERO`. */
  readonly code: string;
  /** `wrong`: it does not do what it looks like. `costly`: it does, at a price. `note`: to be known. */
  readonly severity: Severity;
  readonly message: string;
  /** What to write or set instead. */
  readonly advice: string;
}

export type Severity = 'wrong' | 'costly' | 'note';

const ORDER: readonly Severity[] = ['wrong', 'costly', 'note'];

export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

/** `a, b and 3 more`. */
export function someOf(names: readonly string[], most = 3): string {
  const distinct = [...new Set(names)];
  const shown = distinct.slice(0, most);
  const rest = distinct.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest.toLocaleString('en')} more`;
  const last = shown.pop() ?? 'nothing';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}

/** `3 checks`, `1 check`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

/** Seconds to a tenth or so, without a tail of zeros. */
export function short(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString('en');
}
