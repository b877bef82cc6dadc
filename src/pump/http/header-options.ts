import type { Secret } from '../../lib/secret.ts';
import { type Rule, rulesFor } from '../rule.ts';

/** Headers that an operator adds to each request. */
interface HeaderOptions {
  readonly headers: Readonly<Record<string, Secret>>;
}

const { error } = rulesFor<HeaderOptions>();

/** Whether a text can be a header's name (RFC 9110, 5.6.2). */
export const isHeaderName = (text: string): boolean => /^[!#$%&'*+.^_`|~\w-]+$/.test(text);

/** Whether Node sends it: no control character but the tab, no character beyond one byte. */
export const isHeaderValue = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);

/** Those that say where a request ends and what its body is: the client's own. */
const framing: readonly string[] = [
  'content-length',
  'transfer-encoding',
  'connection',
  'host',
  'content-encoding',
];

/** What is wrong with `headers`. `own`: what the pump itself says of a body, in small letters. */
export function* headerProblems(
  { headers }: HeaderOptions,
  own: readonly string[] = [],
): Iterable<Rule> {
  const taken = new Set([...framing, ...own]);
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeaderName(name))
      yield error('headers', 'a name that no header has', 'letters, digits and "-"');
    else if (taken.has(name.toLowerCase()))
      yield error(`headers[${name}]`, 'a header that says how a body is sent', 'it left out');
    if (!isHeaderValue(value.reveal()))
      yield error(
        'headers',
        'a value with a line end or another character',
        'printable characters',
      );
  }
}
