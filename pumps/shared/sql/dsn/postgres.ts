import { type DsnProblem, doubtful, portIn, type Reading, wrong } from './dsn.ts';
import { postgresPairs } from './postgres-text.ts';

export const sslModes = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
] as const;
export type SslMode = (typeof sslModes)[number];

/** Where to connect, and as whom. */
export interface PostgresTarget {
  /** Tried in this order. A host that begins with `/` is the folder of a socket. */
  readonly places: readonly { readonly host: string; readonly port: number }[];
  /** Undefined: what libpq takes, from the environment. */
  readonly user: string | undefined;
  /** Undefined: from the environment, or a password file. */
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly sslMode: SslMode;
  /** Paths of files; empty: none. */
  readonly sslRootCert: string;
  readonly sslCert: string;
  readonly sslKey: string;
  readonly sslPassword: string;
  readonly sendsServerName: boolean;
  /** Seconds; 0: until the attempt is given up. */
  readonly connectTimeout: number;
  readonly applicationName: string;
  /** Run-time parameters, set at the beginning of each session. */
  readonly settings: ReadonlyMap<string, string>;
}

/** Keys of Go's driver about what we have not: prepared statements and buffers of its own. */
const ofDriver = new Set([
  ...['default_query_exec_mode', 'statement_cache_mode', 'statement_cache_capacity'],
  ...['description_cache_capacity', 'min_read_buffer_size', 'min_protocol_version'],
  ...['max_protocol_version', 'fallback_application_name', 'client_encoding'],
]);
const impossible = new Map([
  ['service', 'host, user and dbname: service files are not read'],
  ['servicefile', 'host, user and dbname: service files are not read'],
  ['sslinline', 'sslrootcert, sslcert and sslkey as paths of files'],
]);
const sessions = ['any', 'read-write', 'primary', 'read-only', 'standby', 'prefer-standby'];

/** A DSN of Go's driver, in either form. */
export function readPostgresDsn(text: string): Reading<PostgresTarget> {
  const pairs = postgresPairs(text);
  if (pairs === undefined || pairs.size === 0) {
    const expected = 'key=value pairs (host=… user=… password=… dbname=…), or postgres://…';
    return {
      target: undefined,
      problems: [wrong(text === '' ? 'nothing' : 'another text', expected)],
    };
  }
  const problems: DsnProblem[] = [];
  const take = (...keys: readonly string[]): string | undefined => {
    let value: string | undefined;
    for (const key of keys) {
      value = pairs.get(key) ?? value;
      pairs.delete(key);
    }
    return value;
  };
  const sslMode = take('sslmode') ?? 'prefer';
  const knownMode = sslModes.find((mode) => mode === sslMode);
  if (knownMode === undefined)
    problems.push(wrong('another sslmode', `sslmode as one of ${sslModes.join(', ')}`));
  const places = placesOf(take('host') ?? '', take('port') ?? '', problems);
  const connectTimeout = Number(take('connect_timeout') ?? 0);
  if (!Number.isSafeInteger(connectTimeout) || connectTimeout < 0)
    problems.push(wrong('another connect_timeout', 'connect_timeout as a number of seconds'));
  const session = take('target_session_attrs') ?? 'any';
  if (!sessions.includes(session))
    problems.push(wrong('another target_session_attrs', `one of ${sessions.join(', ')}`));
  else if (/standby|read-only/.test(session))
    problems.push(
      doubtful(`target_session_attrs=${session}`, 'read-write: only such a server is written to'),
    );
  const target = {
    places,
    user: take('user'),
    password: take('password'),
    database: take('dbname', 'database'),
    sslMode: knownMode ?? 'verify-full',
    sslRootCert: take('sslrootcert') ?? '',
    sslCert: take('sslcert') ?? '',
    sslKey: take('sslkey') ?? '',
    sslPassword: take('sslpassword') ?? '',
    sendsServerName: take('sslsni') !== '0',
    connectTimeout,
    applicationName: take('application_name') ?? 'sluice',
  };
  const settings = settingsOf(pairs, problems);
  const isSound = problems.every(({ severity }) => severity !== 'error');
  return { target: isSound ? { ...target, settings } : undefined, problems };
}

/** Whatever no key is left for is a run-time parameter, as in Go's driver. */
function settingsOf(
  pairs: ReadonlyMap<string, string>,
  problems: DsnProblem[],
): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [key, value] of pairs) {
    const instead = impossible.get(key);
    if (instead !== undefined) problems.push(wrong(key, instead));
    else if (/^(?:krb|gss|passfile$)/.test(key))
      problems.push(doubtful(key, 'none: it has no effect here'));
    else if (key === 'options') readOptions(value, settings, problems);
    else if (!ofDriver.has(key)) settings.set(key === 'time_zone' ? 'TimeZone' : key, value);
  }
  return settings;
}

/** `-c name=value`, `--name=value`. */
function readOptions(text: string, settings: Map<string, string>, problems: DsnProblem[]): void {
  const option = /\s*(?:-c\s*|--)([\w.-]+)=((?:[^\s\\]|\\.)*)(?=\s|$)/suy;
  while (option.lastIndex < text.trimEnd().length) {
    const found = option.exec(text);
    if (found === null) {
      problems.push(wrong('another text in options', 'options as `-c name=value`'));
      return;
    }
    const [, name = '', value = ''] = found;
    settings.set(name.replaceAll('-', '_'), value.replaceAll(/\\(.)/gsu, '$1'));
  }
}

function placesOf(hosts: string, ports: string, problems: DsnProblem[]): PostgresTarget['places'] {
  const [names, numbers] = [hosts.split(','), ports.split(',')];
  if (numbers.length > 1 && numbers.length !== names.length)
    problems.push(wrong(`${numbers.length} ports`, 'one port, or one for each host'));
  return names.map((name, at) => {
    const text = (numbers.length === 1 ? numbers[0] : numbers[at]) ?? '';
    const port = text === '' ? 5432 : portIn(text);
    if (port === undefined)
      problems.push(wrong('another port', 'port as a number from 1 to 65535'));
    return { host: name === '' ? 'localhost' : name, port: port ?? 5432 };
  });
}
