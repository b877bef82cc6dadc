import type { CallFacts } from '#source';
import { utf8Of } from '../context/request-variables.ts';
import type { Api } from '../definition/api.ts';
import { type KeyNaming, storedKey } from '../session/key-hash.ts';
import type { Session } from '../session/session.ts';

/** What a record says of a call, beside what the relay saw. */
export interface CallSoFar {
  readonly api: Api;
  /** With the edits of the API, where there are any: tags are taken from these. */
  readonly headers: readonly string[];
  readonly clientAddress: string;
  /** As the request said it. */
  readonly version: string;
  /** Without the listen path, where it is stripped. */
  readonly path: string;
  readonly trackedPath: string | undefined;
  readonly session: Session | undefined;
  /** Of the upstream. */
  readonly host: string;
}

export function callFacts(call: CallSoFar, naming: KeyNaming): CallFacts {
  const { api, session, version, path, trackedPath } = call;
  const key = api.speaksAsTyk ? storedKey(session?.key ?? '', naming) : undefined;
  return {
    apiId: api.id,
    apiName: api.name,
    apiVersion: version === '' ? 'Non Versioned' : version,
    // Left to `record.org_id` where the definition names none, as the short form never does.
    orgId: api.organisation === '' ? undefined : api.organisation,
    apiKey: key,
    oauthId: session?.oauthId,
    alias: session?.alias,
    listenPath: api.listenPath,
    path: trackedPath ?? path,
    rawPath: path,
    trackPath: trackedPath !== undefined,
    tags: tagsOf(call, key ?? ''),
    clientAddress: call.clientAddress,
    host: call.host,
    expiresAfter: api.expiresAfter,
    isDetailed: session?.isDetailed === true ? true : api.isDetailed,
  };
}

/** Of calls whose tags say nothing but their API. */
const ordinary = new WeakMap<Api, readonly string[]>();

function tagsOf(call: CallSoFar, key: string): readonly string[] {
  const { api, session } = call;
  if (session !== undefined || api.taggedHeaders.length > 0) return allTags(call, key);
  const known = ordinary.get(api);
  if (known !== undefined) return known;
  const tags = allTags(call, key);
  ordinary.set(api, tags);
  return tags;
}

/** In the gateway's order. */
function allTags({ api, headers, session }: CallSoFar, key: string): readonly string[] {
  const tags: string[] = [];
  if (session !== undefined) {
    for (const policy of session.policies) tags.push(`pol-${policy}`);
    const developer = session.meta['tyk_developer_id'];
    if (typeof developer === 'string') tags.push(`dev-${developer}`);
    tags.push(...session.tags);
  }
  for (const name of api.taggedHeaders)
    for (let at = 0; at + 1 < headers.length; at += 2)
      if (headers[at]?.toLowerCase() === name)
        tags.push(`${name}-${utf8Of(headers[at + 1] ?? '')}`);
  tags.push(...api.tags);
  if (key !== '') tags.push(`key-${key}`);
  if (api.organisation !== '') tags.push(`org-${api.organisation}`);
  tags.push(`api-${api.id}`);
  return tags;
}
