import { type HttpAnswer, type HttpClient, jsonMember, jsonOf, OpeningFailure } from '#pump';
import { describeWrite, serverMessage } from '../shared/line-protocol/answer.ts';
import type { Options } from './options.ts';

type Named = Pick<Options, 'bucket' | 'organization'>;

/** Whether the server has the bucket, as far as this token may see it; or why it does not say. */
export type Look = { readonly found: boolean } | { readonly reason: string };

export async function lookForBucket(
  client: HttpClient,
  { bucket, organization }: Named,
  signal: AbortSignal,
): Promise<Look> {
  const query = new URLSearchParams({ org: organization, name: bucket });
  const answer = await ask(client, `/api/v2/buckets?${query.toString()}`, signal);
  // Some versions say 404 where others have an empty list.
  if (answer.status === 404) return { found: false };
  return answer.status === 200
    ? { found: itemNamed(answer, 'buckets', bucket) !== undefined }
    : { reason: wordsOf(answer) };
}

/** Makes sure of the bucket. Throws where it cannot be had. */
export async function ensureBucket(
  client: HttpClient,
  options: Named & Pick<Options, 'new_bucket_config'>,
  signal: AbortSignal,
): Promise<'there' | 'created'> {
  const look = await lookForBucket(client, options, signal);
  if ('reason' in look) throw new Error(`The bucket could not be looked for: ${look.reason}`);
  if (look.found) return 'there';
  const orgID = await organisationId(client, options.organization, signal);
  const { description, retention_rules } = options.new_bucket_config;
  const body = {
    orgID,
    name: options.bucket,
    ...(description === '' ? {} : { description }),
    retentionRules: retention_rules.map((rule) => ({
      type: rule.type === '' ? 'expire' : rule.type,
      everySeconds: rule.every_seconds,
      ...(rule.shard_group_duration_seconds === 0
        ? {}
        : { shardGroupDurationSeconds: rule.shard_group_duration_seconds }),
    })),
  };
  const outcome = await client.send(
    {
      method: 'POST',
      path: '/api/v2/buckets',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(body)),
    },
    signal,
  );
  if (!outcome.ok) throw new OpeningFailure(outcome.failure);
  if (outcome.answer.status === 201) return 'created';
  // Another instance was faster.
  if (/already exists/.test(serverMessage(outcome.answer) ?? '')) return 'there';
  throw new Error(`The bucket could not be created: ${wordsOf(outcome.answer)}`);
}

async function organisationId(
  client: HttpClient,
  organization: string,
  signal: AbortSignal,
): Promise<string> {
  const query = new URLSearchParams({ org: organization });
  const answer = await ask(client, `/api/v2/orgs?${query.toString()}`, signal);
  const id = answer.status === 200 ? itemNamed(answer, 'orgs', organization)?.id : undefined;
  if (id !== undefined) return id;
  const why = answer.status === 200 ? 'The server does not have it.' : wordsOf(answer);
  throw new Error(`The organisation was not found: ${why}`);
}

async function ask(client: HttpClient, path: string, signal: AbortSignal): Promise<HttpAnswer> {
  const outcome = await client.send({ method: 'GET', path }, signal);
  if (!outcome.ok) throw new OpeningFailure(outcome.failure);
  return outcome.answer;
}

const wordsOf = (answer: HttpAnswer): string => describeWrite(answer, serverMessage(answer));

/** The element of a list in the answer that has this name. */
function itemNamed(
  answer: HttpAnswer,
  list: 'buckets' | 'orgs',
  name: string,
): { readonly id: string } | undefined {
  const items = jsonMember(jsonOf(answer), list);
  if (!Array.isArray(items)) return undefined;
  const item: unknown = items.find((one) => jsonMember(one, 'name') === name);
  const id = jsonMember(item, 'id');
  return typeof id === 'string' ? { id } : undefined;
}
