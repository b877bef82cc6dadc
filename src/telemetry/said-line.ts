import type { LogFields } from '../lib/log.ts';
import { type Mask, masked } from '../lib/mask.ts';
import type { Millis } from '../lib/units.ts';
import { isLogValue, sortedFields, valueText } from './log-value.ts';
import { namesSecret } from './redact.ts';

/** A line of the log as plain data, without secrets. */
export interface SaidLine {
  readonly at: Millis;
  readonly level: 'error' | 'warning' | 'info' | 'debug';
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** Whoever hears what is said; nobody, before there is somebody. */
export interface Ear {
  hear: ((line: SaidLine) => void) | undefined;
}

/** Undefined: the line is a record that a pump writes to the log, which is nobody else's. */
export function saidLine(
  {
    at,
    level,
    message,
    fields,
  }: Pick<SaidLine, 'at' | 'level' | 'message'> & {
    readonly fields: LogFields;
  },
  shown: Mask,
): SaidLine | undefined {
  const plain: Record<string, string | number | boolean> = {};
  for (const [key, value] of sortedFields(fields)) {
    if (isLogValue(value)) return undefined;
    const isPlain = typeof value === 'number' || typeof value === 'boolean';
    plain[key] = namesSecret(key) ? masked : isPlain ? value : valueText(key, value, shown);
  }
  return { at, level, message: shown(message), fields: plain };
}
