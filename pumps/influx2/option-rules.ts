import { httpUrl, type Rule, rulesFor, tlsProblems, unknownNames } from '#pump';
import { hasFields, values } from './encode.ts';
import type { Options } from './options.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  const url = httpUrl(options.address.reveal());
  if (url === undefined)
    yield error('address', 'no such URL', 'a URL that begins with http:// or https://');
  for (const key of ['bucket', 'organization'] as const)
    if (options[key] === '') yield warning(key, 'nothing', 'a name: the server asks for one');
  if (options.token.reveal() === '')
    yield warning('token', 'nothing', 'an API token: the server asks for one');
  yield* nameProblems(options);
  yield* tlsProblems(options, url?.protocol === 'https:');
}

function* nameProblems(options: Options): Iterable<Rule> {
  const known = Object.keys(values).join(', ');
  for (const key of ['fields', 'tags'] as const)
    for (const name of unknownNames(options[key], values))
      yield warning(
        key,
        `"${name}"`,
        key === 'tags'
          ? `one of ${known}; every point gets this tag with the value null`
          : `one of ${known}; it is left out`,
      );
  if (!hasFields(options))
    yield warning('fields', 'none', `at least one of ${known}: every record becomes a dead letter`);
}
