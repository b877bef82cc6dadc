import { explain } from '../../lib/errors.ts';
import { credentialsIn, hasStrayAt, httpUrl, strayAtExpected } from '../../pump/http/address.ts';
import type { KibanaFlags } from '../command-line/command.ts';
import { KibanaProblem } from './problem.ts';

export interface CredentialTools {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
  /** What nothing that is printed may show. */
  readonly learn: (texts: readonly string[]) => void;
}

type CredentialFlags = Pick<KibanaFlags, 'username' | 'password-file' | 'api-key-file'>;

/** The `Authorization` header that files and variables say; undefined: none. What a file says counts before a variable. */
export async function saidAuthorization(
  flags: CredentialFlags,
  { env, readFile, learn }: CredentialTools,
): Promise<string | undefined> {
  const fromFile = async (flag: 'password-file' | 'api-key-file'): Promise<string> => {
    const path = flags[flag];
    if (path === '') return '';
    const text = await readFile(path).catch((error: unknown) => {
      throw new KibanaProblem(`the file of --${flag} cannot be read: ${explain(error)}`);
    });
    const line = text.replace(/\r?\n$/, '');
    if (line === '') throw new KibanaProblem(`the file of --${flag} is empty`);
    return line;
  };
  const key = (await fromFile('api-key-file')) || (env['SLUICE_KIBANA_API_KEY'] ?? '');
  const password = (await fromFile('password-file')) || (env['SLUICE_KIBANA_PASSWORD'] ?? '');
  const user = flags.username || (env['SLUICE_KIBANA_USERNAME'] ?? '');
  learn([key, password]);
  if (key !== '') return headerOf('ApiKey', key.includes(':') ? base64(key) : key, learn);
  if ((user === '') !== (password === ''))
    throw new KibanaProblem(
      user === ''
        ? 'a password needs a user: --username or SLUICE_KIBANA_USERNAME'
        : 'a user needs a password: SLUICE_KIBANA_PASSWORD or --password-file',
    );
  return user === '' ? undefined : headerOf('Basic', base64(`${user}:${password}`), learn);
}

/** An address as it was typed, with what it says of a user. Its text is not repeated: it may have a password in it. */
export function readAddress(
  text: string,
  { learn }: Pick<CredentialTools, 'learn'>,
): { readonly url: URL; readonly authorization: string | undefined } {
  const url = httpUrl(text);
  if (url === undefined)
    throw new KibanaProblem(
      hasStrayAt(text)
        ? `--url: ${strayAtExpected}`
        : '--url: expected an address that begins with http:// or https://',
    );
  const credentials = credentialsIn(url);
  url.username = '';
  url.password = '';
  if (credentials === undefined) return { url, authorization: undefined };
  learn([credentials.password]);
  const pair = base64(`${credentials.username}:${credentials.password}`);
  return { url, authorization: headerOf('Basic', pair, learn) };
}

function headerOf(scheme: string, value: string, learn: CredentialTools['learn']): string {
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new KibanaProblem('an API key has no spaces, line breaks or letters with accents');
  learn([value]);
  return `${scheme} ${value}`;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
