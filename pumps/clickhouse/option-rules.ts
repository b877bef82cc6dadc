import { credentialsIn, httpProblems, httpUrl, type Rule, rulesFor } from '#pump';
import type { Options } from './options.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  yield* httpProblems('url', options, 'user and password');
  for (const key of ['database', 'table'] as const)
    if (options[key] === '' || options[key].includes('\0'))
      yield error(key, 'no name', 'a name, such as "tyk_analytics"');
  const { username, password, url } = options;
  const address = httpUrl(url.reveal());
  const isInUrl = address !== undefined && credentialsIn(address) !== undefined;
  if (username === '' && password.reveal() !== '')
    yield error('password', 'a password without a user', 'username as well');
  if (username !== '' && isInUrl)
    yield warning('username', 'a user here and in url', 'one of them; that of url is not sent');
  for (const [key, text] of [
    ['username', username],
    ['password', password.reveal()],
  ] as const)
    if (/[^\t\x20-\x7e\x80-\xff]/.test(text))
      yield error(key, 'a line end or another character', 'what a header may hold');
}
