import { type Entry, LentWriters, type PumpContext } from '#pump';
import { compressionOf } from './compress.ts';
import { linesWriter } from './encode.ts';
import type { Options } from './options.ts';
import { codecOf } from './parquet/codec.ts';
import { parquetWriter } from './parquet/encode.ts';
import type { Content } from './store.ts';

/** How records stand in an object. */
export interface ObjectFormat {
  /** What its key ends with. */
  readonly ending: string;
  /**
   * Gives what becomes of an object of these records; its body is lent until that is known. `late` where the signal aborts before it
   * is whole.
   */
  store<T>(
    entries: readonly Entry[],
    put: (content: Content) => Promise<T>,
    late: T,
    signal: AbortSignal,
  ): Promise<T>;
}

type Document = PumpContext['document'];

export const formatOf = (options: Options, document: Document): Promise<ObjectFormat> =>
  options.format === 'parquet'
    ? parquetFormat(options, document)
    : Promise.resolve(linesFormat(options, document));

function linesFormat({ compression = 'gzip', record_ids }: Options, document: Document) {
  if (compression === 'snappy') throw new Error('options that were refused are not used');
  const { ending, encoding, compress } = compressionOf(compression);
  const writeLines = linesWriter(document, record_ids);
  const writers = new LentWriters();
  const format: ObjectFormat = {
    ending: `.ndjson${ending}`,
    store: (entries, put, late, signal) =>
      writers.lend(async (out) => {
        writeLines(entries, out);
        const body = await compress(out.view());
        return signal.aborted ? late : put({ type: 'application/x-ndjson', encoding, body });
      }),
  };
  return format;
}

/** Loads the library, which is read by nobody else. */
async function parquetFormat(
  { compression = 'snappy', record_ids: withIds }: Options,
  document: Document,
): Promise<ObjectFormat> {
  const library = await import('./parquet/library.ts');
  const write = parquetWriter({ library, document, withIds, codec: codecOf(compression) });
  return {
    ending: '.parquet',
    async store(entries, put, late, signal) {
      const body = await write(entries, signal);
      if (body === undefined) return late;
      return put({ type: 'application/vnd.apache.parquet', encoding: undefined, body });
    },
  };
}
