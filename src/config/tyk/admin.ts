import type { Secret } from '../../lib/secret.ts';
import type { AdminConfig, AdminUser } from '../config.ts';
import type { OwnOptions } from '../own-options.ts';
import { type Findings, type Place, place } from './findings.ts';

/** A shorter one can be guessed, for nobody counts the attempts. */
const shortest = 12;

/** Who may use the Admin API, and the certificate of its server. None that is doubtful: each is an error. */
export function adminOf({ admin }: OwnOptions, at: Place, findings: Findings): AdminConfig {
  const wrong = (key: string, found: string, expected: string): void => {
    findings.problems.push({ ...place(at, `admin.${key}`), found, expected, severity: 'error' });
  };
  const taken = new Set<string>();
  const used = (key: string, secret: Secret, isGood: RegExp, what: string): Secret | undefined => {
    const value = secret.reveal();
    if (value === '') return undefined;
    if (value.length < shortest)
      wrong(key, `${value.length} characters`, `a ${what} of at least ${shortest} characters`);
    else if (!isGood.test(value))
      wrong(key, 'a text with other characters', `a ${what} of ${allowed[what]}`);
    return secret;
  };
  const tokenOf = (key: string, secret: Secret): Secret | undefined => {
    const token = used(key, secret, /^[\w.~+/-]+=*$/, 'token');
    if (token !== undefined && taken.has(token.reveal()))
      wrong(key, 'the token of somebody else', 'a token of its own: it says who asks');
    if (token !== undefined) taken.add(token.reveal());
    return token;
  };

  const users: AdminUser[] = [];
  for (const role of ['viewer', 'operator'] as const) {
    const key = `${role}_token` as const;
    const token = tokenOf(key, admin[key]);
    if (token !== undefined) users.push({ name: key, role, token, password: undefined });
  }
  const names = new Set(users.map(({ name }) => name));
  for (const [index, row] of admin.users.entries()) {
    const key = `users.${index}`;
    const { name, role } = row;
    if (!/^[^\p{C}:]{1,100}$/u.test(name))
      wrong(`${key}.name`, 'text', 'a name of 1 to 100 characters without a colon');
    else if (names.has(name)) wrong(`${key}.name`, 'a name that is taken', 'a name of its own');
    names.add(name);
    const token = tokenOf(`${key}.token`, row.token);
    const password = used(`${key}.password`, row.password, /^\P{Cc}+$/u, 'password');
    if (token === undefined && password === undefined)
      wrong(key, 'neither a token nor a password', 'one of them: nobody could be this user');
    users.push({ name, role, token, password });
  }
  return { hasConsole: admin.console, users, tls: tlsOf(admin, wrong) };
}

const allowed: Readonly<Record<string, string>> = {
  token: 'letters, digits and - . _ ~ + /, with = at the end alone, as RFC 6750 has it',
  password: 'characters that are no control characters',
};

function tlsOf(
  { tls_cert_file: certFile, tls_key_file: keyFile }: OwnOptions['admin'],
  wrong: (key: string, found: string, expected: string) => void,
): AdminConfig['tls'] {
  if (certFile === '' && keyFile === '') return undefined;
  if (keyFile === '') wrong('tls_key_file', 'nothing', 'the key of `tls_cert_file`');
  if (certFile === '') wrong('tls_cert_file', 'nothing', 'the certificate of `tls_key_file`');
  return { certFile, keyFile };
}
