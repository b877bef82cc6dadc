import { createHash } from 'node:crypto';
import { templateMark } from '../../pump/search-indices.ts';
import { memberOf } from './server.ts';

/** What objects of ours say of themselves: that they are ours, and from what they were made. */
export interface Mark {
  readonly managed_by: 'sluice';
  /** Undefined: the pump itself has made it. */
  readonly fingerprint?: string;
}

/** Servers give back a body in another form than they got it, so what was sent is remembered as a number. */
export const markOf = (body: object): Mark => ({
  ...templateMark,
  fingerprint: createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16),
});

/** The mark at this place of an answer; undefined: it is not ours. */
export function markIn(answer: unknown, path: readonly string[]): Mark | undefined {
  const mark = memberOf(answer, ...path);
  if (memberOf(mark, 'managed_by') !== templateMark.managed_by) return undefined;
  const fingerprint = memberOf(mark, 'fingerprint');
  return { ...templateMark, ...(typeof fingerprint === 'string' ? { fingerprint } : {}) };
}

export function textIn(answer: unknown, path: readonly string[]): string | undefined {
  const text = memberOf(answer, ...path);
  return typeof text === 'string' ? text : undefined;
}
