import { httpProblems, type Rule, rulesFor } from '#pump';
import { pointValues } from '../shared/line-protocol/columns.ts';
import { pointProblems } from '../shared/line-protocol/point-options.ts';
import type { Options } from './options.ts';

const { warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  yield* httpProblems('address', options, 'user and password');
  if (options.database_name === '')
    yield warning('database_name', 'nothing', 'the name of a database: the server asks for one');
  if (options.username === '' && options.password.reveal() !== '')
    yield warning('password', 'a password', 'a username as well: no effect alone');
  yield* pointProblems(options, pointValues, 'left out where the server refuses it');
}
