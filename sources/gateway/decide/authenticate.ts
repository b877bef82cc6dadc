/** Whose call it is, by the API's way to authenticate. The sentences and statuses are the gateway's. */
import { createHash } from 'node:crypto';
import type { Api, Auth } from '../definition/api.ts';
import { type Claims, type Token, verifyToken } from '../jwt/verify.ts';
import type { Policies } from '../policy/read-policies.ts';
import type { Request } from '../route/request.ts';
import { type KeyNaming, keyOf } from '../session/key-hash.ts';
import { type Session, sessionOfToken, withPolicies } from '../session/session.ts';
import type { Found, SessionStore } from '../session/session-store.ts';
import { credentialOf } from './credentials.ts';
import type { Refusal } from './refusal.ts';

/** What authentication looks into. */
export interface Identities {
  readonly policies: Policies;
  /** Undefined: there is no Redis, and no API that needs it. */
  readonly sessions: SessionStore | undefined;
  readonly naming: KeyNaming;
}

export interface Identity {
  readonly session: Session;
  /** Of a JWT. */
  readonly token: Token | undefined;
}

export type Authenticated = Identity | Refusal | undefined;

/** Undefined: everybody may call. A promise only where Redis must be asked. */
export function authenticate(
  api: Api,
  request: Request,
  identities: Identities,
  now: number,
): Authenticated | Promise<Authenticated> {
  const { auth } = api;
  if (auth.kind === 'keyless') return undefined;
  const credential = credentialOf(request, auth.places);
  if (auth.kind === 'jwt') return byToken(api, auth, credential, identities, now);
  if (credential === '') return { status: 401, words: 'Authorization field missing' };
  const found = identities.sessions?.find(credential, api.organisation);
  const judge = (one: Found | undefined): Authenticated =>
    one === undefined ? unknownKey : byKey(one, identities.policies);
  return found instanceof Promise ? found.then(judge, () => unreachable) : judge(found);
}

const unknownKey: Refusal = { status: 403, words: 'Access to this API has been disallowed' };
const unreachable: Refusal = { status: 503, words: 'Keys cannot be looked up at the moment' };

function byKey({ key, stored }: Found, policies: Policies): Authenticated {
  const applied = withPolicies(key, stored, policies);
  return applied.ok ? { session: applied.session, token: undefined } : unknownKey;
}

function byToken(
  api: Api,
  auth: Auth & { readonly kind: 'jwt' },
  credential: string,
  { policies, naming }: Identities,
  now: number,
): Authenticated {
  if (credential === '') return { status: 400, words: 'Authorization field missing' };
  const verified = verifyToken(credential, auth.key, auth.skew, now);
  if (!verified.ok) {
    if (verified.reason === 'time')
      return { status: 401, words: `Key not authorized: ${verified.words}` };
    const isOfAlgorithm = verified.reason === 'algorithm';
    return {
      status: 403,
      words: isOfAlgorithm ? 'Key not authorized: Unexpected signing method' : 'Key not authorized',
    };
  }
  const { claims } = verified.token;
  const identity = identityIn(claims, auth.identityClaim);
  if (!identity.ok) return { status: 403, words: identity.words };
  const ids = policiesOf(claims, auth);
  if (ids.length === 0)
    return { status: 403, words: 'key not authorized: no matching policy found' };
  const id = createHash('md5').update(identity.value).digest('hex');
  const applied = withPolicies(
    keyOf(api.organisation, id, naming),
    sessionOfToken({
      ...{ organisation: api.organisation, identity: identity.value, policies: ids },
      oauthId: clientIdIn(claims),
    }),
    policies,
  );
  if (applied.ok) return { session: applied.session, token: verified.token };
  return applied.reason === 'missing'
    ? { status: 500, words: `failed to create key: policy not found: "${applied.policy}"` }
    : { status: 403, words: 'key not authorized: no matching policy' };
}

function policiesOf(claims: Claims, auth: Auth & { readonly kind: 'jwt' }): readonly string[] {
  const claimed = auth.policyClaim === '' ? undefined : claims[auth.policyClaim];
  return typeof claimed === 'string' && claimed !== '' ? [claimed] : auth.defaultPolicies;
}

type Identified =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly words: string };

function identityIn(claims: Claims, claim: string): Identified {
  const value = claim === '' ? undefined : claims[claim];
  if (typeof value === 'string')
    return value === ''
      ? { ok: false, words: `found an empty user ID in predefined base field claim ${claim}` }
      : { ok: true, value };
  const subject = claims['sub'];
  if (typeof subject !== 'string')
    return { ok: false, words: 'no suitable claims for user ID were found' };
  return subject === ''
    ? { ok: false, words: 'found an empty user ID in sub claim' }
    : { ok: true, value: subject };
}

/** As the providers name it that the gateway knows. */
function clientIdIn(claims: Claims): string {
  for (const name of ['clientId', 'cid', 'client_id']) {
    const value = claims[name];
    if (typeof value === 'string') return value;
  }
  return '';
}

/** Whether the session may call this API now. */
export function authorise(
  api: Api,
  version: string,
  session: Session,
  now: number,
): Refusal | undefined {
  if (session.isInactive) return { status: 403, words: 'Key is inactive, please renew' };
  if (session.expires >= 1 && now > session.expires * 1000)
    return { status: 401, words: 'Key has expired, please renew' };
  if (session.rights.size === 0) return undefined;
  const versions = session.rights.get(api.id);
  const isAllowed =
    versions !== undefined && (api.versioning.kind === 'one' || versions.includes(version));
  return isAllowed && !session.unbuilt.has(api.id) ? undefined : unknownKey;
}
