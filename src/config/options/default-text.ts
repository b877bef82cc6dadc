import { type HostPort, shownHostPort } from '../../lib/host-port.ts';
import { Secret } from '../../lib/secret.ts';
import { isObject } from './json.ts';
import type { Option } from './option.ts';

/** A default in the words of the configuration file (`64MiB`, `5s`, `a,b`); undefined: there is none. */
export function defaultText({ kind, fallback }: Option<unknown>): string | undefined {
  if (kind === 'rows') return '';
  if (fallback === undefined) return undefined;
  // A default stands in the source, so it is no secret.
  if (fallback instanceof Secret) return fallback.reveal();
  if (typeof fallback === 'number' && kind === 'duration') return durationText(fallback);
  if (typeof fallback === 'number' && kind === 'size') return sizeText(fallback);
  if (typeof fallback === 'number' && kind === 'mode') return modeText(fallback);
  if (Array.isArray(fallback)) return fallback.map(String).join(',');
  if (isPlace(kind, fallback)) return shownHostPort(fallback);
  if (isObject(fallback))
    return Object.entries(fallback)
      .map(([key, value]) => `${key}:${String(value)}`)
      .join(',');
  return typeof fallback === 'string' ? fallback : JSON.stringify(fallback);
}

/** What `hostPort` reads of a text. */
export const isPlace = (kind: Option<unknown>['kind'], value: unknown): value is HostPort =>
  kind === 'text' && isObject(value) && 'host' in value && 'port' in value;

const sizes = [
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
] as const;

export function sizeText(bytes: number): string {
  const fit = sizes.find(([, factor]) => bytes > 0 && bytes % factor === 0);
  return fit === undefined ? `${bytes}B` : `${bytes / fit[1]}${fit[0]}`;
}

const durations = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

export function durationText(millis: number): string {
  const fit = durations.find(([, factor]) => millis > 0 && millis % factor === 0);
  return fit === undefined ? `${millis}ms` : `${millis / fit[1]}${fit[0]}`;
}

export const modeText = (mode: number): string => mode.toString(8).padStart(4, '0');
