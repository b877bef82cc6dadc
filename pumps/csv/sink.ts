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
import { type Table, tableOf } from './encode.ts';
import { fileNameAt } from './file-name.ts';
import type { Options } from './options.ts';
import { Tail } from './tail.ts';

/**
 * Appends each batch with one write to the file of the hour. The file is opened for each batch, so that it may be
 * moved or deleted at any time, as with the reference. Where the file has other columns, as one from before `fields` changed,
 * the rows go to another file: none ever stands below names that are not its own.
 */
export class CsvSink implements Sink {
  readonly #folder: Folder;
  readonly #options: Options;
  readonly #context: PumpContext;
  readonly #table: Table;
  readonly #header: Buffer;
  readonly #tail: Tail;
  readonly #rows = new ByteWriter(256 * 1024);
  readonly #turns = new OneAtATime();
  #probing: Promise<Health> | undefined;
  /** The files of that hour up to this one have other columns. */
  #part = { hour: '', number: 1 };

  constructor(folder: Folder, options: Options, context: PumpContext) {
    this.#folder = folder;
    this.#options = options;
    this.#table = tableOf(context.document, options);
    const header = new ByteWriter();
    this.#table.writeHeader(header);
    this.#header = header.take();
    this.#context = context;
    this.#tail = new Tail(folder, context.clock, context.log);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const verdict = await this.#turns.run(() => this.#write(batch, signal), aborted, signal);
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
    return this.#turns.runAll(() =>
      this.#folder.probe(this.#fileName()).then(
        (): Health => ({ state: 'up' }),
        (error: unknown): Health => ({ state: 'down', reason: explain(error) }),
      ),
    );
  }

  #fileName(): string {
    const now = this.#context.clock.now();
    const hour = fileNameAt(now);
    if (this.#part.hour !== hour) this.#part = { hour, number: 1 };
    return fileNameAt(now, this.#part.number);
  }

  async #write(batch: Batch, signal: AbortSignal): Promise<Verdict> {
    try {
      for (;;) {
        const name = this.#fileName();
        const file = await this.#folder.open(name);
        try {
          const verdict = await this.#append(file, name, { batch, signal });
          if (verdict !== undefined) return verdict;
        } finally {
          await file.close();
        }
        const { hour, number } = this.#part;
        this.#part = { hour, number: number + 1 };
        this.#context.log.info({ file: name }, 'The file has other columns; a new one is begun.');
      }
    } catch (error) {
      return verdictOf(error);
    }
  }

  /** Undefined where the file has other columns. */
  async #append(
    file: OpenFile,
    name: string,
    { batch, signal }: { readonly batch: Batch; readonly signal: AbortSignal },
  ): Promise<Verdict | undefined> {
    const before = await this.#tail.settle(file, name);
    if (before === undefined) return beingWritten;
    const isNew = before.size === 0;
    if (!isNew && !(await this.#hasOurColumns(file))) return undefined;
    // Its records were lent until it was given up.
    if (signal.aborted) return aborted;
    const rows = this.#encode(batch, { isNew });
    await appendWhole(file, before, rows.view());
    await this.#tail.grewBy(file, rows.length);
    if (this.#options.fsync === 'batch') {
      await file.sync();
      if (isNew) await this.#folder.sync();
    }
    return delivered();
  }

  async #hasOurColumns(file: OpenFile): Promise<boolean> {
    const start = Buffer.alloc(this.#header.length);
    const length = await file.read(start, 0);
    return length === start.length && start.equals(this.#header);
  }

  /** Not within `#append`: of a function that waits V8 compiles the loop anew for each batch that it finds long. */
  #encode(batch: Batch, { isNew }: { readonly isNew: boolean }): ByteWriter {
    const rows = this.#rows;
    rows.clear();
    if (isNew) rows.bytes(this.#header);
    this.#table.writeRow.many(batch.entries, rows);
    return rows;
  }
}

const aborted = retry({ kind: 'timeout', message: 'the write was aborted; it may still happen' });

const beingWritten = retry(
  { kind: 'throttled', message: 'the file ends in half a row: another process may be writing it' },
  seconds(2),
);
