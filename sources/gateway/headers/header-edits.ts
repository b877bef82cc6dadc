import { removeHeader, setHeader } from '../../shared/relay/headers.ts';
import { type Template, templateOf, type Variables } from '../context/variables.ts';

/** Headers that the upstream gets, or does not get; made once for a version. */
export interface HeaderEdits {
  readonly removed: readonly string[];
  readonly set: readonly { readonly name: string; readonly value: Template }[];
}

/** Undefined where there is nothing to do. */
export function headerEditsOf(
  removed: readonly string[],
  set: Readonly<Record<string, string>>,
): HeaderEdits | undefined {
  const entries = Object.entries(set);
  if (removed.length === 0 && entries.length === 0) return undefined;
  return { removed, set: entries.map(([name, value]) => ({ name, value: templateOf(value) })) };
}

/** Raw headers with the edits; values of variables become what a header can carry. */
export function edited(
  raw: readonly string[],
  edits: HeaderEdits,
  variables: Variables,
): readonly string[] {
  let headers = raw;
  for (const name of edits.removed) headers = removeHeader(headers, name);
  for (const { name, value } of edits.set)
    headers = setHeader(headers, name, asHeader(value(variables)));
  return headers;
}

/**
 * A text as a header's value: its UTF-8 bytes as Latin-1, which is how Node writes headers. A claim of a token may hold
 * line ends, which would begin another header: these and other control characters become spaces.
 */
const asHeader = (text: string): string =>
  Buffer.from(text.replace(controls, ' ').trim()).toString('latin1');

const controls = new RegExp('[\\u0000-\\u0008\\u000a-\\u001f\\u007f]', 'g');
