import { createReadStream } from 'node:fs';
import { type Counter, explain, isAborted, pause, type SourceContext, seconds } from '#source';
import { type Entries, Outcome } from '../entries.ts';
import { piecesOf } from '../read/pieces.ts';
import { type FoundFile, findFiles } from './find-files.ts';
import type { KnownFiles } from './known-files.ts';

export interface ImporterParts {
  readonly context: SourceContext;
  readonly entries: Entries;
  readonly known: KnownFiles;
  readonly files: readonly string[];
  /** Bytes of an entry. */
  readonly longest: number;
}

/** Bytes that are read at a time. */
const part = 256 * 1024;
const lookEvery = seconds(2);

/** Imports files, one after the other, as fast as their records are written. */
export class Importer {
  readonly #parts: ImporterParts;
  readonly #counter: Counter;
  /** What has been tried in this process, by path: a look that finds it the same tries it no more. */
  readonly #tried = new Map<string, string>();

  constructor(parts: ImporterParts) {
    this.#parts = parts;
    this.#counter = parts.context.metrics.counter({
      name: 'sluice_capture_har_files_total',
      help: 'Files with HARs: `imported` as a whole, `partly` (something of them was skipped), `failed` (they cannot be read), `known` (imported before).',
      labels: ['outcome'],
    });
  }

  /** Imports what there is. False: something of it did not become a record that is written. */
  async once(signal: AbortSignal): Promise<boolean> {
    const { context, files } = this.#parts;
    const { files: found, missing } = await findFiles(files);
    for (const { path, reason } of missing) this.#fail(path, reason);
    if (found.length === 0 && missing.length === 0)
      context.log.warn({ files: files.join(', ') }, 'There is no file called *.har to import.');
    let isWhole = missing.length === 0;
    for (const file of found) if (!(await this.#import(file, signal))) isWhole = false;
    return isWhole;
  }

  /** Looks for new files until the signal aborts. A file is imported once it has not changed between two looks. */
  async watch(signal: AbortSignal): Promise<void> {
    const { context, files } = this.#parts;
    let last = new Map<string, string>();
    while (!isAborted(signal)) {
      const { files: found } = await findFiles(files);
      for (const file of found)
        if (this.#isNew(file) && last.get(file.path) === file.mark)
          await this.#import(file, signal);
      last = new Map(found.map(({ path, mark }) => [path, mark]));
      await pause(context.clock, lookEvery, signal);
    }
  }

  #isNew(file: FoundFile): boolean {
    return !this.#parts.known.has(file) && this.#tried.get(file.path) !== file.mark;
  }

  async #import(file: FoundFile, signal: AbortSignal): Promise<boolean> {
    if (isAborted(signal)) return false;
    const { context, known } = this.#parts;
    const { log } = context;
    if (known.has(file)) {
      this.#counter.add(1, { outcome: 'known' });
      log.info({ file: file.path }, 'A file was imported before, and is passed over.');
      return true;
    }
    this.#tried.set(file.path, file.mark);
    const outcome = new Outcome();
    try {
      await this.#read(file, outcome, signal);
    } catch (error) {
      this.#tell(file, outcome);
      this.#fail(file.path, explain(error));
      return false;
    }
    this.#tell(file, outcome);
    const fields = { file: file.path, imported: outcome.imported, skipped: outcome.skipped };
    if (isAborted(signal)) {
      log.error(fields, 'A file has been imported in part: it was stopped in the middle.');
      return false;
    }
    const isWritten = await context.writing.written(signal);
    if (isWritten) await known.add(file);
    const isWhole = outcome.skipped === 0 && isWritten;
    this.#counter.add(1, { outcome: isWhole ? 'imported' : 'partly' });
    if (!isWritten) log.error(fields, 'Records of a file are lost: the queue did not keep them.');
    else if (isWhole) log.info(fields, 'A file has been imported.');
    else log.warn(fields, 'A file has been imported but for the entries that were skipped.');
    return isWhole;
  }

  async #read({ path }: FoundFile, outcome: Outcome, signal: AbortSignal): Promise<void> {
    const { entries, longest } = this.#parts;
    const stream = createReadStream(path, { highWaterMark: part });
    try {
      for await (const piece of piecesOf(stream as AsyncIterable<Buffer>, { longest })) {
        if (isAborted(signal)) return;
        await entries.take(piece, outcome, signal);
      }
    } finally {
      stream.destroy();
    }
  }

  /** Each entry that was skipped, and how many more. */
  #tell({ path }: FoundFile, { told, skipped }: Outcome): void {
    const { log } = this.#parts.context;
    for (const { index, reason } of told)
      log.warn({ file: path, entry: index, reason }, 'An entry was skipped.');
    if (skipped > told.length)
      log.warn({ file: path, entries: skipped - told.length }, 'More entries were skipped.');
  }

  #fail(path: string, reason: string): void {
    this.#counter.add(1, { outcome: 'failed' });
    this.#parts.context.log.error({ file: path, reason }, 'A file cannot be imported.');
  }
}
