/** The time axis of a figure. */

/** Pixels of the picture for the whole time; longer runs get more, so that minutes can still be told apart. */
const WIDTH = 920;
const LONG_WIDTH = 2400;
const LONG_SECONDS = 3600;
/** Room for the label of one tick. */
const TICK_PIXELS = 72;
const STEPS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
];

export interface Axis {
  readonly endsAtSeconds: number;
  readonly width: number;
  readonly pixelsPerSecond: number;
}

export function axisOf(endsAtSeconds: number): Axis {
  const width = endsAtSeconds > LONG_SECONDS ? LONG_WIDTH : WIDTH;
  return { endsAtSeconds, width, pixelsPerSecond: width / Math.max(endsAtSeconds, 1e-6) };
}

/** Where a moment stands, in pixels with one digit. */
export function xOf({ endsAtSeconds, pixelsPerSecond }: Axis, seconds: number): number {
  return Math.round(Math.min(Math.max(seconds, 0), endsAtSeconds) * pixelsPerSecond * 10) / 10;
}

export function ticksOf({ endsAtSeconds, width }: Axis): { readonly seconds: number; readonly label: string }[] {
  const most = Math.floor(width / TICK_PIXELS);
  const days = Math.max(1, Math.ceil(endsAtSeconds / most / 86_400)) * 86_400;
  const step = STEPS.find((each) => endsAtSeconds / each <= most) ?? days;
  return Array.from({ length: Math.floor(endsAtSeconds / step + 1e-9) + 1 }, (_, i) => {
    const seconds = Number((i * step).toFixed(3));
    return { seconds, label: clockText(seconds, endsAtSeconds) };
  });
}

/** Seconds as scenarios write them; minutes and hours where seconds would be long numbers. */
function clockText(seconds: number, endsAtSeconds: number): string {
  if (endsAtSeconds <= 900) return `${seconds} s`;
  if (seconds === 0) return '0';
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60 === 0 ? '' : ` ${seconds % 60} s`;
  if (hours === 0) return `${minutes} min${rest}`;
  return minutes === 0 && rest === '' ? `${hours} h` : `${hours} h ${minutes}${rest}`;
}
