/** Moments as people and programs write them in a query: `at=`, `since=`. */

/** What to write where a moment is expected. */
export const INSTANT_FORMS =
  'RFC 3339 with its offset, such as 2026-01-31T12:00:00Z, or Unix seconds, such as 1769860800';

const RFC_3339 = /^(\d{4}-\d{2}-(\d{2}))[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:[Zz]|([+\- ])(\d{2}:\d{2}))$/;
/** The last moment that a `Date` can hold. */
const LAST_MS = 8.64e15;

/** Milliseconds since 1970 of an RFC 3339 moment or of Unix seconds; undefined for anything else. */
export function parseInstant(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    const ms = Math.round(Number(trimmed) * 1000);
    return ms <= LAST_MS ? ms : undefined;
  }
  const match = RFC_3339.exec(trimmed);
  if (match === null) return undefined;
  const [, date = '', day, time = '', sign, offset] = match;
  // A `+` that nobody escaped in a query string arrives as a space.
  const zone = sign === undefined ? 'Z' : `${sign === '-' ? '-' : '+'}${offset ?? ''}`;
  const ms = Date.parse(`${date}T${time}${zone}`);
  // 30 February is taken for 2 March.
  const isRealDay = new Date(Date.parse(`${date}T00:00:00Z`)).getUTCDate() === Number(day);
  return Number.isFinite(ms) && isRealDay ? ms : undefined;
}
