import { repliedWords } from './replied-words.ts';

/*
 * Why Redis is not there, in words with what to do. The server's or the system's own words follow, for those are what
 * can be searched for.
 */

export interface Trouble {
  readonly reason: string;
  /** Waiting alone does not cure it: the configuration or the server must be changed. */
  readonly needsPerson: boolean;
  /** The client library has no more to say than that it did not work: a look at the server may tell (connect-look.ts). */
  readonly isUnexplained: boolean;
}

interface Kind {
  readonly sign: RegExp;
  readonly hint: string;
  readonly needsPerson?: true;
  readonly isUnexplained?: true;
}

const person = (sign: RegExp, hint: string): Kind => ({ sign, hint, needsPerson: true });
const waiting = (sign: RegExp, hint: string): Kind => ({ sign, hint });
const vague = (sign: RegExp, hint: string): Kind => ({ sign, hint, isUnexplained: true });

/** The first that fits; options of analytics_storage_config in parentheses. */
const kinds: readonly Kind[] = [
  person(
    /No such master|invalid reply: null/,
    'the sentinels know no master of this name (master_name)',
  ),
  person(
    /sentinel.*\b(NOAUTH|WRONGPASS)|sentinel.*invalid password/is,
    'the sentinels want another password (sentinel_password)',
  ),
  person(
    /sentinel.*unknown command/is,
    'what listens there is no Sentinel (master_name is for Sentinel only)',
  ),
  person(/WRONGPASS|invalid password/i, 'wrong user name or password (username, password)'),
  person(/NOAUTH|unauthenticated/, 'Redis wants a password (username, password)'),
  person(
    /wrong number of arguments for 'auth'/i,
    'this Redis takes a password without a user name (username)',
  ),
  person(/DB index|invalid DB/i, 'Redis has no database of this number (database)'),
  person(/SELECT is not allowed in cluster/i, 'a Redis Cluster has database 0 only (database)'),
  person(/cluster support disabled/i, 'this Redis is no Cluster (enable_cluster)'),
  person(
    /\bMOVED \d|\bCROSSSLOT/,
    'this Redis is one node of a Cluster (enable_cluster, with the nodes in addrs)',
  ),
  person(/redis_mode:sentinel/, 'what listens there is a Sentinel (master_name)'),
  person(
    /DENIED|protected mode/,
    'Redis is in protected mode and takes nobody from another machine: give it a password, or switch protected-mode off there',
  ),
  person(
    /altnames/,
    'the certificate of Redis is for another name (host, or ssl_insecure_skip_verify)',
  ),
  person(
    /certificate required|handshake failure|bad certificate|unknown ca|alert number (40|42|48|116)/i,
    'Redis does not accept our certificate, or wants one (ssl_cert_file, ssl_key_file)',
  ),
  person(
    /protocol version|unsupported protocol|no protocols available/i,
    'there is no TLS version in common (ssl_min_version, ssl_max_version)',
  ),
  person(
    /certificate|unable to (verify|get)/i,
    'the certificate of Redis is not trusted (ssl_ca_file, or ssl_insecure_skip_verify)',
  ),
  person(/wrong version number|speaks no TLS/i, 'Redis speaks no TLS at this port (use_ssl)'),
  person(/speaks TLS/i, 'Redis speaks TLS at this port (use_ssl)'),
  vague(/Protocol error, got/i, 'what listens there is no Redis, or speaks TLS (use_ssl)'),
  person(/NOPERM|can't run this command/i, 'the user may not do what is needed (ACL of Redis)'),
  waiting(/ENOTFOUND|EAI_AGAIN/, 'the name of the host is not known here (host, addrs)'),
  waiting(/ECONNREFUSED/, 'nothing listens at this address (host, port, addrs)'),
  waiting(/EHOSTUNREACH|ENETUNREACH/, 'there is no way to this address (host, addrs)'),
  waiting(/EADDRNOTAVAIL|EINVAL|EACCES/, 'no connection to this address can be made (host, addrs)'),
  waiting(
    /max number of clients/i,
    'Redis takes no more connections (maxclients there, or too many clients)',
  ),
  waiting(/LOADING/, 'Redis is still loading its data'),
  waiting(
    /MASTERDOWN/,
    'Redis is a replica that has lost its master; name the master, or use Sentinel (host, master_name)',
  ),
  waiting(/READONLY/, 'Redis is a replica; name the master, or use Sentinel (host, master_name)'),
  waiting(/CLUSTERDOWN/, 'the Cluster is incomplete: some slots have no node'),
  waiting(/OOM command/, 'Redis is full (maxmemory there)'),
  vague(
    /connect ETIMEDOUT/,
    'no connection in time; the host is away, or a firewall is between (host, port, addrs)',
  ),
  vague(/timed out|Socket timeout/i, 'Redis takes the connection and does not answer'),
  vague(/disconnected before secure/i, 'the connection ended before TLS had begun (use_ssl)'),
  vague(/ECONNRESET|EPIPE|closed|max retries/i, 'the connection was ended'),
];

/** What is wrong when connecting, or a command, fails with this error. */
export function troubleOf(error: unknown): Trouble {
  const whole = repliedWords(error);
  const words = shortened(whole);
  const code = codeOf(error);
  const searched = code === '' || whole.includes(code) ? whole : `${whole} ${code}`;
  const kind = kinds.find(({ sign }) => sign.test(searched));
  // An error may have been explained before, and come here as the reason of another.
  const isExplained = kind === undefined || words.includes(kind.hint);
  return {
    reason: isExplained ? words : `${kind.hint}: ${words}`,
    needsPerson: kind?.needsPerson ?? false,
    isUnexplained: kind === undefined || kind.isUnexplained === true,
  };
}

/** The same, as a text alone. */
export const inWords = (error: unknown): string => troubleOf(error).reason;

/** What libraries put before and behind the words that matter. */
function shortened(text: string): string {
  return text
    .replace(/^Command queue state error\..*?Last (?:error|reply): /s, '')
    .replace(/^(All sentinels are unreachable)\. Retrying.*?ms\./, '$1.')
    .replace(/^Failed to refresh slots cache\.: /, '')
    .replace(/^[0-9A-F]+:error:[0-9A-F]+:SSL routines:[^:]*:([^:]+):.*$/s, '$1')
    .replace(/^(DENIED [^.]+\.).*$/s, '$1')
    .trim()
    .slice(0, 300);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
