import { STATUS_CODES } from 'node:http';
import { count, object, type Schema, text } from './schema.ts';

/** Why something was not answered, as RFC 9457 has it. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

export const problemType = 'application/problem+json';

export const aProblem = (status: number, detail: string): Problem => ({
  type: 'about:blank',
  title: STATUS_CODES[status] ?? 'Error',
  status,
  detail,
});

export const problemSchema: Schema = object(
  {
    type: text('Always `about:blank`: the status says what kind it is.'),
    title: text('The words of the status.'),
    status: count('The status.'),
    detail: text('The reason, for people.'),
  },
  { title: 'Problem', description: 'Why something was not answered (RFC 9457).' },
);
