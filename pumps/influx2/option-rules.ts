import { httpProblems, type Rule, rulesFor } from '#pump';
import { pointProblems } from '../shared/line-protocol/point-options.ts';
import { values } from './encode.ts';
import type { Options } from './options.ts';

const { warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  yield* httpProblems('address', options, 'token');
  for (const key of ['bucket', 'organization'] as const)
    if (options[key] === '') yield warning(key, 'nothing', 'a name: the server asks for one');
  if (options.token.reveal() === '')
    yield warning('token', 'nothing', 'an API token: the server asks for one');
  yield* pointProblems(options, values, 'it is left out');
}
