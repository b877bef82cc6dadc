import type { SaidLine } from '../said-line.ts';
import { type About, hrTime } from './about.ts';
import { type ReadableLogRecord, SeverityNumber } from './library.ts';

const severities = {
  debug: { severityNumber: SeverityNumber.DEBUG, severityText: 'DEBUG' },
  info: { severityNumber: SeverityNumber.INFO, severityText: 'INFO' },
  warning: { severityNumber: SeverityNumber.WARN, severityText: 'WARN' },
  error: { severityNumber: SeverityNumber.ERROR, severityText: 'ERROR' },
} as const;

/** More of a value is of no use to anybody. */
const longestText = 4096;

export function logData({ at, level, message, fields }: SaidLine, about: About): ReadableLogRecord {
  return {
    hrTime: hrTime(at),
    hrTimeObserved: hrTime(at),
    ...severities[level],
    body: cut(message),
    resource: about.resource,
    instrumentationScope: about.scope,
    attributes: Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        name,
        typeof value === 'string' ? cut(value) : value,
      ]),
    ),
    droppedAttributesCount: 0,
  };
}

export const cut = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
