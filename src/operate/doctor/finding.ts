/** How much a finding matters: `error` loses records or stops the service, `warning` may, `note` is worth knowing. */
export const levels = ['ok', 'note', 'warning', 'error'] as const;
export type Level = (typeof levels)[number];

/** Everything that is looked at, with what for: the table in docs/doctor.md has the same. */
export const checks = {
  configuration: 'The configuration can be read, and nothing in it is wrong.',
  'redis connection': 'Redis answers. If it does not, everything else is still checked.',
  'redis version':
    '6.2 or later. With older versions records are popped, and a crash loses what is in memory.',
  'redis rights': 'Every command that Sluice needs, tried on its own keys, which expire.',
  eviction: '`maxmemory-policy`: with `allkeys-…` Redis may delete records that wait.',
  persistence: 'Which of the waiting records a restart of Redis would lose.',
  'head room': 'Memory of Redis in use, against `maxmemory` and `sluice.retained_bytes`.',
  layout: 'The keys of each list have a layout that this version knows.',
  'list expiry': 'How long the gateway’s lists live, against `purge_delay`.',
  'cluster slots': 'Every slot of a cluster is served.',
  'round trip': 'How long Redis takes to answer.',
  clock: 'The clocks of this machine and of Redis.',
  certificate: 'When certificates expire: those of Redis, sinks and the admin server, and files.',
  'admin server': 'Its port is free, or Sluice answers there.',
  sink: 'Each destination answers.',
  telemetry:
    'Each receiver of the service’s own metrics, traces and logs answers (docs/telemetry.md).',
  spill: 'The spill folder: space, permissions, kind of file system.',
  'open files': 'The limit of file descriptors.',
  node: 'A release of Node.js that this version supports.',
  'time zones': 'Time zones are known by name.',
  memory: 'The memory limit of this process, against the bounds of the configuration.',
} as const;
export type Check = keyof typeof checks;

/** What was found by one look at one thing. */
export interface Finding {
  readonly check: Check;
  /** Which one, where there are several: a node, a pump, a file. */
  readonly subject?: string;
  readonly level: Level;
  readonly what: string;
  /** Why it matters; with everything but `ok`. */
  readonly why?: string;
  readonly remedy?: string;
}

export const ok = (check: Check, what: string): Finding => ({ check, level: 'ok', what });

/** Not `ok`: with why it matters and what to do. */
export const amiss = (
  check: Check,
  level: Exclude<Level, 'ok'>,
  said: { readonly what: string; readonly why: string; readonly remedy: string },
): Finding => ({ check, level, ...said });

export const about = (subject: string, findings: readonly Finding[]): readonly Finding[] =>
  subject === '' ? findings : findings.map((finding) => ({ ...finding, subject }));

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

export function shownBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** Of two figures in words: `3 days`, `40 s`. */
export function shownTime(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} hours`;
  return `${Math.round(seconds / 86_400)} days`;
}
