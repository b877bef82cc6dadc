/**
 * Who may ask the Admin API what.
 *
 * - With users, each request needs a token (Bearer) or a name and a password (Basic), wherever it comes from.
 * - Without users, whoever runs on this machine is an operator, and nobody else is anything. A request comes from this machine
 *   when its peer is a loopback address, no proxy says that it passed something on, and its Host names this machine: a page
 *   of the web may have a name that leads here (DNS rebinding), but cannot call itself localhost.
 * - What changes something is refused to a browser that asks for a page of another origin: it would send a password that it
 *   was once told along with it.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AdminUser, Role } from '../../config/config.ts';
import { readAddress } from '../../lib/ip.ts';

/** What of a request decides. */
export interface Approach {
  readonly method: string;
  /** The address of the other end of the connection. */
  readonly peer: string;
  readonly isSecure: boolean;
  readonly headers: {
    readonly host?: string | undefined;
    readonly authorization?: string | undefined;
    readonly origin?: string | undefined;
    readonly [name: string]: string | readonly string[] | undefined;
  };
}

export type Admission =
  | { readonly ok: true; readonly user: string; readonly role: Role }
  | {
      readonly ok: false;
      readonly status: 401 | 403;
      readonly reason: string;
      /** Wrong credentials were given: somebody may be trying. */
      readonly isFailedLogin: boolean;
    };

export type Admit = (approach: Approach) => Admission;

/** `nobody`: how it is said that no user is configured. */
export function admitting(
  users: readonly AdminUser[],
  nobody = 'no user is configured (sluice.admin)',
): Admit {
  const isKnown = credentialsOf(users);
  return (approach) => {
    const foreign = foreignOrigin(approach);
    if (foreign !== undefined) return refusal(403, foreign);
    if (users.length === 0) {
      const obstacle = whyNotLocal(approach);
      return obstacle === undefined
        ? { ok: true, user: 'loopback', role: 'operator' }
        : refusal(403, `${nobody}, so only this machine may ask: ${obstacle}`);
    }
    const { authorization } = approach.headers;
    if (authorization === undefined)
      return refusal(401, 'a bearer token or basic authentication is needed');
    const user = isKnown(authorization);
    return user === undefined
      ? { ...refusal(401, 'these credentials are not known'), isFailedLogin: true }
      : { ok: true, user: user.name, role: user.role };
  };
}

export const mayDo = (role: Role, needed: Role): boolean =>
  role === 'operator' || needed === 'viewer';

const refusal = (status: 401 | 403, reason: string) =>
  ({ ok: false, status, reason, isFailedLogin: false }) as const;

/** Compares with every user, whatever the result: how long it takes says nothing of how near a guess was. */
function credentialsOf(users: readonly AdminUser[]) {
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const known = users.flatMap((user) => [
    ...(user.token === undefined
      ? []
      : [{ user, digest: digest(`bearer ${user.token.reveal()}`) }]),
    ...(user.password === undefined
      ? []
      : [{ user, digest: digest(`basic ${user.name}:${user.password.reveal()}`) }]),
  ]);
  return (authorization: string): AdminUser | undefined => {
    const said = digest(credentialsIn(authorization) ?? '');
    let found: AdminUser | undefined;
    for (const each of known) if (timingSafeEqual(each.digest, said)) found = each.user;
    return found;
  };
}

function credentialsIn(authorization: string): string | undefined {
  const [, scheme = '', rest = ''] = /^(bearer|basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme === '') return undefined;
  return scheme.toLowerCase() === 'bearer'
    ? `bearer ${rest}`
    : `basic ${Buffer.from(rest, 'base64').toString()}`;
}

/** Why a browser may not do this; undefined: it is no browser, or a page of ours asks. */
function foreignOrigin({ method, isSecure, headers }: Approach): string | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return 'a browser asks for a page of another origin (Sec-Fetch-Site)';
  const { origin, host } = headers;
  if (origin === undefined) return undefined;
  const own = `${isSecure ? 'https' : 'http'}://${host ?? ''}`;
  return origin.toLowerCase() === own.toLowerCase()
    ? undefined
    : 'a browser asks for a page of another origin (Origin)';
}

const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

function whyNotLocal({ peer, headers }: Approach): string | undefined {
  if (!isLoopback(peer)) return 'this request comes from elsewhere';
  const passedOn = forwarding.find((name) => headers[name] !== undefined);
  if (passedOn !== undefined) return `a proxy has passed this request on (${passedOn})`;
  return namesThisMachine(headers.host ?? '')
    ? undefined
    : 'the Host of this request is neither localhost nor a loopback address';
}

/** Without its port: localhost, a name below it, or a loopback address. */
function namesThisMachine(host: string): boolean {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host) ?? [];
  const name = (bracketed ?? plain).toLowerCase();
  return /^(?:.+\.)?localhost$/.test(name) || isLoopback(name);
}

const octets = new Uint8Array(16);

/** 127.0.0.0/8 and ::1, the former also as an address of version 6. */
export function isLoopback(address: string): boolean {
  const bytes = Buffer.from(address);
  const size = readAddress(bytes, 0, bytes.length, octets);
  if (size === 4) return octets[0] === 127;
  return size === 16 && octets.every((octet, at) => octet === (at === 15 ? 1 : 0));
}
