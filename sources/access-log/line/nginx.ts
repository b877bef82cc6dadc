import { type LineFields, number, quoted, requestIn, unescaped } from './fields.ts';

const combined = `^(\\S+) - (.*?) \\[([^\\]]+)\\] ${quoted} (\\d{3}) (\\d+|-) ${quoted} ${quoted}`;
const plain = new RegExp(`${combined}$`);
const timed = new RegExp(`${combined} (\\d+(?:\\.\\d+)?|-)$`);
const local = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A line of `combined`, with `$request_time` behind it or not. Words: what is wrong with it. */
export function nginxLine(
  line: string,
  { isTimed }: { readonly isTimed: boolean },
): LineFields | string {
  const match = (isTimed ? timed : plain).exec(line);
  if (match === null) return 'it is not of the format';
  const [
    ,
    client = '',
    ,
    time = '',
    request = '',
    status = '',
    sent = '',
    referer = '',
    agent = '',
    took = '',
  ] = match;
  const endedAt = localTime(time);
  if (endedAt === undefined) return 'its time is not of the format';
  const said = requestIn(unescaped(request));
  if (said === undefined) return 'it has no request';
  const total = number(took) * 1000;
  return {
    ...said,
    // It is written when the call has ended.
    startedAt: endedAt - total,
    status: Number(status),
    client: /^[\da-f.:]+$/i.test(client) ? client : '',
    ...{ userAgent: unescaped(agent), referer: unescaped(referer), host: '', server: '' },
    ...{ received: 0, sent: number(sent), total, upstream: 0, error: '' },
  };
}

function localTime(text: string): number | undefined {
  const [, day, month = '', year, time, hours, minutes] = local.exec(text) ?? [];
  const number = months.indexOf(month) + 1;
  if (number === 0) return undefined;
  const at = Date.parse(
    `${year}-${String(number).padStart(2, '0')}-${day}T${time}${hours}:${minutes}`,
  );
  return Number.isNaN(at) ? undefined : at;
}
