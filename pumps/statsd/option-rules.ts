import { type Guarantee, type Rule, rulesFor } from '#pump';
import { lineTargetForms, lineTargetOf } from '../shared/metric-lines/target.ts';
import { fieldNames, tagNames } from './encode.ts';
import type { Options } from './options.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf({
  address,
  fields,
  tags,
  separated_method,
}: Options): Generator<Rule, void> {
  if (lineTargetOf(address) === undefined)
    yield error('address', address === '' ? 'nothing' : 'a text', lineTargetForms);
  if (fields.length === 0)
    yield warning('fields', 'nothing', `at least one of ${fieldNames.join(', ')}: nothing is sent`);
  for (const [at, name] of fields.entries())
    if (!fieldNames.includes(name))
      yield warning(
        `fields[${at}]`,
        `"${name}"`,
        `one of ${fieldNames.join(', ')}; it is left out`,
      );
  for (const [at, name] of tags.entries()) {
    if (!tagNames.includes(name))
      yield warning(
        `tags[${at}]`,
        `"${name}"`,
        `one of ${tagNames.join(', ')}; it is sent as null`,
      );
    if (name === 'method' && !separated_method)
      yield warning(`tags[${at}]`, '"method"', 'separated_method as well; it is sent as null');
  }
}

/** A TCP connection tells when the daemon is gone; datagrams may get lost unseen. */
export const guaranteeOf = ({ address }: Options): Guarantee =>
  lineTargetOf(address)?.protocol === 'tcp' ? 'at-least-once' : 'best-effort';
