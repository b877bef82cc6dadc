import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Config, Role } from '../config/config.ts';
import { isObject } from '../config/options/json.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import { bareHost, shownHostPort } from '../lib/host-port.ts';
import { seconds } from '../lib/units.ts';
import { withDeadline } from '../lib/waiting.ts';

/** An Admin API (docs/api.md), and with what to sign in there. */
export interface ApiAccess {
  /** Without a slash at its end. */
  readonly url: string;
  readonly authorization: string | undefined;
  /** The one certificate that is believed; undefined: those of known authorities. */
  readonly certificate?: string;
}

export type ApiAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly problem: string };

const bearer = (token: string): string => `Bearer ${token}`;

/** The service of this configuration on this machine. Its own users are in the file; `token` counts before them. */
export async function ownAccess(
  { health: { address, port }, admin: { users, tls } }: Pick<Config, 'health' | 'admin'>,
  token: string,
  role: Role = 'viewer',
): Promise<ApiAccess> {
  const host = bareHost(address);
  const near = host === '' || host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const scheme = tls === undefined ? 'http' : 'https';
  const certificate =
    tls === undefined ? undefined : await readFile(tls.certFile, 'utf8').catch(() => undefined);
  // Looking needs no more than a viewer.
  const user = users.find((each) => each.role === role) ?? users[0];
  const basic =
    user?.password === undefined
      ? undefined
      : `Basic ${Buffer.from(`${user.name}:${user.password.reveal()}`).toString('base64')}`;
  const own = user?.token === undefined ? basic : bearer(user.token.reveal());
  return {
    url: `${scheme}://${shownHostPort({ host: near, port })}`,
    authorization: token === '' ? own : bearer(token),
    ...(certificate === undefined ? {} : { certificate }),
  };
}

/** Another one: it gets no credentials but those that were said for it. Undefined: that is no address. */
export function otherAccess(url: string, token: string): ApiAccess | undefined {
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) return undefined;
  return {
    url: url.replace(/\/+$/, ''),
    authorization: token === '' ? undefined : bearer(token),
  };
}

const deadline = seconds(5);
const mostBytes = 16 * 1024 * 1024;

/** `GET` of a path below `/api/v1`. */
export async function askApi(
  access: ApiAccess,
  path: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<ApiAnswer> {
  try {
    const { status, text } = await withDeadline(
      (either) => get(access, path, either),
      { clock, after: deadline },
      signal,
    );
    if (status === 200) return { ok: true, body: JSON.parse(text) };
    return {
      ok: false,
      problem:
        status === 401 || status === 403 ? withoutRights(access, status) : `answers ${status}`,
    };
  } catch (error) {
    if (signal.aborted) throw error;
    return { ok: false, problem: explain(error) };
  }
}

async function get(
  access: ApiAccess,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await sendToApi(access, path, { signal });
  return { status: answer.statusCode ?? 0, text: await textOf(answer) };
}

/** What an answer says that is none, in words. */
export async function whyNot(answer: IncomingMessage, access: ApiAccess): Promise<string> {
  const status = answer.statusCode ?? 0;
  if (status === 401 || status === 403) return withoutRights(access, status);
  const text = await textOf(answer).catch(() => '');
  const detail = detailOf(text);
  return detail === undefined ? `answers ${status}` : detail;
}

const withoutRights = ({ authorization }: ApiAccess, status: number): string =>
  `${authorization === undefined ? 'needs --token' : 'refuses these credentials'} (${status})`;

function detailOf(text: string): string | undefined {
  try {
    const problem: unknown = JSON.parse(text);
    const detail = isObject(problem) ? problem['detail'] : undefined;
    return typeof detail === 'string' ? detail : undefined;
  } catch {
    return undefined;
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes > mostBytes) throw new Error('the answer is too large');
  }
  return Buffer.concat(parts).toString();
}

/** Asks at a path below `/api/v1`. Resolves with the answer as soon as its head is there. */
export const sendToApi = (
  { url, authorization, certificate }: ApiAccess,
  path: string,
  { method = 'GET', signal }: { readonly method?: 'GET' | 'POST'; readonly signal: AbortSignal },
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = authorization === undefined ? {} : { authorization };
    // The file of the configuration is the server's own, whatever name stands in it.
    const trust =
      certificate === undefined ? {} : { ca: certificate, checkServerIdentity: () => undefined };
    const whole = `${url}/api/v1${path}`;
    const options = { method, signal, headers, agent: false as const };
    const request = whole.startsWith('https:')
      ? secureRequest(whole, { ...options, ...trust })
      : plainRequest(whole, options);
    request.on('error', reject);
    request.on('response', resolve);
    request.end();
  });
