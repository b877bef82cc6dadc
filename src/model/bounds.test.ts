import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usualBounds } from './bounds.ts';
import { messageOf } from './calls/from-record.ts';
import { ApiModel } from './model.ts';
import { openapiOf } from './output/openapi.ts';
import { resolvedModel } from './output/resolved-model.ts';
import { sizeOf } from './paths/tree.ts';
import { decodeModel } from './state/decode.ts';
import { encodeModel } from './state/encode.ts';
import { aCall, aModel } from './testing.ts';

const sizesOf = (model: ApiModel): { readonly nodes: number; readonly places: number } =>
  [...model.hosts.values()]
    .map(sizeOf)
    .reduce(
      (sum, { nodes, places }) => ({ nodes: sum.nodes + nodes, places: sum.places + places }),
      { nodes: 0, places: 0 },
    );

const wordOf = (number: number): string =>
  Array.from(String(number), (digit) => 'bcdfghjklm'[Number(digit)]).join('a');

describe('what a model keeps', () => {
  it('stays small with 100,000 different paths', () => {
    const model = new ApiModel();
    for (let index = 0; index < 100_000; index++)
      model.learn(model.read(aCall(`GET /users/${wordOf(index)}/posts`, { got: { id: index } })));

    expect(sizesOf(model).nodes).toBeLessThan(1000);
    expect(encodeModel(model).length).toBeLessThan(200_000);
  });

  it('stays within its bound with paths that have nothing in common, and says what is left out', () => {
    const model = new ApiModel({ ...usualBounds, pathNodes: 2000 });
    for (let index = 0; index < 20_000; index++)
      model.learn(
        model.read(aCall(`GET /${wordOf(index)}/${wordOf(index * 7)}/${wordOf(index * 3)}`)),
      );

    expect(sizesOf(model).nodes).toBeLessThanOrEqual(2001);
    expect(model.calls).toBe(20_000);
  });

  it('stays within its bound with members without end, and says so', () => {
    const model = new ApiModel({ ...usualBounds, places: 500 });
    for (let index = 0; index < 200; index++) {
      const got = Object.fromEntries(
        Array.from({ length: 50 }, (_, at) => [wordOf(index * 50 + at), { a: { b: 1 } }]),
      );
      model.learn(model.read(aCall('GET /things', { got })));
    }

    expect(sizesOf(model).places).toBeLessThanOrEqual(500);
    expect(model.room.lost.get('places')).toBeGreaterThan(0);
  });

  it('counts a body that is too large, and does not look into it', () => {
    const model = aModel([aCall('POST /upload', { sent: { text: 'x'.repeat(10 * 1024 * 1024) } })]);

    expect(model.room.lost.get('large bodies')).toBe(1);
    expect(encodeModel(model).length).toBeLessThan(2000);
  });

  it('counts hosts that it has no room for', () => {
    const model = new ApiModel({ ...usualBounds, hosts: 3 });
    for (let index = 0; index < 10; index++)
      model.learn(model.read(aCall('GET /', { host: `h${String(index)}.example` })));

    expect(model.hosts.size).toBe(3);
    expect(model.room.lost.get('hosts')).toBe(7);
  });
});

describe('hostile calls', () => {
  it('gain nothing by the names of members', () => {
    const got = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":1,"$ref":"x","toString":2}',
    ) as unknown;
    const model = aModel([aCall('GET /__proto__/constructor?__proto__=1', { got })]);
    const again = decodeModel(encodeModel(model)).model;

    const text = JSON.stringify(openapiOf(resolvedModel(again)));

    expect(text).toContain('"__proto__"');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('may nest as deep as they like', () => {
    const body = Buffer.from(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    const call = aCall('POST /deep', { sent: 1 });
    const request = {
      headers: [['content-type', 'application/json']] as const,
      body,
      query: '',
      isCut: false,
    };

    const model = aModel([{ ...call, request }]);

    expect(model.room.lost.get('depth')).toBe(1);
  });

  it('may have any bytes as a payload', () => {
    const model = new ApiModel();
    const types = [
      'application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      '',
      'text/html',
    ];
    const codings = ['', 'gzip', 'br', 'deflate', 'zstd', 'gzip, gzip'];
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(...types),
        fc.constantFrom(...codings),
        fc.boolean(),
        fc.string({ maxLength: 40, unit: 'binary' }),
        (bytes, type, coding, isChunked, path) => {
          const head = `POST /x${path}?a=${path} HTTP/1.1\r\ncontent-type: ${type}\r\ncontent-encoding: ${coding}\r\n${isChunked ? 'transfer-encoding: chunked\r\n' : ''}\r\n`;
          const request =
            messageOf(Buffer.concat([Buffer.from(head), bytes])) ?? messageOf(Buffer.from(bytes));
          const response = messageOf(
            Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), bytes]),
          );
          model.learn(model.read({ ...aCall('POST /'), path: `/${path}`, request, response }));
        },
      ),
      { numRuns: 2000 },
    );

    expect(model.calls).toBe(2000);
    expect(decodeModel(encodeModel(model)).model.calls).toBe(2000);
    JSON.stringify(openapiOf(resolvedModel(model)));
  });
});
