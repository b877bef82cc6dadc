import { expect, it } from 'vitest';
import { answered, type Endpoint } from './endpoint.ts';
import { findEndpoint } from './find-endpoint.ts';

const anEndpoint = (method: Endpoint['method'], path: string): Endpoint => ({
  ...{ method, path, role: 'viewer', id: `${method} ${path}`, tag: 'T', summary: '' },
  answer: { description: '', schema: {} },
  needsRedis: false,
  handle: () => answered({}),
});

const all = [
  anEndpoint('GET', '/letters'),
  anEndpoint('POST', '/letters/{id}'),
  anEndpoint('GET', '/letters/{id}'),
  anEndpoint('POST', '/letters/retry'),
];

const find = (method: string, path: string): unknown => {
  const found = findEndpoint(all, method, path);
  return found.kind === 'found' ? [found.endpoint.id, found.places] : found;
};

it.each([
  ['GET', '/letters', ['GET /letters', {}]],
  ['HEAD', '/letters', ['GET /letters', {}]],
  ['GET', '/letters/1-2:3', ['GET /letters/{id}', { id: '1-2:3' }]],
  ['GET', '/letters/a%2Fb%20c', ['GET /letters/{id}', { id: 'a/b c' }]],
  ['POST', '/letters/retry', ['POST /letters/retry', {}]],
  ['POST', '/letters/1', ['POST /letters/{id}', { id: '1' }]],
  // A name at a place wins, so that no letter can be called retry by mistake.
  ['GET', '/letters/retry', { kind: 'other-method', methods: ['POST'] }],
  ['PUT', '/letters', { kind: 'other-method', methods: ['GET', 'HEAD'] }],
  ['GET', '/letters/', { kind: 'none' }],
  ['GET', '/letters/1/2', { kind: 'none' }],
  ['GET', '', { kind: 'none' }],
  ['GET', '/__proto__', { kind: 'none' }],
  ['GET', '/letters/%', { kind: 'broken' }],
])('%s %s', (method, path, expected) => {
  expect(find(method, path)).toEqual(expected);
});
