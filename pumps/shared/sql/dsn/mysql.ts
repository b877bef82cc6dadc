import { localZone } from '#pump';
import { type DsnProblem, decoded, doubtful, portIn, queryOf, type Reading, wrong } from './dsn.ts';

/** Where to connect, and as whom. */
export interface MysqlTarget {
  readonly place: { readonly host: string; readonly port: number } | { readonly socket: string };
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** `preferred`: unverified TLS where the server has it. */
  readonly tls: 'none' | 'verified' | 'unverified' | 'preferred';
  /** IANA name of the zone in which times are written. */
  readonly zone: string;
  /** Milliseconds; 0: until the attempt is given up. */
  readonly connectTimeout: number;
  readonly collation: string | undefined;
  /** System variables, each with its value as SQL, set at the beginning of each session. */
  readonly settings: ReadonlyMap<string, string>;
}

/** Parameters of Go's driver about what is read, prepared or buffered there, which is not done here. */
const ofDriver = new Set([
  ...['parseTime', 'interpolateParams', 'checkConnLiveness', 'clientFoundRows', 'columnsWithAlias'],
  ...['allowNativePasswords', 'multiStatements', 'maxAllowedPacket', 'readTimeout', 'writeTimeout'],
  ...['connectionAttributes', 'timeTruncate', 'compress', 'rejectReadOnly', 'charset'],
]);
const unsafe = new Set([
  'allowAllFiles',
  'allowCleartextPasswords',
  'allowOldPasswords',
  'serverPubKey',
]);
const form = 'user:password@tcp(host:port)/database?key=value';

/** A DSN of Go's driver. */
export function readMysqlDsn(text: string): Reading<MysqlTarget> {
  // The last one, as Go's driver has it: one in a parameter is %2F.
  const slash = text.lastIndexOf('/');
  if (slash < 0)
    return {
      target: undefined,
      problems: [wrong(text === '' ? 'nothing' : 'a text without "/"', form)],
    };
  const problems: DsnProblem[] = [];
  const [head, tail] = [text.slice(0, slash), text.slice(slash + 1)];
  const at = head.lastIndexOf('@');
  const login = head.slice(0, Math.max(at, 0));
  const colon = login.includes(':') ? login.indexOf(':') : login.length;
  const mark = tail.includes('?') ? tail.indexOf('?') : tail.length;
  const parameters = queryOf(tail.slice(mark + 1));
  const database = decoded(tail.slice(0, mark));
  const place = placeOf(head.slice(at + 1));
  if (parameters === undefined || database === undefined)
    problems.push(wrong('a broken "%"', form));
  if (place === undefined)
    problems.push(wrong('another address', '`tcp(host:port)` or `unix(/path)`'));
  const further = readParameters(parameters ?? new Map<string, string>(), problems);
  const isSound = problems.every(({ severity }) => severity !== 'error');
  return {
    target:
      isSound && place !== undefined
        ? {
            ...further,
            place,
            user: login.slice(0, colon),
            password: login.slice(colon + 1),
            database: database ?? '',
          }
        : undefined,
    problems,
  };
}

function placeOf(text: string): MysqlTarget['place'] | undefined {
  const [, net = '', address = ''] = /^([a-z0-9]*)(?:\(([^)]*)\))?$/iu.exec(text) ?? ['', 'wrong'];
  if (net === 'unix') return { socket: address === '' ? '/tmp/mysql.sock' : address };
  if (net !== '' && net !== 'tcp' && net !== 'tcp6' && net !== 'tcp4') return undefined;
  const [, bracketed, name, digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/u.exec(address) ?? [];
  const host = bracketed ?? name;
  const port = digits === undefined || digits === '' ? 3306 : portIn(digits);
  if (host === undefined || port === undefined) return undefined;
  return { host: host === '' ? '127.0.0.1' : host, port };
}

type Parameters = Pick<MysqlTarget, 'tls' | 'zone' | 'connectTimeout' | 'collation' | 'settings'>;

function readParameters(pairs: Map<string, string>, problems: DsnProblem[]): Parameters {
  const take = (key: string): string | undefined => {
    const value = pairs.get(key);
    pairs.delete(key);
    return value;
  };
  const tls = tlsOf(take('tls') ?? 'false');
  if (tls === undefined)
    problems.push(wrong('another value of tls', 'tls as true, false, skip-verify or preferred'));
  const allowsPlain = take('allowFallbackToPlaintext');
  const loc = take('loc') ?? 'UTC';
  const zone = loc === 'Local' ? localZone() : loc;
  if (!isZone(zone))
    problems.push(wrong('another value of loc', 'loc as an IANA zone, such as Europe%2FBerlin'));
  const timeout = take('timeout');
  const connectTimeout = timeout === undefined ? 0 : goMillis(timeout);
  if (connectTimeout === undefined)
    problems.push(wrong('another value of timeout', 'timeout as a duration, such as 5s'));
  const collation = take('collation');
  if (collation !== undefined && !/^\w+$/.test(collation))
    problems.push(wrong('another collation', 'its name'));
  const settings = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (unsafe.has(key)) problems.push(doubtful(key, 'none: it has no effect here'));
    else if (ofDriver.has(key)) continue;
    else if (/^\w+$/.test(key)) settings.set(key, value);
    else problems.push(wrong('a parameter of another name', 'the name of a system variable'));
  }
  return {
    tls: tls === 'verified' && allowsPlain === 'true' ? 'preferred' : (tls ?? 'verified'),
    zone,
    connectTimeout: connectTimeout ?? 0,
    collation,
    settings,
  };
}

function tlsOf(value: string): MysqlTarget['tls'] | undefined {
  if (/^(?:1|true)$/i.test(value)) return 'verified';
  if (/^(?:0|false)?$/i.test(value)) return 'none';
  if (value === 'skip-verify') return 'unverified';
  return value === 'preferred' ? 'preferred' : undefined;
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function goMillis(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    sum += Number(amount) * (units[unit] ?? 0);
  return sum;
}
