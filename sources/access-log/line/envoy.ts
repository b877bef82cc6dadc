import { type LineFields, number, quoted, requestIn, unescaped } from './fields.ts';

const format = new RegExp(
  `^\\[([^\\]]+)\\] ${quoted} (\\d+|-) (\\S+) (\\d+|-) (\\d+|-) (\\d+|-) (\\d+|-) ${quoted} ${quoted} ${quoted} ${quoted} ${quoted}$`,
);

/** Envoy’s flags for why there was no answer of the upstream, in our words. */
const errors: readonly (readonly [RegExp, string])[] = [
  [/UT|SI|DT/, 'timeout'],
  [/UF|UH|NR|NC|UO/, 'refused'],
  [/UC|LR|UR/, 'reset'],
  [/UAEX|RL/, 'denied'],
];

/** A line of Envoy’s default format. Words: what is wrong with it. */
export function envoyLine(line: string): LineFields | string {
  const match = format.exec(line);
  if (match === null) return 'it is not of the format';
  const [
    ,
    time = '',
    request = '',
    code = '',
    flags = '',
    received = '',
    sent = '',
    total = '',
    upstream = '',
  ] = match;
  const [forwarded = '', userAgent = '', , host = '', server = ''] = match.slice(9).map(unescaped);
  const startedAt = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(startedAt)) return 'its time is not of the format';
  const said = requestIn(unescaped(request));
  if (said === undefined) return 'it has no request';
  const status = number(code);
  return {
    ...said,
    ...{ startedAt, status, userAgent, referer: '', host },
    // The last one is whom Envoy itself was connected to; those before it are what clients say.
    client: forwarded.split(',').at(-1)?.trim() ?? '',
    server: server.replace(/^tcp:\/\//, ''),
    ...{ received: number(received), sent: number(sent), total: number(total) },
    upstream: Math.min(number(upstream), number(total)),
    error: status > 0 ? '' : (errors.find(([pattern]) => pattern.test(flags))?.[1] ?? 'aborted'),
  };
}
