import type { Millis } from '#pump';

/** What stands before and after the record on its line. */
export interface Frame {
  readonly before: string;
  readonly after: string;
}

/** The log line of the reference: keys in byte order, the time in UTC to the second. */
export function frameOf(fieldName: string, now: Millis): Frame {
  const key = keyOf(fieldName);
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const others: Readonly<Record<string, string>> = {
    level: '"info"',
    msg: '""',
    time: `"${time}"`,
  };
  const sorted = [...Object.keys(others), key].sort(inByteOrder);
  const place = sorted.indexOf(key);
  const pair = (name: string): string => `${jsonText(name)}:${others[name] ?? ''}`;
  return {
    before: `{${[...sorted.slice(0, place), key].map(pair).join(',')}`,
    after: `${sorted
      .slice(place + 1)
      .map((name) => `,${pair(name)}`)
      .join('')}}\n`,
  };
}

/** The line's own keys are not given away. */
const keyOf = (fieldName: string): string =>
  fieldName === 'level' || fieldName === 'msg' || fieldName === 'time'
    ? `fields.${fieldName}`
    : fieldName;

const inByteOrder = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

const jsonText = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
