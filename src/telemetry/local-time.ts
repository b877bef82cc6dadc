import type { Millis } from '../lib/units.ts';

/** RFC 3339 with whole seconds in the process's zone; `Z` where that is UTC. */
export function rfc3339(at: Millis): string {
  const date = new Date(at);
  const day = `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${timeOfDay(date)}${zoneOf(date)}`;
}

/** Go's `Jan 02 15:04:05` in the process's zone, as the reference's legacy lines have it. */
export function legacyTime(at: Millis): string {
  const date = new Date(at);
  return `${months[date.getMonth()] ?? ''} ${pad(date.getDate())} ${timeOfDay(date)}`;
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

const timeOfDay = (date: Date): string =>
  `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;

function zoneOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
