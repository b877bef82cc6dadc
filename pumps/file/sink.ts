import {
  type Batch,
  ByteWriter,
  Delivery,
  delivered,
  explain,
  type Health,
  type Millis,
  type PumpContext,
  retry,
  type Sink,
  unlessAborted,
  type Verdict,
} from '#pump';
import { appendWhole } from '../shared/files/append.ts';
import { verdictOf } from '../shared/files/failure.ts';
import type { Folder, OpenFile } from '../shared/files/folder.ts';
import { OneAtATime } from '../shared/files/one-at-a-time.ts';
import type { Names } from './aside-name.ts';
import { lineWriter } from './encode.ts';
import type { Keeper } from './keeper.ts';
import type { Lock } from './lock.ts';
import type { Options } from './options.ts';
import type { Tail } from './tail.ts';

export interface SinkParts {
  readonly folder: Folder;
  readonly names: Names;
  readonly tail: Tail;
  readonly keeper: Keeper;
  readonly options: Options;
  readonly context: PumpContext;
  /** Waits for the file to be nobody else's; undefined: nobody is asked. */
  readonly lock: ((signal: AbortSignal) => Promise<Lock>) | undefined;
}

/** Appends each batch with one write. The file is opened for each, so that it may be moved or deleted at any time. */
export class FileSink implements Sink {
  readonly #parts: SinkParts;
  readonly #writeLines: ReturnType<typeof lineWriter>;
  readonly #lines = new ByteWriter(256 * 1024);
  readonly #turns = new OneAtATime();
  /** When this process wrote to the file last. */
  #lastWrite: Millis | undefined;
  #probing: Promise<Health> | undefined;

  constructor(parts: SinkParts) {
    this.#parts = parts;
    this.#writeLines = lineWriter(parts.context.document);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const verdict = await this.#turns.run(() => this.#write(batch, signal), aborted, signal);
    return Delivery.whole(batch, verdict);
  }

  async check(signal: AbortSignal): Promise<Health> {
    this.#probing ??= this.#turns
      .runAll(() => this.#probe())
      .finally(() => {
        this.#probing = undefined;
      });
    const late: Health = { state: 'down', reason: 'the folder did not answer in time' };
    return unlessAborted(this.#probing, late, signal);
  }

  async close(signal: AbortSignal): Promise<void> {
    await this.#turns.idle(signal);
    await unlessAborted(this.#parts.keeper.close(), undefined, signal);
  }

  async #probe(): Promise<Health> {
    const { folder, names, keeper, options } = this.#parts;
    try {
      await folder.probe(names.live);
    } catch (error) {
      return { state: 'down', reason: explain(error) };
    }
    // Files grow old where no record comes, too.
    if (options.keep_for > 0) keeper.tidy();
    return { state: 'up' };
  }

  async #write(batch: Batch, signal: AbortSignal): Promise<Verdict> {
    try {
      const lock = await this.#parts.lock?.(signal);
      try {
        // Its records were lent until it was given up.
        if (signal.aborted) return aborted;
        this.#lines.clear();
        this.#writeLines(batch, this.#lines);
        await this.#append(this.#lines.view());
      } finally {
        await lock?.release();
      }
      return delivered();
    } catch (error) {
      return verdictOf(error);
    }
  }

  async #append(lines: Buffer): Promise<void> {
    const { folder, names, keeper } = this.#parts;
    const file = await folder.open(names.live);
    let isDue: boolean;
    try {
      isDue = await this.#isDue(file, lines.length);
      if (!isDue) await this.#appendTo(file, lines);
    } finally {
      await file.close();
    }
    if (!isDue) return;
    await keeper.putAside();
    keeper.tidy();
    const next = await folder.open(names.live);
    try {
      await this.#appendTo(next, lines);
    } finally {
      await next.close();
    }
  }

  /** Whether a new file is to be begun. A torn end is mended first: what is put aside consists of whole lines. */
  async #isDue(file: OpenFile, length: number): Promise<boolean> {
    const { tail, names, options, context } = this.#parts;
    const { size, isOurs } = await tail.settle(file, names.live);
    if (size === 0) return false;
    const { rotate_bytes, rotate_every } = options;
    if (rotate_bytes > 0 && size + length > rotate_bytes) return true;
    if (rotate_every === 0) return false;
    const last = (isOurs ? this.#lastWrite : undefined) ?? (await file.modified());
    const stretchOf = (time: number): number => Math.floor(time / rotate_every);
    return stretchOf(last) !== stretchOf(context.clock.now());
  }

  async #appendTo(file: OpenFile, lines: Buffer): Promise<void> {
    const { folder, tail, names, options, context } = this.#parts;
    const before = await tail.settle(file, names.live);
    await appendWhole(file, before, lines);
    await tail.grewBy(file, lines.length);
    this.#lastWrite = context.clock.now();
    if (options.fsync === 'none') return;
    await file.sync();
    if (before.size === 0) await folder.sync();
  }
}

const aborted = retry({ kind: 'timeout', message: 'the write was aborted; it may still happen' });
