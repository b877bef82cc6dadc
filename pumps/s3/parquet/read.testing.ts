import * as zlib from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';

const undoZstd: unknown =
  'zstdDecompressSync' in zlib ? zlib.zstdDecompressSync : (): never => expectZstd();

function expectZstd(): never {
  throw new Error('This Node.js has no zstd.');
}

const compressors = {
  GZIP: (page: Uint8Array) => zlib.gunzipSync(page),
  // What the name says, in every release that has it.
  ZSTD: undoZstd as (page: Uint8Array) => Uint8Array,
};

const arrayOf = (file: Buffer): ArrayBuffer => Uint8Array.from(file).buffer;

/** The rows of a file of Parquet, decoded by another library than the one that writes it. */
export async function rowsOf(file: Buffer): Promise<readonly Record<string, unknown>[]> {
  const rows = await parquetReadObjects({ file: arrayOf(file), compressors });
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(withNull)));
}

/** It has two words for nothing. */
const withNull = ([name, value]: readonly [string, unknown]) => [name, value ?? null] as const;

/** How a file is made: its rows by group, the types of its columns, and how these are compressed. */
export function layoutOf(file: Buffer) {
  const { row_groups, schema, created_by } = parquetMetadata(arrayOf(file));
  const codecs = row_groups.flatMap(({ columns }) => columns.map((one) => one.meta_data?.codec));
  return {
    groups: row_groups.map(({ num_rows }) => Number(num_rows)),
    codecs: [...new Set(codecs)],
    schema,
    created_by,
  };
}

/** All of it as lines of JSON, for those who look for texts: columns are compressed. */
export async function linesOf(file: Buffer): Promise<readonly string[]> {
  const plain = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? Number(value) : value;
  return (await rowsOf(file)).map((row) => JSON.stringify(row, plain));
}
