/** What somebody has set on the options page. */
export interface Settings {
  readonly isOn: boolean;
  /** Where entries are posted to: the `listen` of a source `har`. */
  readonly address: string;
  readonly token: string;
  /** Hosts whose calls are sent: `api.example.com`, `*.example.com` (all names below it), `*`. */
  readonly include: readonly string[];
  /** Of these the ones that are not. */
  readonly exclude: readonly string[];
}

export const settingsKey = 'settings';

/** Nothing is sent before somebody says where to, of whom, and switches it on. */
export const defaults: Settings = {
  ...{ isOn: false, address: 'http://127.0.0.1:8086/', token: '', include: [], exclude: [] },
};

/** What was stored, with defaults for what is missing or of another type. */
export function readSettings(stored: unknown): Settings {
  const given = (stored ?? {}) as Readonly<Record<string, unknown>>;
  const text = (name: 'address' | 'token'): string =>
    typeof given[name] === 'string' ? given[name] : defaults[name];
  const list = (name: 'include' | 'exclude'): readonly string[] => {
    const value = given[name];
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  };
  return {
    isOn: given['isOn'] === true,
    ...{ address: text('address'), token: text('token') },
    ...{ include: list('include'), exclude: list('exclude') },
  };
}

/** Why nothing can be sent with these, each as a sentence; empty: it can. */
export function problemsOf({ address, token, include, exclude }: Settings): readonly string[] {
  const problems: string[] = [];
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    problems.push('Address: expected a URL such as http://127.0.0.1:8086/.');
  else if (!isLoopback(url.hostname)) {
    // What is sent has passwords in it.
    if (url.protocol !== 'https:')
      problems.push('Address: expected https:// for another machine than this one.');
    if (token === '') problems.push('Token: expected one for another machine than this one.');
  }
  if (/[^\u0021-\u007e]/.test(token))
    problems.push('Token: expected letters, digits and punctuation, without spaces.');
  if (include.length === 0)
    problems.push('Hosts to send: expected at least one, or * for every host.');
  for (const [name, hosts] of Object.entries({
    'Hosts to send': include,
    'Hosts to leave out': exclude,
  }))
    for (const host of hosts)
      if (!isPattern(host))
        problems.push(
          `${name}: expected a name such as api.example.com, *.example.com or *, found ${host}.`,
        );
  return problems;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Without a scheme, a port or a path. */
const isPattern = (text: string): boolean =>
  text === '*' ||
  /^(\*\.)?[a-z\d_-]+(\.[a-z\d_-]+)*$/i.test(text) ||
  /^\[[\da-f:.]+\]$/i.test(text);

/** Whether calls of this URL are sent. Calls to the address itself never are, or sending would go on by itself. */
export function isWanted(address: string, { include, exclude, address: to }: Settings): boolean {
  if (!URL.canParse(address)) return false;
  const { hostname, protocol, origin } = new URL(address);
  if (!/^https?:$/.test(protocol)) return false;
  if (URL.canParse(to) && origin === new URL(to).origin) return false;
  const fits = (pattern: string): boolean => {
    const wanted = pattern.toLowerCase();
    if (wanted === '*') return true;
    return wanted.startsWith('*.') ? hostname.endsWith(wanted.slice(1)) : hostname === wanted;
  };
  return include.some(fits) && !exclude.some(fits);
}
