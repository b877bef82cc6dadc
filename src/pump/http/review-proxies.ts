import type { MetaSource } from '../../config/options/parse.ts';
import type { Note, Problem } from '../../config/problem.ts';
import { shownUrl } from './address.ts';
import { chooseProxy, type Proxy } from './proxy.ts';

/** What is to be said of the proxies before a pump's servers, at start and by `validate`. */
export function reviewProxies(
  servers: readonly URL[],
  { env, key }: Pick<MetaSource, 'env' | 'key'>,
): {
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  /** What no text may hold that leaves the process. */
  readonly secrets: readonly string[];
} {
  const problems = new Map<string, Problem>();
  const notes: Note[] = [];
  const secrets: string[] = [];
  const source = 'environment';
  for (const url of servers) {
    const choice = chooseProxy(url, env);
    if (!choice.ok) {
      const { variable, expected } = choice;
      problems.set(variable, {
        ...{ source, key: variable, found: 'a text' },
        ...{ expected, severity: 'error' },
      });
    } else if (choice.proxy !== undefined) {
      const { proxy } = choice;
      secrets.push(...secretsOf(proxy));
      const pump = key.replace(/\.meta$/, '');
      notes.push({
        source,
        key: proxy.variable,
        text: `${pump} sends to ${shownUrl(url)} through the proxy ${shownUrl(proxy.url)}`,
      });
    }
  }
  return { problems: [...problems.values()], notes, secrets };
}

/** User and password in one, and the password. */
function secretsOf({ authorization }: Proxy): readonly string[] {
  if (authorization === undefined) return [];
  const login = Buffer.from(authorization.reveal().replace(/^Basic /, ''), 'base64').toString();
  return [login, login.slice(login.indexOf(':') + 1)];
}
