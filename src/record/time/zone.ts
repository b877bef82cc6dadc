import { readFileSync } from 'node:fs';
import { intlZone } from './intl-zone.ts';
import type { Period, Zone } from './period.ts';
import { parseTzif } from './tzif.ts';

/** Where systems keep zone files; the places Go looks in. */
const folders = [
  '/usr/share/zoneinfo/',
  '/usr/lib/zoneinfo/',
  '/usr/share/lib/zoneinfo/',
  '/etc/zoneinfo/',
];

/** Names ICU still prefers although the zone files have moved on. */
const renamed: Readonly<Record<string, string>> = {
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Europe/Kiev': 'Europe/Kyiv',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Pacific/Truk': 'Pacific/Chuuk',
  'Pacific/Ponape': 'Pacific/Pohnpei',
};

/** Names come from records: this many are remembered, so that inventing them fills no memory. */
const maxKnown = 1_000;

const utc: Zone = () => ({ offset: 0, abbreviation: 'UTC', start: -Infinity, end: Infinity });

interface Known {
  readonly zone: Zone | undefined;
  /** The period asked for last; records come in order of time, so it is nearly always the right one. */
  period: Period;
}

const known = new Map<string, Known>();

/** Whether there is such a zone. */
export const hasZone = (name: string): boolean => lookUp(name).zone !== undefined;

/** What clocks in the zone show at an instant; UTC where the zone is unknown. */
export function periodAt(name: string, seconds: number): Period {
  const entry = lookUp(name);
  const { period } = entry;
  if (seconds >= period.start && seconds < period.end) return period;
  entry.period = (entry.zone ?? utc)(seconds);
  return entry.period;
}

function lookUp(name: string): Known {
  const found = known.get(name);
  if (found !== undefined) return found;
  const zone = load(name);
  const entry = { zone, period: (zone ?? utc)(0) };
  if (known.size >= maxKnown) known.clear();
  known.set(name, entry);
  return entry;
}

/** No dots and no leading slash: a name never leaves the folder. */
const namePattern = /^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/;

function load(name: string): Zone | undefined {
  if (name === 'UTC') return utc;
  if (!namePattern.test(name)) return undefined;
  return (
    fromFiles(name) ??
    (renamed[name] === undefined ? undefined : fromFiles(renamed[name])) ??
    intlZone(name)
  );
}

function fromFiles(name: string): Zone | undefined {
  for (const folder of folders) {
    const bytes = readIfThere(folder + name);
    const zone = bytes === undefined ? undefined : parseTzif(bytes);
    if (zone !== undefined) return zone;
  }
  return undefined;
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    // Absent, a folder, or not ours to read: the next place may do.
    return undefined;
  }
}
