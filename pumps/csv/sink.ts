import {
  type Batch,
  ByteWriter,
  Delivery,
  delivered,
  explain,
  type Health,
  type PumpContext,
  retry,
  type Sink,
  seconds,
  unlessAborted,
  type Verdict,
} from '#pump';
import { verdictOf } from './answer.ts';
import { appendWhole } from './append.ts';
import type { CsvFile, CsvFolder } from './client.ts';
import { encodeHeader, rowWriter } from './encode.ts';
import { fileNameAt } from './file-name.ts';
import type { Options } from './options.ts';
import { Tail } from './tail.ts';

/**
 * Appends each batch with one write to the file of the hour. The file is opened for each batch, so that it may be
 * moved or deleted at any time, as with the reference.
 */
export class CsvSink implements Sink {
  readonly #folder: CsvFolder;
  readonly #options: Options;
  readonly #context: PumpContext;
  readonly #encodeRow: ReturnType<typeof rowWriter>;
  readonly #tail: Tail;
  readonly #rows = new ByteWriter(256 * 1024);
  /**
   * The file operations under way, after an abort too: they cannot be called back. Others wait for them, so that a disk
   * that does not answer takes one of the process's few threads, and not one for each attempt. Never rejects.
   */
  #busy: Promise<unknown> | undefined;
  #probing: Promise<Health> | undefined;

  constructor(folder: CsvFolder, options: Options, context: PumpContext) {
    this.#folder = folder;
    this.#options = options;
    this.#encodeRow = rowWriter(options);
    this.#context = context;
    this.#tail = new Tail(folder, context.clock, context.log);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    while (this.#busy !== undefined && !signal.aborted)
      await unlessAborted(this.#busy, undefined, signal);
    const verdict = signal.aborted
      ? aborted
      : await unlessAborted(this.#alone(this.#write(batch)), aborted, signal);
    return Delivery.whole(batch, verdict);
  }

  async check(signal: AbortSignal): Promise<Health> {
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    const late: Health = { state: 'down', reason: 'the folder did not answer in time' };
    return unlessAborted(this.#probing, late, signal);
  }

  async close(signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#busy ?? Promise.resolve(), undefined, signal);
  }

  #alone<T>(work: Promise<T>): Promise<T> {
    this.#busy = work.finally(() => {
      this.#busy = undefined;
    });
    return work;
  }

  async #probe(): Promise<Health> {
    while (this.#busy !== undefined) await this.#busy;
    const probe = this.#folder.probe(fileNameAt(this.#context.clock.now())).then(
      (): Health => ({ state: 'up' }),
      (error: unknown): Health => ({ state: 'down', reason: explain(error) }),
    );
    return this.#alone(probe);
  }

  async #write(batch: Batch): Promise<Verdict> {
    try {
      const name = fileNameAt(this.#context.clock.now());
      const file = await this.#folder.open(name);
      try {
        return await this.#append(file, name, batch);
      } finally {
        await file.close();
      }
    } catch (error) {
      return verdictOf(error);
    }
  }

  async #append(file: CsvFile, name: string, batch: Batch): Promise<Verdict> {
    const before = await this.#tail.settle(file, name);
    if (before === undefined) return beingWritten;
    const isNew = before.size === 0;
    const rows = this.#encode(batch, { isNew });
    await appendWhole(file, before, rows.view());
    await this.#tail.grewBy(file, rows.length);
    if (this.#options.fsync === 'batch') {
      await file.sync();
      if (isNew) await this.#folder.sync();
    }
    return delivered();
  }

  /** Not within `#append`: of a function that waits V8 compiles the loop anew for each batch that it finds long. */
  #encode(batch: Batch, { isNew }: { readonly isNew: boolean }): ByteWriter {
    const rows = this.#rows;
    rows.clear();
    if (isNew) encodeHeader(rows);
    for (const { record } of batch.entries) this.#encodeRow(record, rows);
    return rows;
  }
}

const aborted = retry({ kind: 'timeout', message: 'the write was aborted; it may still happen' });

const beingWritten = retry(
  { kind: 'throttled', message: 'the file ends in half a row: another process may be writing it' },
  seconds(2),
);
