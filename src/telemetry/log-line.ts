import type { LogFields } from '../lib/log.ts';
import type { Mask } from '../lib/mask.ts';
import { type Millis, millis } from '../lib/units.ts';
import { goQuote, goValue } from './go-quote.ts';
import { legacyTime, rfc3339 } from './local-time.ts';
import { jsonOf, sortedFields, valueJson, valueText } from './log-value.ts';

interface LogEntry {
  readonly at: Millis;
  readonly level: 'error' | 'warning' | 'info' | 'debug';
  readonly message: string;
  readonly fields: LogFields;
}

/** An entry as one line, newline included. Message and values go through `shown`; names are ours. */
export type Format = (entry: LogEntry, shown: Mask) => string;

/** `time="2024-03-10T22:00:00Z" level=info message="…" key=value`, fields by name; no message key without a message. */
export const textLine: Format = (entry, shown) =>
  keyValueLine(entry, { messageKey: 'message', time: textTime(entry.at), shown });

/** The same with `msg=` and a time without a year. */
export const legacyLine: Format = (entry, shown) =>
  keyValueLine(entry, { messageKey: 'msg', time: shortTime(entry.at), shown });

/** One object per line, keys by name. */
export const jsonLine: Format = ({ at, level, message, fields }, shown) => {
  const parts: (readonly [string, string])[] = sortedFields(fields).map(([key, value]) => [
    fieldName(key, 'message'),
    valueJson(key, value, shown),
  ]);
  parts.push(
    ['level', jsonOf(level)],
    ['message', jsonOf(message, shown)],
    ['time', jsonOf(textTime(at))],
  );
  parts.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${parts.map(([key, json]) => `${jsonOf(key)}:${json}`).join(',')}}\n`;
};

function keyValueLine(
  entry: LogEntry,
  { messageKey, time, shown }: { messageKey: string; time: string; shown: Mask },
): string {
  let line = `time=${goQuote(time)} level=${entry.level}`;
  if (entry.message !== '') line += ` ${messageKey}=${goValue(shown(entry.message))}`;
  for (const [key, value] of sortedFields(entry.fields))
    line += ` ${bareName(fieldName(key, messageKey))}=${goValue(valueText(key, value, shown))}`;
  return `${line}\n`;
}

/** A field named like one of the line's own keys is set apart, as the reference does. */
const fieldName = (key: string, messageKey: string): string =>
  key === 'time' || key === 'level' || key === messageKey ? `fields.${key}` : key;

/** A name that a reader of `key=value` takes for one: an operator may have chosen it (`log_field_name`). */
const bareName = (name: string): string => name.replace(/[\s="\p{C}]/gu, '_');

/** Writes each second's time once: a log of records has thousands of lines a second. */
function perSecond(write: (at: Millis) => string): (at: Millis) => string {
  let second = Number.NaN;
  let text = '';
  return (at) => {
    const now = Math.floor(at / 1000);
    if (now !== second) {
      text = write(millis(now * 1000));
      second = now;
    }
    return text;
  };
}

const textTime = perSecond(rfc3339);
const shortTime = perSecond(legacyTime);
