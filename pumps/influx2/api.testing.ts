import type { ReceivedRequest, Reply } from '#pump/testing';

/** Stores lines for real, and answers as version 1 does. */
export type Store = (bucket: string, body: Buffer) => Reply | Promise<Reply>;

export interface ApiOptions {
  readonly token: string;
  readonly organization: string;
  /** Buckets there are, by name; the API adds those it creates. */
  readonly buckets: Map<string, unknown>;
  readonly store: Store;
}

/** The v2 API as its documentation has it: strict about the token, the organisation, the bucket and the precision. */
export function influx2Api({ token, organization, buckets, store }: ApiOptions) {
  const orgID = '00000000000000aa';
  return (request: ReceivedRequest): Reply | Promise<Reply> => {
    const { method, path, query, headers, body } = request;
    if (headers['authorization'] !== `Token ${token}`)
      return refusal(401, 'unauthorized', 'unauthorized access');
    const org = query.get('org');
    switch (`${method} ${path}`) {
      case 'GET /api/v2/orgs':
        return org === organization
          ? { status: 200, body: { orgs: [{ id: orgID, name: organization }] } }
          : refusal(404, 'not found', `organization name "${org ?? ''}" not found`);
      case 'GET /api/v2/buckets': {
        if (org !== organization) return refusal(404, 'not found', 'organization not found');
        const name = query.get('name') ?? '';
        const found = buckets.has(name) ? [{ id: '00000000000000bb', orgID, name }] : [];
        return { status: 200, body: { buckets: found } };
      }
      case 'POST /api/v2/buckets': {
        const bucket = JSON.parse(String(body)) as {
          readonly orgID: string;
          readonly name: string;
        };
        if (bucket.orgID !== orgID) return refusal(404, 'not found', 'organization not found');
        if (buckets.has(bucket.name))
          return refusal(422, 'conflict', `bucket with name ${bucket.name} already exists`);
        buckets.set(bucket.name, bucket);
        return { status: 201, body: { id: '00000000000000bb', ...bucket } };
      }
      case 'POST /api/v2/write': {
        const bucket = query.get('bucket') ?? '';
        if (org !== organization) return refusal(404, 'not found', 'organization not found');
        if (!buckets.has(bucket)) return refusal(404, 'not found', `bucket "${bucket}" not found`);
        if (query.get('precision') !== 'ns') return refusal(400, 'invalid', 'invalid precision');
        return store(bucket, body);
      }
      default:
        return refusal(404, 'not found', 'path not found');
    }
  };
}

export const refusal = (status: number, code: string, message: string): Reply => ({
  status,
  body: { code, message },
});
