import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { aBatch, type BatchOverrides } from '#pump/testing';
import { askDuckdb, needDuckdb } from '../../../test/services/duckdb.ts';
import { scratchFolder, whyUnavailable } from '../../../test/services/process.ts';
import { canCompress } from '../compress.ts';
import { documentShape } from '../encode.ts';
import { codecOf } from './codec.ts';
import { parquetWriter } from './encode.ts';
import * as library from './library.ts';

const isMissing = (await whyUnavailable(needDuckdb)) !== undefined;

async function filed(
  folder: string,
  { size, fields, codec }: { size: number; fields: BatchOverrides; codec: 'snappy' | 'none' },
): Promise<string> {
  const write = parquetWriter({
    ...{ library, document: documentShape, withIds: true, codec: codecOf(codec) },
  });
  const file = path.join(folder, 'it.parquet');
  await mkdir(folder, { recursive: true });
  const { signal } = new AbortController();
  const body = await write(aBatch(size, fields, 'seg').entries, signal);
  await writeFile(file, body ?? '');
  return file;
}

describe.skipIf(isMissing)('DuckDB', () => {
  it.each(['snappy', 'gzip', 'zstd', 'none'].filter(canCompress))(
    'reads every row and value of a file with %s, of several groups',
    async (codec) => {
      const fields = (index: number) => ({
        ...{ path: `/${index}`, response_code: 200 + (index % 3), tags: ['a', `t${index}`, 'ü"'] },
        ...{ raw_response: `${index}-`.repeat(1_000), track_path: index % 2 === 0 },
        expireAt: { seconds: -62_135_596_800 },
        latency: { total: index, upstream: index - 1, gateway: 1 },
        timestamp: { seconds: 1_764_544_800 + index, nanos: 123_456_789 },
        geo: { country: { iso_code: 'GB' }, location: { latitude: 51.5, longitude: -0.1 } },
      });
      const folder = await scratchFolder('duckdb');
      const file = await filed(folder, { size: 3_000, fields, codec: codec as 'snappy' });

      const [all] = await askDuckdb(`
        SELECT count(*) AS rows, count(DISTINCT record_id) AS ids, sum(latency.total) AS total,
          sum(length(raw_response)) AS bytes, sum(len(tags)) AS tags,
          count(*) FILTER (track_path) AS tracked, max(geo.location.latitude) AS latitude,
          (SELECT count(DISTINCT row_group_id) FROM parquet_metadata('${file}')) AS groups
        FROM '${file}'`);
      const lengths = Array.from({ length: 3_000 }, (_, index) => `${index}-`.length * 1_000);
      expect(all).toEqual({
        ...{ rows: 3_000, ids: 3_000, total: (2_999 * 3_000) / 2, tags: 9_000, tracked: 1_500 },
        ...{ latitude: 51.5, groups: 4, bytes: lengths.reduce((sum, one) => sum + one) },
      });

      const one = await askDuckdb(`
        SELECT path, response_code, tags, geo.country.iso_code AS country,
          epoch_us(timestamp) AS micros, typeof(timestamp) AS type, expireAt, graphql_stats.RootFields AS fields
        FROM '${file}' WHERE record_id = 'seg:2999'`);
      expect(one).toEqual([
        {
          ...{ path: '/2999', response_code: 200 + (2_999 % 3), tags: ['a', 't2999', 'ü"'] },
          ...{ country: 'GB', micros: (1_764_544_800 + 2_999) * 1_000_000 + 123_456 },
          ...{ type: 'TIMESTAMP WITH TIME ZONE', expireAt: null, fields: null },
        },
      ]);
    },
  );

  it('finds by the bounds of columns what is there, whatever the texts are', async () => {
    const texts = [
      '',
      '\u0000',
      'a'.repeat(100),
      `${'a'.repeat(99)}b`,
      '\uffff',
      '\u{10ffff}',
      'ü',
    ];
    const folder = await scratchFolder('duckdb');
    const fields = (index: number) => ({ alias: texts[index] ?? '' });
    const file = await filed(folder, { size: texts.length, fields, codec: 'none' });

    for (const [index, text] of texts.entries()) {
      const hex = Buffer.from(text).toString('hex');
      const found = await askDuckdb(
        `SELECT record_id FROM '${file}' WHERE alias = decode(unhex('${hex}'))`,
      );
      expect(found).toEqual([{ record_id: `seg:${index}` }]);
    }
  });

  it('takes the folders of the usual prefix for partitions', async () => {
    const folder = await scratchFolder('duckdb');
    const fields = { api_id: 'one', timestamp: { seconds: 1_764_544_800 } };
    const within = path.join(folder, 'api_id=one/date=2025-11-30/hour=23');
    await filed(within, { size: 3, fields, codec: 'snappy' });

    const found = await askDuckdb(`
      SELECT count(*) AS rows, api_id, date::VARCHAR AS date, hour
      FROM read_parquet('${folder}/**/*.parquet', hive_partitioning = true)
      WHERE api_id = 'one' AND date = '2025-11-30' GROUP BY ALL`);
    expect(found).toEqual([{ rows: 3, api_id: 'one', date: '2025-11-30', hour: 23 }]);
  });
});
