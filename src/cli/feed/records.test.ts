import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as zlib from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FedRecord } from '../../app/fed-records.ts';
import { exportedLetter } from '../../operate/dead/exported.ts';
import { recordIdOf } from '../../pump/batch.ts';
import { decoders } from '../../record/decoders.ts';
import { decodeRecord, encodeRecord } from '../../record/testing.ts';
import { aLetter } from '../../route/testing/parts.testing.ts';
import { linesOf } from './lines.ts';
import { type Counts, recordsOf } from './records.ts';
import { unpacked } from './unpacked.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'feed-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const [decoder] = decoders;
if (decoder === undefined) throw new Error('there are encodings');
const home = { key: 'analytics-test', decoder };

/** What is read of files with these contents, `0`, `1` … by name. */
async function read(
  contents: readonly (string | Buffer)[],
  kind: 'analytics' | 'uptime' = 'analytics',
) {
  const files = contents.map((_, at) => path.join(dir, String(at)));
  for (const [at, content] of contents.entries()) await writeFile(files[at] ?? '', content);
  const counts: Counts = { read: 0, leftOut: 0 };
  const unreadable: string[] = [];
  const records: FedRecord[] = [];
  const selects = (record: { text(name: 'path'): string }) => record.text('path') !== '/left-out';
  const onUnreadable = (file: string, line: number, reason: string) =>
    unreadable.push(`${path.basename(file)}:${line}: ${reason}`);
  let tables = 0;
  const onTable = () => {
    tables += 1;
  };
  const parts = { files, kind, home, selects, onUnreadable, onTable };
  for await (const each of recordsOf(parts, counts)) records.push(each);
  return {
    counts,
    unreadable,
    records,
    tables,
    ids: records.map(({ segment, index }) => `${segment}:${index}`),
  };
}

const pathsOf = (records: readonly FedRecord[]) =>
  records.map(({ bytes, list }) => decodeRecord(bytes, list.decoder.name).text('path'));

const documentOf = (at: string, more: object = {}): string =>
  JSON.stringify({ ...more, path: at, timestamp: '2026-01-31T12:00:00Z' });

describe('an export of dead letters', () => {
  it.each(['msgpack', 'protobuf'] as const)('is read exactly, of %s', async (encoding) => {
    const bytes = encodeRecord({ path: '/a' }, encoding);
    const letter = aLetter({ id: recordIdOf('17-0-ab', 3), list: 'analytics-x', encoding, bytes });
    const { records, ids, unreadable } = await read([`${exportedLetter(letter, true)}\n`]);
    expect(unreadable).toEqual([]);
    expect(ids).toEqual(['17-0-ab:3']);
    expect(Buffer.from(records[0]?.bytes ?? [])).toEqual(bytes);
    expect(records[0]?.list).toMatchObject({ key: 'analytics-x', decoder: { name: encoding } });
  });

  it.each([
    [{ id: 'x' }, '"id": expected the id of a record'],
    [{ id: 'a:1:2' }, '"id": expected the id of a record'],
    [{ list: 1 }, '"list": expected a text'],
    [{ encoding: 'xml' }, '"encoding": expected "msgpack" or "protobuf"'],
    [{ base64: null }, 'has no record: it was larger than Redis sends (sluice dead retry)'],
    [{ base64: 'no base64' }, '"base64": expected a text in base64'],
    [{ base64: 'bm8gcmVjb3Jk' }, 'its bytes are no record: '],
    [{ list: 'x:tyk-uptime-analytics' }, 'is an uptime record, and the route takes calls'],
  ])('is refused line by line with %j', async (change, reason) => {
    const letter = aLetter({ bytes: encodeRecord({ path: '/a' }) });
    const whole = JSON.parse(exportedLetter(letter, false)) as object;
    const lines = [whole, { ...whole, ...change }, whole].map((each) => JSON.stringify(each));
    const { records, unreadable } = await read([lines.join('\n')]);
    expect(records).toHaveLength(2);
    expect(unreadable).toEqual([expect.stringContaining(`0:2: ${reason}`)]);
  });
});

describe('lines of documents', () => {
  it('keep the id that is in them', async () => {
    const { ids } = await read([documentOf('/a', { record_id: '17-0-ab:5' })]);
    expect(ids).toEqual(['17-0-ab:5']);
  });

  it('have the same id in every file of any name and packing, and another for each repeat', async () => {
    const text = `${[documentOf('/a'), documentOf('/b'), documentOf('/a')].join('\n')}\n`;
    const { ids, records } = await read([text, zlib.gzipSync(text), text.replaceAll('\n', '\r\n')]);
    expect(pathsOf(records.slice(0, 3))).toEqual(['/a', '/b', '/a']);
    expect(ids.slice(3, 6)).toEqual(ids.slice(0, 3));
    expect(ids.slice(6)).toEqual(ids.slice(0, 3));
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toMatch(/^feed-[0-9a-f]{32}:0$/);
    expect(ids[2]).toBe(ids[0]?.replace(/0$/, '1'));
  });

  it('are counted where an expression leaves them out, and keep the ids of the others', async () => {
    const { counts, records } = await read([
      [documentOf('/left-out'), documentOf('/b')].join('\n'),
    ]);
    expect(counts).toEqual({ read: 2, leftOut: 1 });
    expect(pathsOf(records)).toEqual(['/b']);
  });

  it('are passed over where they are none, empty ones in silence', async () => {
    const { unreadable, records } = await read([
      [
        '',
        '{"path":"secret',
        '[]',
        '7',
        documentOf('/a'),
        '{"record_id":1,"timestamp":"x"}',
        '  ',
      ].join('\n'),
    ]);
    expect(pathsOf(records)).toEqual(['/a']);
    expect(unreadable.slice(0, 3)).toEqual([
      '0:2: is no JSON',
      '0:3: is no JSON object',
      '0:4: is no JSON object',
    ]);
    expect(unreadable).toHaveLength(4);
  });

  it('are no uptime records', async () => {
    expect((await read([documentOf('/a')], 'uptime')).unreadable).toEqual([
      '0:1: is a call, and the route takes uptime records',
    ]);
  });
});

describe('a file that cannot be read to its end', () => {
  it('gives what can be read, is told, and the next one is read', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => documentOf(`/${at * 7919}`)).join('\n');
    const whole = zlib.gzipSync(lines);
    const { records, unreadable } = await read([
      whole.subarray(0, whole.length - 100),
      Buffer.from('PAR1xxxx'),
      documentOf('/last'),
    ]);
    expect(records.length).toBeGreaterThan(1000);
    expect(pathsOf(records).at(-1)).toBe('/last');
    expect(unreadable.at(-2)).toContain('0:0: unexpected end of file');
    expect(unreadable.at(-1)).toBe('1:0: Parquet cannot be fed: only lines of JSON and CSV can');
  });

  const zstd =
    'zstdCompressSync' in zlib ? (zlib.zstdCompressSync as (text: string) => Buffer) : undefined;
  it.runIf(zstd !== undefined)('may be packed by zstd', async () => {
    expect(pathsOf((await read([zstd?.(documentOf('/a')) ?? ''])).records)).toEqual(['/a']);
  });
  it.runIf(zstd === undefined)('says so where zstd is not known', async () => {
    const { unreadable } = await read([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0])]);
    expect(unreadable[0]).toContain('0:0: this Node.js cannot read zstd');
  });

  it('passes over a line that is too long and keeps the numbers of the others', async () => {
    const file = path.join(dir, 'long');
    await writeFile(file, `a\n${'x'.repeat(300_000)}\nb\r\n\nc`);
    const lines: unknown[] = [];
    for await (const { number, bytes } of linesOf(unpacked(file), 1000))
      lines.push([number, bytes?.toString()]);
    expect(lines).toEqual([
      [1, 'a'],
      [2, undefined],
      [3, 'b\r'],
      [4, ''],
      [5, 'c'],
    ]);
  });
});

it('leaves no file open where reading is given up', async () => {
  const file = path.join(dir, 'some');
  await writeFile(file, zlib.gzipSync([documentOf('/a'), documentOf('/b')].join('\n')));
  const onUnreadable = () => undefined;
  const parts = {
    files: [file],
    kind: 'analytics',
    home,
    selects: () => true,
    onUnreadable,
    onTable: () => undefined,
  } as const;
  for await (const each of recordsOf(parts, { read: 0, leftOut: 0 })) {
    expect(pathsOf([each])).toEqual(['/a']);
    break;
  }
});

describe('CSV', () => {
  const at = '2024-03-10 22:22:00 +0000 UTC';
  const table = (...rows: readonly string[]): string =>
    `${['Path,TimeStamp', ...rows].join('\n')}\n`;

  it('has ids of its rows, however the file is packed, ends its lines or begins', async () => {
    const text = table(`/a,${at}`, `"/b\n""c""",${at}`, `/a,${at}`);
    const { ids, records, unreadable, tables } = await read([
      text,
      zlib.gzipSync(text),
      `\ufeff${text.replace(/(UTC|TimeStamp)\n/g, '$1\r\n')}`,
    ]);
    expect(unreadable).toEqual([]);
    expect(tables).toBe(3);
    expect(pathsOf(records.slice(0, 3))).toEqual(['/a', '/b\n"c"', '/a']);
    expect(ids.slice(3, 6)).toEqual(ids.slice(0, 3));
    expect(ids.slice(6)).toEqual(ids.slice(0, 3));
    expect(ids[0]).toMatch(/^feed-[0-9a-f]{32}:0$/);
    expect(ids[2]).toBe(ids[0]?.replace(/0$/, '1'));
  });

  it('is read row by row: what is broken is told by its line, headers again and empty lines are not', async () => {
    const rows = [
      `"/a\n",${at}`,
      'Path,TimeStamp',
      '/short',
      '',
      '/secret,yesterday',
      `/b"c,${at}`,
      `/left-out,${at}`,
      `/b,${at}`,
    ];
    const { counts, records, unreadable } = await read([`${table(...rows)}/half,${at}`]);
    expect(pathsOf(records)).toEqual(['/a\n', '/b']);
    expect(counts).toEqual({ read: 3, leftOut: 1 });
    expect(unreadable).toEqual([
      '0:5: has 1 cells, expected 2',
      '0:7: "TimeStamp": expected a time, such as 2026-01-31 12:00:00 +0000 UTC',
      '0:8: has a quote where none may stand: it is no CSV',
      expect.stringMatching(/^0:11: has no line end/),
    ]);
  });

  it('is refused with the names of columns that are none, and the next file is read', async () => {
    const { records, unreadable } = await read([
      `Path,Foo,TimeStamp\n/a,x,${at}\n`,
      table(`/b,${at}`),
      documentOf('/c'),
    ]);
    expect(pathsOf(records)).toEqual(['/b', '/c']);
    expect(unreadable).toEqual(['0:1: no column of a record: "Foo"']);
  });

  it('holds no uptime records', async () => {
    expect((await read([table(`/a,${at}`)], 'uptime')).unreadable).toEqual([
      '0:2: is a call, and the route takes uptime records',
    ]);
  });

  it('gives what can be read of a file that ends too soon', async () => {
    const rows = Array.from({ length: 6_000 }, (_, row) => `/${row * 7919},${at}`);
    const whole = zlib.gzipSync(table(...rows));
    const { records, unreadable } = await read([whole.subarray(0, whole.length - 100)]);
    expect(records.length).toBeGreaterThan(100);
    expect(unreadable).toEqual([expect.stringContaining('0:0: unexpected end of file')]);
  });
});
