import type { Decision } from '../../shared/relay/decision.ts';
import { removeHeader, withoutHopByHop } from '../../shared/relay/headers.ts';
import { requestVariables } from '../context/request-variables.ts';
import type { Turn, Version } from '../definition/api.ts';
import { targetOf } from '../definition/target.ts';
import { edited } from '../headers/header-edits.ts';
import type { QuotaState } from '../limits/limiter.ts';
import type { Identity } from './authenticate.ts';
import type { Call } from './call.ts';
import { callFacts } from './call-facts.ts';
import { queryWithoutCredential, withoutCredential } from './credentials.ts';
import { answerAsTyk, failureAsTyk } from './refusal.ts';
import { upstreamHeaders } from './upstream-headers.ts';

export function forward(
  call: Call,
  version: Version,
  turn: Turn,
  identity: Identity | undefined,
  quota?: QuotaState,
): Decision {
  const { api, request, versioned, path, rules } = call;
  const { head } = request;
  const { target, ended } = turn;
  const endpoint = version.endpoints?.lookUp(head.method, request.plainPath, path);
  const places = api.isAuthStripped && api.auth.kind !== 'keyless' ? api.auth.places : undefined;
  const query =
    places === undefined ? versioned.query : queryWithoutCredential(versioned.query, places);
  const headers = changedHeaders(call, version, identity);
  const host = api.keepsHost && head.host !== '' ? head.host : target.host;
  const isForwarded = version.headers?.removed.every(
    (name) => name.toLowerCase() !== 'x-forwarded-for',
  );
  const isSame =
    headers === head.rawHeaders && query === request.query && versioned.path === request.path;
  const recordedTarget = query === '' ? versioned.path : `${versioned.path}?${query}`;
  // Written out: spreads in objects cost more than all else here, and this is done for every call.
  return {
    kind: 'forward',
    upstream: target.upstream,
    target: targetOf(target, versioned.path, query),
    headers: upstreamHeaders(withoutHopByHop(headers), head, host, isForwarded ?? true),
    timeout: endpoint?.timeout ?? rules.timeout,
    call: callFacts(
      {
        api,
        headers,
        clientAddress: call.clientAddress,
        version: versioned.said,
        path,
        trackedPath: endpoint?.trackedPath,
        session: identity?.session,
        host: target.host,
      },
      rules.identities.naming,
    ),
    answerHeaders: api.speaksAsTyk ? answerHeaders(version, quota) : undefined,
    recordedHeaders: isSame ? undefined : headers,
    recordedTarget: isSame ? undefined : recordedTarget,
    isRecorded: api.isRecorded && endpoint?.isRecorded !== false,
    onEnd: ended,
    answerFailure: api.speaksAsTyk
      ? (failure) => answerAsTyk(failureAsTyk(failure), head)
      : undefined,
  };
}

/** What the client sent, without what is taken away and with what is put in: the record shows it, and tags are taken from it. */
function changedHeaders(
  { api, request, versioned, clientAddress }: Call,
  version: Version,
  identity: Identity | undefined,
): readonly string[] {
  let headers = request.head.rawHeaders;
  if (versioned.strippedHeader !== undefined)
    headers = removeHeader(headers, versioned.strippedHeader);
  if (api.isAuthStripped && api.auth.kind !== 'keyless')
    headers = withoutCredential(headers, api.auth.places);
  if (version.headers === undefined) return headers;
  const variables = requestVariables(request, {
    ...{ clientAddress, key: identity?.session.key, token: identity?.token },
    ...{ meta: identity?.session.meta, hasContext: api.hasContextVariables },
  });
  return edited(headers, version.headers, variables);
}

/** A gateway's answers always have these; 0: no limit. */
const unlimited: readonly string[] = [
  ...['X-Ratelimit-Limit', '0', 'X-Ratelimit-Remaining', '0', 'X-Ratelimit-Reset', '0'],
];

function answerHeaders({ expiresAt }: Version, quota: QuotaState | undefined): readonly string[] {
  const limits = quota === undefined ? unlimited : limitHeaders(quota);
  if (expiresAt === undefined) return limits;
  const date = new Date(expiresAt).toUTCString().replace(/GMT$/, 'UTC');
  return [...limits, 'X-Tyk-Api-Expires', date];
}

const limitHeaders = ({ max, remaining, renews }: QuotaState): readonly string[] => [
  ...['X-Ratelimit-Limit', String(max), 'X-Ratelimit-Remaining', String(remaining)],
  ...['X-Ratelimit-Reset', String(renews)],
];
