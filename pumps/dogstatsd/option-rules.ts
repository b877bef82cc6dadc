import { type Guarantee, type Rule, rulesFor } from '#pump';
import { lineTargetForms, lineTargetOf } from '../shared/metric-lines/target.ts';
import { tagNames } from './encode.ts';
import type { Options } from './options.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Generator<Rule, void> {
  const { address, tags, sample_rate } = options;
  if (address !== '' && lineTargetOf(address) === undefined)
    yield error('address', 'a text', lineTargetForms);
  for (const [at, name] of tags.entries())
    if (!tagNames.includes(name))
      yield warning(
        `tags[${at}]`,
        `"${name}"`,
        `one of ${tagNames.join(', ')}; it is left out (Tyk Pump would lose every record)`,
      );
  if (sample_rate < 0 || sample_rate > 1)
    yield error('sample_rate', 'a number', 'a number from 0 to 1');
  if (options.obfuscate_api_keys && !tags.includes('api_key'))
    yield warning('obfuscate_api_keys', 'true', 'the tag api_key as well: no effect alone');
}

/** A TCP connection tells when the agent is gone; datagrams may get lost unseen. */
export const guaranteeOf = ({ address }: Options): Guarantee =>
  lineTargetOf(address)?.protocol === 'tcp' ? 'at-least-once' : 'best-effort';
