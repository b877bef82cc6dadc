/** Numbers and times as people read them. */

const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** `12,345`. */
export const count = (value: number): string => grouped.format(value);

/** `12.3 k` where the exact number does not matter. */
export function brief(value: number): string {
  if (value < 10_000) return grouped.format(value);
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (value >= size) return `${threeDigits(value / size)} ${unit}`;
  return grouped.format(value);
}

/** `0`, `0.4`, `12`, `1,234`: what is there at all does not look like nothing. */
export function rate(value: number): string {
  if (value === 0) return '0';
  if (value < 0.05) return '< 0.1';
  if (value < 10) return String(Math.round(value * 10) / 10);
  return grouped.format(value);
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytes(value: number): string {
  let size = value;
  let at = 0;
  while (size >= 1024 && at < units.length - 1) {
    size /= 1024;
    at += 1;
  }
  return `${at === 0 ? grouped.format(size) : threeDigits(size)} ${units[at] ?? ''}`;
}

const threeDigits = (value: number): string =>
  value >= 100 ? grouped.format(value) : String(Number(value.toPrecision(3)));

/** `0 s`, `0.4 s`, `59 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return pair(whole, 60, 'min', 1, 's');
  if (whole < 86_400) return pair(whole, 3_600, 'h', 60, 'min');
  return pair(whole, 86_400, 'd', 3_600, 'h');
}

/** In one unit, for axes and narrow places: `40 s`, `6.5 min`, `2 h`. */
export function briefDuration(seconds: number): string {
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
  ] as const)
    if (seconds >= size) return `${threeDigits(Math.round((seconds / size) * 10) / 10)} ${unit}`;
  return `${threeDigits(Math.round(seconds * 10) / 10)} s`;
}

function pair(seconds: number, big: number, bigUnit: string, small: number, unit: string): string {
  const rest = Math.floor((seconds % big) / small);
  const first = `${Math.floor(seconds / big)} ${bigUnit}`;
  return rest === 0 ? first : `${first} ${rest} ${unit}`;
}

/** `14:03:20` today, else with its date; by the clock of whoever looks. */
export function clockTime(iso: string, now: number): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const time = at.toLocaleTimeString('en-GB');
  return at.toDateString() === new Date(now).toDateString()
    ? time
    : `${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time}`;
}

/** `3 min ago`. */
export function ago(iso: string, now: number): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const seconds = Math.max(0, (now - at) / 1000);
  return seconds < 1 ? 'just now' : `${duration(Math.floor(seconds))} ago`;
}

export const percent = (share: number): string =>
  share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`;

/** `1 record`, `2 records`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
