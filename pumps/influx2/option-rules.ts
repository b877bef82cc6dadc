import { httpUrl, tlsProblems, unknownNames } from '#pump';
import { hasFields, values } from './encode.ts';
import type { Options } from './options.ts';

/** A problem of this pump's options; the kit adds where it was said. */
interface Rule {
  readonly key: string;
  readonly found: string;
  readonly expected: string;
  readonly severity: 'error' | 'warning';
}

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  const url = httpUrl(options.address.reveal());
  if (url === undefined)
    yield {
      key: 'address',
      found: 'no such URL',
      expected: 'a URL that begins with http:// or https://',
      severity: 'error',
    };
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

const warning = (key: keyof Options, found: string, expected: string): Rule => ({
  key,
  found,
  expected,
  severity: 'warning',
});
