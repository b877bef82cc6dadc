import { decoded, queryOf } from './dsn.ts';

/** Keys and values as libpq has them: `host='a b' port=5432`, or a URL. Undefined where the text is neither. */
export function postgresPairs(text: string): Map<string, string> | undefined {
  return /^postgres(?:ql)?:\/\//.test(text) ? urlPairs(text) : keywordPairs(text);
}

/** Values in quotes where they hold white space; `\` keeps what follows. */
function keywordPairs(text: string): Map<string, string> | undefined {
  const pairs = new Map<string, string>();
  const pair =
    /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*)?)(?=\s|$)/suy;
  while (pair.lastIndex < text.trimEnd().length) {
    const found = pair.exec(text);
    if (found === null) return undefined;
    const [, key = '', quoted, plain = ''] = found;
    pairs.set(key, (quoted ?? plain).replaceAll(/\\(.)/gsu, '$1'));
  }
  return pairs;
}

/** `postgres://user:password@host:port,host:port/database?key=value`. */
function urlPairs(text: string): Map<string, string> | undefined {
  const [, authority = '', path = '', query = ''] =
    /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?/u.exec(text) ?? [];
  const at = authority.lastIndexOf('@');
  const [user, password] = halves(authority.slice(0, Math.max(at, 0)));
  const places = authority
    .slice(at + 1)
    .split(',')
    .map(halvesOfPlace);
  const further = queryOf(query);
  const database = decoded(path);
  if (user === undefined || further === undefined || database === undefined) return undefined;
  const pairs = new Map<string, string>();
  const put = (key: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') pairs.set(key, value);
  };
  put('user', user);
  put('password', password);
  put('dbname', database);
  put('host', places.map(({ host }) => host).join(','));
  if (places.some(({ port }) => port !== '')) put('port', places.map(({ port }) => port).join(','));
  for (const [key, value] of further) pairs.set(key, value);
  return pairs;
}

function halves(text: string): readonly [string | undefined, string | undefined] {
  const cut = text.indexOf(':');
  if (cut < 0) return [decoded(text), ''];
  const password = decoded(text.slice(cut + 1));
  return [password === undefined ? undefined : decoded(text.slice(0, cut)), password];
}

function halvesOfPlace(text: string): { readonly host: string; readonly port: string } {
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/u.exec(text) ?? [];
  return { host: decoded(host.replace(/^\[(.*)\]$/u, '$1')) ?? host, port };
}
