/** Settings of `pdns.conf` in a scenario file: known ones only, as PowerDNS writes them. */
import { parseDuration } from '../../input/duration.ts';
import { RELEASE_LINES, type ReleaseLine } from '../../simulator/profile/profile.ts';
import type { SettingValues } from '../schema/schema.ts';
import { KNOWN_SETTINGS, type KnownSetting } from '../settings.ts';
import { guessHint, type Path, type Reading } from './reading.ts';

/** Settings as text, by name. `lines`: the release lines of which one must know them. */
export function readSettings(
  reading: Reading,
  written: SettingValues,
  lines: readonly ReleaseLine[],
  path: Path,
): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [name, value] of Object.entries(written)) {
    const at = [...path, name];
    const known = Object.hasOwn(KNOWN_SETTINGS, name) ? KNOWN_SETTINGS[name] : undefined;
    if (known === undefined) {
      const hint = guessHint(name, Object.keys(KNOWN_SETTINGS), 'setting');
      reading.complain('E_SCENARIO_SETTING', at, `the setting '${name}' is not simulated`, hint);
      continue;
    }
    // Release lines that do not know it are run without it.
    if (lines.every((line) => RELEASE_LINES.indexOf(line) < RELEASE_LINES.indexOf(known.since))) {
      const hint = `It came with ${known.since}: add that to profiles, or leave the setting out.`;
      reading.complain('E_SCENARIO_SETTING', at, `PowerDNS ${lines.join(', ')} does not know '${name}'`, hint);
    }
    const text = TEXTS[known.kind](value);
    if (text === undefined)
      reading.complain('E_SCENARIO_SETTING', at, `${name}: expected ${EXPECTED[known.kind]}`, HINT);
    else settings.set(name, text);
  }
  return settings;
}

const HINT = 'Values are those of pdns.conf; durations may carry a unit.';

type Value = SettingValues[string];

const EXPECTED: Readonly<Record<KnownSetting['kind'], string>> = {
  switch: 'yes or no',
  'shared switch': 'yes, no or shared',
  seconds: 'whole seconds, such as 5s',
  number: 'a whole number',
  list: 'a list such as [bind, geoip]',
};

const TEXTS: Readonly<Record<KnownSetting['kind'], (value: Value) => string | undefined>> = {
  switch: switchText,
  'shared switch': (value) => (value === 'shared' ? value : switchText(value)),
  seconds: (value) => {
    const seconds = typeof value === 'string' ? (parseDuration(value) ?? Number.NaN) / 1000 : value;
    return Number.isInteger(seconds) && Number(seconds) >= 0 ? String(seconds) : undefined;
  },
  number: (value) => (Number.isInteger(value) && Number(value) >= 0 ? String(value) : undefined),
  list: (value) => {
    if (Array.isArray(value)) return value.join(',');
    return typeof value === 'string' ? value : undefined;
  },
};

function switchText(value: Value): string | undefined {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === 'yes' || value === 'no' ? value : undefined;
}
