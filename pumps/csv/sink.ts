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
import { appendWhole } from '../shared/files/append.ts';
import { verdictOf } from '../shared/files/failure.ts';
import type { Folder, OpenFile } from '../shared/files/folder.ts';
import { OneAtATime } from '../shared/files/one-at-a-time.ts';
import { encodeHeader, rowWriter } from './encode.ts';
import { fileNameAt } from './file-name.ts';
import type { Options } from './options.ts';
import { Tail } from './tail.ts';

/**
 * Appends each batch with one write to the file of the hour. The file is opened for each batch, so that it may be
 * moved or deleted at any time, as with the reference.
 */
export class CsvSink implements Sink {
  readonly #folder: Folder;
  readonly #options: Options;
  readonly #context: PumpContext;
  readonly #encodeRow: ReturnType<typeof rowWriter>;
  readonly #tail: Tail;
  readonly #rows = new ByteWriter(256 * 1024);
  readonly #turns = new OneAtATime();
  #probing: Promise<Health> | undefined;

  constructor(folder: Folder, options: Options, context: PumpContext) {
    this.#folder = folder;
    this.#options = options;
    this.#encodeRow = rowWriter(options);
    this.#context = context;
    this.#tail = new Tail(folder, context.clock, context.log);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const verdict = await this.#turns.run(() => this.#write(batch), aborted, signal);
    return Delivery.whole(batch, verdict);
  }

  async check(signal: AbortSignal): Promise<Health> {
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    const late: Health = { state: 'down', reason: 'the folder did not answer in time' };
    return unlessAborted(this.#probing, late, signal);
  }

  close(signal: AbortSignal): Promise<void> {
    return this.#turns.idle(signal);
  }

  #probe(): Promise<Health> {
    const name = fileNameAt(this.#context.clock.now());
    return this.#turns.runAll(() =>
      this.#folder.probe(name).then(
        (): Health => ({ state: 'up' }),
        (error: unknown): Health => ({ state: 'down', reason: explain(error) }),
      ),
    );
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

  async #append(file: OpenFile, name: string, batch: Batch): Promise<Verdict> {
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
