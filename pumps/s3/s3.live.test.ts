import { gunzipSync } from 'node:zlib';
import * as vitest from 'vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aBatch,
  aPreparedPump,
  deliverOnce,
  failureOf,
  outcomesOf,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import { needMoto } from '../../test/services/moto.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import s3 from './index.ts';
import { linesOf as rowsAsLines } from './parquet/read.testing.ts';
import { objectsIn, type Server, startMotoBehindOutage, startS3rver } from './servers.testing.ts';

const noMoto = (await whyUnavailable(needMoto)) !== undefined;

describe.each([
  { name: 's3rver', start: startS3rver, isMissing: false },
  { name: 'moto', start: startMotoBehindOutage, isMissing: noMoto },
])('an S3 by $name', ({ start, isMissing }) => {
  describe.skipIf(isMissing)('of its own', () => {
    let server: Server;
    let prefixes = 0;

    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.stop());

    const aMeta = (more: object = {}) => ({
      ...{ endpoint: server.url, bucket: 'records', force_path_style: true, ...server.keys },
      ...{ prefix: `test-${(prefixes += 1)}/api_id={{api_id}}/`, ...more },
    });
    const objectsOf = ({ prefix }: { readonly prefix: string }) =>
      objectsIn(server, prefix.replace(/\/.*/s, '/'));

    async function linesOf(meta: { readonly prefix: string }): Promise<readonly string[]> {
      const found = await objectsOf(meta);
      const lines = found.map(async ({ key, body }) =>
        key.endsWith('.parquet') ? rowsAsLines(body) : linesIn(body),
      );
      return (await Promise.all(lines)).flat();
    }

    describe.each(['ndjson', 'parquet'])('objects of %s', (format) => {
      sinkContract(vitest, 's3', (): Promise<SinkHarness> => {
        const meta = aMeta({ format });
        const { stall } = server;
        return Promise.resolve({
          pump: aPreparedPump(s3, meta),
          received: () => linesOf(meta),
          break: () => server.break(),
          restore: () => server.restore(),
          ...(stall === undefined ? {} : { stall }),
          stop: () => Promise.resolve(),
        });
      });

      it('that came twice are there once, under a key with whatever a record holds', async () => {
        const meta = aMeta({ format });
        const batch = aBatch(20, (index) => ({
          api_id: index < 10 ? "a/b?c#d e+f%'()" : 'ü',
          path: `/${index}`,
        }));

        await deliverOnce(aPreparedPump(s3, meta), batch);
        const again = await deliverOnce(aPreparedPump(s3, meta), batch);

        expect(new Set(outcomesOf(again))).toEqual(new Set(['delivered']));
        expect(await linesOf(meta)).toHaveLength(20);
        expect((await objectsOf(meta)).map(({ isSound }) => isSound)).toEqual([true, true]);
      });

      it('that are large were uploaded in parts', async () => {
        const meta = aMeta({ format, compression: 'none', part_bytes: '5MiB' });

        const verdicts = await deliverOnce(
          aPreparedPump(s3, meta),
          aBatch(60, (index) => ({ raw_response: `${index}-`.repeat(60_000) })),
        );

        expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
        expect(await linesOf(meta)).toHaveLength(60);
      });
    });

    it('refuses a bucket that is not there, and the records wait', async () => {
      const missing = await deliverOnce(aPreparedPump(s3, aMeta({ bucket: 'nobodys' })), aBatch(1));

      expect(failureOf(missing[0])).toMatchObject({ kind: 'unexpected' });
      expect(failureOf(missing[0]).message).toContain('NoSuchBucket');
    });

    it('has objects of the type and the coding that they say', async () => {
      const types = async (more: object) => {
        const meta = aMeta(more);
        await deliverOnce(aPreparedPump(s3, meta), aBatch(1));
        const [found] = await objectsOf(meta);
        return [found?.type, found?.encoding];
      };

      expect(await types({})).toEqual(['application/x-ndjson', 'gzip']);
      expect(await types({ format: 'parquet', compression: 'gzip' })).toEqual([
        ...['application/vnd.apache.parquet', undefined],
      ]);
    });
  });
});

const linesIn = (body: Buffer): readonly string[] =>
  String(body[0] === 0x1f ? gunzipSync(body) : body)
    .trimEnd()
    .split('\n');
