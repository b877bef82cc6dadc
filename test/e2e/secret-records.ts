import { isUtf8 as isUtf8Bytes } from 'node:buffer';
import { secretSamples } from '../../src/edit/redact/corpus.testing.ts';
import { encodeMsgpack } from '../../src/record/encode/msgpack.ts';
import { encodeProtobuf } from '../../src/record/encode/protobuf.ts';
import type { RecordFields } from '../../src/record/encode/record-fields.ts';
import { encodeUptime } from '../../src/record/encode/uptime.ts';
import { gatewayFields } from '../../src/record/fields.ts';
import type { RedisServer } from '../services/redis.ts';

export const kinds = ['call', 'graph', 'mcp'] as const;
export type Kind = (typeof kinds)[number] | 'uptime';

/** A record with secrets, as it stands in a list of the gateway. */
export interface SecretRecord {
  /** Its `api_id`, which every sink can carry. */
  readonly marker: string;
  readonly kind: Kind;
  readonly name: string;
  readonly element: Buffer;
  readonly isProtobuf: boolean;
  readonly hasPayload: boolean;
  readonly secrets: readonly string[];
  readonly sentinels: readonly string[];
}

type Sample = Pick<SecretRecord, 'name' | 'secrets' | 'sentinels'> & {
  readonly fields: RecordFields;
};

const mail = 'marked.of-a-field@example.com';
const token = 'ghp_MarkedFieldMarkedFieldMarkedField0123';
const secretText = `kept-in-a-field ${mail} ${token}`;

/** A secret in every text and list that a gateway writes, one at a time; the marker is in one of them itself. */
function fieldSamples(): readonly Sample[] {
  return gatewayFields.flatMap(({ name, kind }) => {
    if ((kind !== 'text' && kind !== 'list') || name === 'api_id') return [];
    const value = kind === 'text' ? secretText : [secretText, 'another'];
    const fields = name
      .split('.')
      .reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as RecordFields;
    const sentinels = ['kept-in-a-field'];
    return [{ name: `a secret in ${name}`, fields, secrets: [mail, token], sentinels }];
  });
}

const time = { seconds: 1_760_000_000, nanos: 117_000_000 };
const plain: RecordFields = {
  ...{ method: 'POST', path: '/kept', raw_path: '/kept', host: 'api.example.com' },
  ...{ day: 9, month: 10, year: 2025, hour: 8, response_code: 200, request_time: 12 },
  ...{ timestamp: time, expireAt: { seconds: 1_800_000_000 }, track_path: true },
  ...{ api_name: 'Things', api_version: 'v1', org_id: 'acme', ip_address: '192.0.2.7' },
};

/** Records of what the gateway looks after, whose addresses hold secrets that calls have, too. */
function uptimeRecords(): readonly SecretRecord[] {
  const addresses: readonly (readonly [string, string])[] = [
    ['a token in its query', `http://up.example.com/#?token=${token}&is=kept-in-a-field`],
    ['a login', `http://joe:${token}@up.example.com/kept-in-a-field/#`],
    ['a token in its path', `http://up.example.com/${token}/kept-in-a-field/#`],
    ['a mail address', `http://up.example.com/kept-in-a-field/#?to=${mail.replace('@', '%40')}`],
  ];
  return addresses.map(([what, address], index) => {
    const marker = `sample-9${String(index).padStart(2, '0')}-m`;
    const url = address.replace('#', marker);
    return {
      ...{ marker, kind: 'uptime', name: `an address with ${what}`, isProtobuf: false },
      ...{ hasPayload: false, secrets: [address.includes(token) ? token : mail] },
      element: encodeUptime({ url, org_id: 'acme', response_code: 200, timestamp: time }),
      sentinels: ['kept-in-a-field'],
    };
  });
}

/** The sample as a record of this kind. */
function asKind(kind: Kind, fields: RecordFields): RecordFields {
  const { graphql_stats, mcp_stats, ...others } = fields;
  const graph = { IsGraphQL: true, OperationType: 1, RootFields: ['things'], ...graphql_stats };
  const tools = { jsonrpc_method: 'tools/call', primitive_type: 'tool', primitive_name: 'look' };
  return {
    ...plain,
    ...others,
    ...(kind === 'graph' || graphql_stats !== undefined ? { graphql_stats: graph } : {}),
    ...(kind === 'mcp' || mcp_stats !== undefined
      ? { mcp_stats: { is_mcp: true, ...tools, ...mcp_stats } }
      : {}),
  };
}

/** Every sample in both encodings; the kinds take turns. */
export function secretRecords(): readonly SecretRecord[] {
  const calls = [...secretSamples(), ...fieldSamples()].flatMap(
    ({ name, fields, secrets, sentinels }, index) =>
      [false, true].flatMap((isProtobuf): readonly SecretRecord[] => {
        const turn = kinds[index % kinds.length] ?? 'call';
        const kind = fields.mcp_stats ? 'mcp' : fields.graphql_stats ? 'graph' : turn;
        const marker = `sample-${String(index).padStart(3, '0')}-${isProtobuf ? 'p' : 'm'}`;
        const record = { ...asKind(kind, fields), api_id: marker };
        // No gateway writes what is no UTF-8 as protobuf, and nobody can read it: such an element is no record.
        if (isProtobuf && !isUtf8(fields)) return [];
        const element = isProtobuf ? encodeProtobuf(record) : encodeMsgpack(record);
        const hasPayload = Boolean(fields.raw_request ?? fields.raw_response);
        return [{ marker, kind, name, element, isProtobuf, hasPayload, secrets, sentinels }];
      }),
  );
  return [...calls, ...uptimeRecords()];
}

const isUtf8 = ({ raw_request, raw_response }: RecordFields): boolean =>
  [raw_request, raw_response].every(
    (value) => !(value instanceof Uint8Array) || isUtf8Bytes(value),
  );

const list = 'analytics-tyk-system-analytics';
const uptimeList = 'host-checker:tyk-uptime-analytics';

export async function pushSecrets(
  redis: RedisServer,
  records: readonly SecretRecord[],
): Promise<void> {
  for (const { element, isProtobuf, kind } of records) {
    const calls = isProtobuf ? `${list}_protobuf` : list;
    await redis.client.rpush(kind === 'uptime' ? uptimeList : calls, element);
  }
}
