import { httpUrl, pointValues, type Rule, rulesFor, tlsProblems, unknownNames } from '#pump';
import { hasFields } from './encode.ts';
import type { Options } from './options.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  const url = httpUrl(options.address.reveal());
  if (url === undefined)
    yield error('address', 'no such URL', 'a URL that begins with http:// or https://');
  if (options.database_name === '')
    yield warning('database_name', 'nothing', 'the name of a database: the server asks for one');
  if (options.username === '' && options.password.reveal() !== '')
    yield warning('password', 'a password', 'a username as well: no effect alone');
  yield* nameProblems(options);
  yield* tlsProblems(options, url?.protocol === 'https:');
}

function* nameProblems(options: Options): Iterable<Rule> {
  const known = Object.keys(pointValues).join(', ');
  for (const key of ['fields', 'tags'] as const)
    for (const name of unknownNames(options[key], pointValues))
      yield warning(
        key,
        `"${name}"`,
        key === 'tags'
          ? `one of ${known}; every point gets this tag with the value null`
          : `one of ${known}; left out where the server refuses it`,
      );
  if (!hasFields(options))
    yield warning('fields', 'none', `at least one of ${known}: every record becomes a dead letter`);
}
