import * as vitest from 'vitest';
import { describe } from 'vitest';
import {
  aPreparedPump,
  FakeHttpServer,
  type ReceivedRequest,
  type Reply,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import elasticsearch from './index.ts';

describe.each([
  ['in bulk', {}],
  ['one by one', { disable_bulk: true }],
])('sending %s', (_, meta) => {
  sinkContract(vitest, 'elasticsearch', () => aServerHarness(meta));
});

const password = 'contract-password';

async function aServerHarness(meta: object): Promise<SinkHarness> {
  const documents = new Map<string, string>();
  const server = await FakeHttpServer.start((request) => answer(request, documents));
  return {
    pump: aPreparedPump(elasticsearch, {
      ...meta,
      elasticsearch_url: server.url.replace('//', `//contract:${password}@`),
    }),
    secrets: [password, Buffer.from(`contract:${password}`).toString('base64')],
    poison: { ip_address: 'no address' },
    received: () => Promise.resolve([...documents.values()]),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}

type Documents = Map<string, string>;

/** Speaks what this pump needs, and keeps what it is given. */
function answer({ path, query, body }: ReceivedRequest, documents: Documents): Reply {
  const headers = { 'content-type': 'application/json' };
  if (path === '/') return { status: 200, headers, body: { version: { number: '8.19.0' } } };
  if (path === '/_bulk')
    return { status: 200, headers, body: bulk(String(body), namesIds(query), documents) };
  const [, , , id = ''] = path.split('/');
  const _id = decodeURIComponent(id);
  const result = create(_id, String(body), documents);
  return { status: result.status, headers, body: { ...result, _id } };
}

const namesIds = (query: URLSearchParams): boolean =>
  query.get('filter_path')?.includes('_id') === true;

function bulk(body: string, hasIds: boolean, documents: Documents): object {
  const lines = body.split('\n');
  const items: object[] = [];
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const action = JSON.parse(lines[at] ?? '') as { create: { _id: string } };
    const { _id } = action.create;
    const result = create(_id, lines[at + 1] ?? '', documents);
    items.push({ create: { ...result, ...(hasIds ? { _id } : {}) } });
  }
  return { errors: true, items };
}

function create(
  id: string,
  document: string,
  documents: Documents,
): { readonly status: number; readonly error?: object } {
  if (document.includes('"ip_address":"no address"'))
    return { status: 400, error: { type: 'mapper_parsing_exception', reason: 'no ip' } };
  if (documents.has(id))
    return { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'there' } };
  documents.set(id, document);
  return { status: 201 };
}
