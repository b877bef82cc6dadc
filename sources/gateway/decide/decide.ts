/**
 * From a request's head to what is done with it: a function of the definitions, the policies and the sessions. The order is
 * the gateway's, so that of two reasons to refuse a call both give the same one: version, address, identity, rights.
 */
import { isIP } from 'node:net';
import type { Clock } from '#source';
import type { Decide, Decision, RequestHead } from '../../shared/relay/decision.ts';
import type { Api } from '../definition/api.ts';
import type { QuotaState } from '../limits/limiter.ts';
import { plainOf, readRequest } from '../route/request.ts';
import { versionOf } from '../route/version.ts';
import { type Authenticated, authenticate, authorise, type Identity } from './authenticate.ts';
import type { Call, Rules } from './call.ts';
import { callFacts } from './call-facts.ts';
import { clientAddress } from './client-address.ts';
import { countCall } from './count-call.ts';
import { queryWithoutCredential, withoutCredential } from './credentials.ts';
import { forward } from './forward.ts';
import { answer, errorOf, type Refusal } from './refusal.ts';

export function createDecide(rules: () => Rules, clock: Pick<Clock, 'now'>): Decide {
  return (head) => {
    const current = rules();
    const request = readRequest(head);
    if (request === undefined)
      return unserved(head, { status: 400, words: 'The path of the request cannot be read' });
    const api = current.router.find(request.host, request.plainPath);
    if (api === undefined) return unserved(head, { status: 404, words: 'Nothing is served here' });
    const now = clock.now();
    const versioned = versionOf(api, request, now);
    const path = versioned.path === request.path ? request.plainPath : plainOf(versioned.path);
    const address = clientAddress(head, current.trust);
    return decide({ rules: current, api, request, versioned, path, clientAddress: address }, now);
  };
}

/** Nobody's call: the gateway keeps no record of it, for there is no API to keep it for. */
const unserved = (head: RequestHead, refusal: Refusal): Decision => ({
  kind: 'answer',
  ...answer(refusal, head, false),
  call: {},
  error: errorOf(refusal),
  isRecorded: false,
});

function decide(call: Call, now: number): Decision | Promise<Decision> {
  const { api, request, rules, versioned } = call;
  const { outcome } = versioned;
  if (!outcome.ok) return refuse(call, { status: 403, words: outcome.words }, undefined);
  if (!mayCall(api, call.clientAddress))
    return refuse(
      call,
      { status: 403, words: 'access from this IP has been disallowed' },
      undefined,
    );
  const send = (identity: Identity | undefined, quota?: QuotaState): Decision => {
    const turn = outcome.version.targets.next();
    return turn === undefined
      ? refuse(call, { status: 503, words: 'There is no upstream for the call now' }, identity)
      : forward(call, outcome.version, turn, identity, quota);
  };
  const judge = (authenticated: Authenticated): Decision | Promise<Decision> => {
    if (authenticated === undefined) return send(undefined);
    if ('status' in authenticated) return refuse(call, authenticated, undefined);
    const refusal = authorise(api, outcome.name, authenticated.session, now);
    if (refusal !== undefined) return refuse(call, refusal, authenticated);
    const counted = countCall(call, authenticated.session);
    if (counted === undefined) return send(authenticated);
    return counted.then((count) =>
      count.ok ? send(authenticated, count.quota) : refuse(call, exceeded[count.of], authenticated),
    );
  };
  const authenticated = authenticate(api, request, rules.identities, now);
  return authenticated instanceof Promise ? authenticated.then(judge) : judge(authenticated);
}

const exceeded = {
  rate: { status: 429, words: 'Rate limit exceeded' },
  // The gateway's status: 403 where others say 429.
  quota: { status: 403, words: 'Quota exceeded' },
} as const;

/** Over a Unix socket there is no address: it is in neither list. */
function mayCall({ addresses }: Api, address: string): boolean {
  if (addresses === undefined) return true;
  const family = isIP(address);
  const isIn = (list: typeof addresses.allowed): boolean =>
    family !== 0 && list?.check(address, family === 6 ? 'ipv6' : 'ipv4') === true;
  return (addresses.allowed === undefined || isIn(addresses.allowed)) && !isIn(addresses.denied);
}

function refuse(call: Call, refusal: Refusal, identity: Identity | undefined): Decision {
  const { api, request, versioned, path, clientAddress: address } = call;
  const { head } = request;
  const places = api.isAuthStripped && api.auth.kind !== 'keyless' ? api.auth.places : undefined;
  const headers =
    places === undefined ? head.rawHeaders : withoutCredential(head.rawHeaders, places);
  const query =
    places === undefined ? versioned.query : queryWithoutCredential(versioned.query, places);
  const endpoint = versioned.outcome.ok
    ? versioned.outcome.version.endpoints?.lookUp(head.method, request.plainPath, path)
    : undefined;
  return {
    kind: 'answer',
    ...answer(refusal, head, api.speaksAsTyk),
    call: callFacts(
      {
        ...{ api, headers, path, version: versioned.said, host: api.host, clientAddress: address },
        ...{ session: identity?.session, trackedPath: endpoint?.trackedPath },
      },
      call.rules.identities.naming,
    ),
    error: errorOf(refusal),
    recordedHeaders: headers,
    recordedTarget: query === '' ? versioned.path : `${versioned.path}?${query}`,
    isRecorded: api.isRecorded && endpoint?.isRecorded !== false,
  };
}
