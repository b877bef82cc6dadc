import { databaseNameProblem } from './names.ts';
import { type UrlOption, urlOptionOf } from './url-options.ts';

/** What an operator's URL says, made ready for the driver. */
export interface MongoUrl {
  /** Never printed: it holds the password. */
  readonly connection: string;
  readonly database: string;
  readonly hostCount: number;
  readonly isSrv: boolean;
  /** Options that the URL sets, by the driver's names in small letters. */
  readonly options: ReadonlyMap<string, string>;
  /** What is left out of it, in words without a value. */
  readonly remarks: readonly string[];
}

/** The URL, or what is expected of it instead, without a character of it. */
export type UrlReading =
  | { readonly ok: true; readonly url: MongoUrl }
  | { readonly ok: false; readonly found: string; readonly expected: string };

/**
 * Reads a URL as Tyk Pump does: user and password end at the first `@`, whatever they hold; options stand behind `?`,
 * separated by `&` or `;`, each with a value. A user or a password may be percent-encoded and need not be.
 */
export function readMongoUrl(text: string): UrlReading {
  const [, scheme, rest] = /^(mongodb(?:\+srv)?):\/\/(.*)$/s.exec(text.trim()) ?? [];
  if (scheme === undefined || rest === undefined)
    return wrong('no such URL', 'a URL that begins with mongodb:// or mongodb+srv://');
  const at = rest.indexOf('@');
  const [, hosts = '', path = '', query = ''] =
    /^([^/?]*)\/?([^?]*)\??(.*)$/s.exec(rest.slice(at + 1)) ?? [];
  const isSrv = scheme.endsWith('srv');
  const hostProblem = problemOfHosts(hosts, isSrv);
  if (hostProblem !== undefined) return hostProblem;
  const database = unescaped(path);
  const nameProblem = databaseNameProblem(database);
  if (nameProblem !== undefined) return wrong(nameProblem.found, nameProblem.expected);

  const options = new Map<string, UrlOption>();
  const remarks: string[] = [];
  for (const pair of query.split(/[&;]/).filter((part) => part !== '')) {
    const [key = '', value = ''] = pair.split(/=(.*)/s);
    if (key === '' || value === '')
      return wrong(
        'an option without a name or a value',
        'options as name=value, with "&" between',
      );
    const reading = urlOptionOf(key, value);
    if (reading.outcome === 'refused') return wrong(reading.found, reading.expected);
    if (reading.outcome === 'left-out') {
      if (reading.remark !== undefined) remarks.push(reading.remark);
    } else options.set(reading.option.name.toLowerCase(), reading.option);
  }
  const written = [...options.values()].map(({ name, value }) => `${name}=${value}`).join('&');
  const user = at < 0 ? '' : `${credentials(rest.slice(0, at))}@`;
  return {
    ok: true,
    url: {
      connection: `${scheme}://${user}${hosts}/${encodeURIComponent(database)}${written === '' ? '' : `?${written}`}`,
      database,
      hostCount: hosts.split(',').length,
      isSrv,
      options: new Map([...options].map(([name, { value }]) => [name, unescaped(value)])),
      remarks,
    },
  };
}

const wrong = (found: string, expected: string): UrlReading => ({ ok: false, found, expected });

function problemOfHosts(hosts: string, isSrv: boolean): UrlReading | undefined {
  if (hosts.includes('@'))
    return wrong('a second "@" before the host', 'one "@"; that of a user or a password as %40');
  const each = hosts.split(',');
  const isHost = (host: string): boolean =>
    /^(?:\[[\da-f:.]+\]|[^\s:[\]]+)(?::\d{1,5})?$/i.test(host) &&
    Number(/:(\d+)$/.exec(host)?.[1] ?? 1) <= 65_535;
  if (!each.every(isHost))
    return wrong('no host, or what is none', 'host:port behind the user, several with commas');
  if (isSrv && (each.length > 1 || /:\d+$/.test(hosts)))
    return wrong('several hosts or a port with mongodb+srv://', 'one host without a port');
  return undefined;
}

/** As the driver wants them, who undoes the escapes again. */
function credentials(text: string): string {
  const [user = '', password] = text.split(/:(.*)/s);
  const escaped = (part: string): string => encodeURIComponent(unescaped(part));
  return password === undefined ? escaped(user) : `${escaped(user)}:${escaped(password)}`;
}

/** A percent sign that begins no escape is itself. */
const unescaped = (text: string): string =>
  text.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
